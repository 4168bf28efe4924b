/*
 * A private PostgreSQL on a physical copy: can a server start on it, does it
 * reach the point, can all of it be read?
 *
 * Nothing of the old server's settings is in force there: they may name its
 * archive, its standbys, its addresses.
 */
#ifndef GONOGO_BACKUP_PHYSICAL_TRIAL_H
#define GONOGO_BACKUP_PHYSICAL_TRIAL_H

#include "backup/db/login.h"
#include "backup/physical/lay.h"
#include "port/pg_server.h"

struct trial { /* borrowed */
	const store *store;
	const struct set *set;
	const char *role;   /* that the old server knew */
	const char *above;  /* an existing folder; all goes afterwards */
	const char *bindir; /* [database] bindir; or NULL */
	const char *run_as; /* whom root steps down to */
	unsigned jobs;
};

/* How much of ABOVE it takes. */
uint64_t trial_room(const struct set *set);

/*
 * Opens what a server needs; to be called before any thread is begun.  SYSTEM:
 * no PostgreSQL of the set's major version here.
 */
pg_server *trial_open(
    const struct trial *t, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Lays the copy, has pg_verifybackup look at it, and starts the server: it is
 * up only when it has reached the point.  *login: its superuser in Bitbucket's
 * database.  DATA: what is wrong with the copy.  SYSTEM, STOPPED.
 */
bool trial_start(const struct trial *t, pg_server *s, struct db_login *login,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

struct trial_counts {
	uint64_t tables, rows;
};
/* Reads every row of the database.  REMOTE: what can't be read. */
bool trial_read(const struct db_login *login, struct trial_counts *counts,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
