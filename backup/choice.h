/*
 * What people mean in a set: repositories by number or by project and slug,
 * files by path; and how people are told of it.
 */
#ifndef GONOGO_BACKUP_CHOICE_H
#define GONOGO_BACKUP_CHOICE_H

#include "backup/store/manifest.h"
#include "backup/store/set.h"
#include "contract/evidence.h"

/* Reads the set's EVIDENCE.json into the empty *how.  SYSTEM, DATA. */
bool choice_evidence(const struct set *set, struct evidence *how,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Adds to GROUPS (struct manifest_group *, borrowed) the repositories that
 * NAMES ("42", "DEMO/alpha") mean, each with those it borrows objects from.
 * USAGE: the set holds none of that name.
 */
bool choice_repositories(const struct set *set, const struct manifest *m,
    char **names, GPtrArray *groups, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Gives "repository 42 (DEMO/alpha)", as far as HOW (may be NULL) knows it, or
 * the group's own name where that is no repository's. */
char *choice_title(
    const struct manifest_group *group, const struct evidence *how);

/*
 * Is PATH one of PATTERNS, below one of them, or matched by one?  A star
 * matches any bytes, a slash too.
 */
bool choice_has_path(char **patterns, const char *path);

#endif
