/*
 * The commands of [snapshot]: a site's own way to make a snapshot of the
 * home's file system.
 *
 *     pre .. point of the database .. create .. mount .. copy .. destroy
 *
 * They run without a shell, in a process group of their own, and find in their
 * environment:
 *
 *     GONOGO_HOOK      pre, create, mount or destroy
 *     GONOGO_SNAPSHOT  a name for it: letters, digits and "-"
 *     GONOGO_HOME      the shared home
 *     GONOGO_MOUNT     an empty folder, for those that have to mount
 */
#ifndef GONOGO_BACKUP_MODE_HOOK_H
#define GONOGO_BACKUP_MODE_HOOK_H

#include "contract/settings.h"

struct hook {
	const struct settings *settings;
	const char *what;     /* "create" */
	const char *command;  /* NULL: nothing is run */
	const char *snapshot; /* its name */
	const char *mount;    /* the folder */
	bool to_end;          /* goes on though a signal asked us to stop */
};

/* Runs it; *said (given) is what it printed.  SYSTEM: its exit is not 0, or its
 * time is up; its last words stand in the text. */
bool hook_run(const struct hook *h, char **said,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
