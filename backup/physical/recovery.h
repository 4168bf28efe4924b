/*
 * What tells a server to recover to the point of a set, and to begin there.
 *
 *     FOLDER/recovery.signal  FOLDER/postgresql.auto.conf (at its end)
 */
#ifndef GONOGO_BACKUP_PHYSICAL_RECOVERY_H
#define GONOGO_BACKUP_PHYSICAL_RECOVERY_H

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

struct recovery {
	const char *folder; /* data folder, laid */
	const char *set;    /* its id */
	const char *lsn;    /* the point */
	bool no_settings;   /* drop what postgresql.auto.conf said */
};

/* SYSTEM; DATA: the set tells no point. */
bool recovery_write(
    const struct recovery *r, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The two files get the owner, if OWNED. */
bool recovery_give(const struct recovery *r, bool owned, uid_t uid, gid_t gid,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
