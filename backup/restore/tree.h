/*
 * One tree of a set on its way back: the home, or the files from outside of it.
 *
 *     .gonogo-incomplete, all files, links, folders, bitbucket.properties;
 *     made durable; then the mark goes
 */
#ifndef GONOGO_BACKUP_RESTORE_TREE_H
#define GONOGO_BACKUP_RESTORE_TREE_H

#include "backup/rebuild.h"
#include "backup/store/set.h"

struct tree { /* all of it borrowed */
	const store *store;
	const struct set *set;
	const struct manifest *manifest;
	const char *target;           /* a new or empty folder */
	const char *what;             /* "the home" */
	bool also;                    /* the files from outside, not the home */
	char **repositories, **paths; /* these alone (choice.h); NULL: all */
	bool allow_setuid;
	bool keep_mark; /* the target is not whole yet; tree_end() ends it */
	unsigned jobs;
};

/* To ask before anything is written: is there what was asked for, does the
 * manifest keep to its record, is there room?  USAGE, DATA, SYSTEM. */
bool tree_check(const struct tree *t, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* When it fails, the mark stays.  DATA: a harmed file, SYSTEM, STOPPED. */
bool tree_restore(const struct tree *t, struct rebuild_counts *counts,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The mark that was kept goes: the target is whole.  SYSTEM. */
bool tree_end(const struct tree *t, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
