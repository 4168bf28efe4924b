/*
 * git as a child: no hooks, no prompts, no network, no configuration but the
 * repository's, at most LIMIT_GIT_S.
 */
#ifndef GONOGO_PORT_GIT_H
#define GONOGO_PORT_GIT_H

#include "port/process.h"

/*
 * Runs `git --git-dir=REPOSITORY ARGUMENTS...` (ended by NULL); INPUT may be
 * NULL.  Any exit code is a result.  Errors: process_run().
 */
bool git_run(const char *repository, const char *const *arguments,
    const char *input, struct process_result *result,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * `git fsck` of a repository, all objects (FULL) or --connectivity-only.
 * Dangling objects are no flaw.  Gives NULL when it is clean, else what git
 * said, in *flaw.
 */
bool git_fsck(const char *repository, bool full, char **flaw,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Gives "2.39.5".  SYSTEM: no git. */
char *git_version(GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
