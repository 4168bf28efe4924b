/*
 * A set comes back for a trial, in a folder of its own, and is compared with
 * what its backup saw.
 *
 *     room -> private server -> home -> database -> compared
 *
 * Whatever the set lacks is a flaw in d.flaws; times and counts are told in
 * d.proof.
 */
#ifndef GONOGO_BACKUP_DRILL_REHEARSAL_H
#define GONOGO_BACKUP_DRILL_REHEARSAL_H

#include "backup/db/login.h"
#include "backup/drill/case.h"
#include "port/pg_server.h"

struct rehearsal {
	struct drill d;
	const struct settings *settings;
	const char *above; /* the folder of all that it makes */
	store *store;
	set *set;
	/* while it runs */
	manifest *manifest;
	evidence how;
	pg_server *server;
	struct db_login login;
	char *home;
};

bool rehearsal_has_home(const struct rehearsal *s);
bool rehearsal_has_database(const struct rehearsal *s);

/*
 * Runs it with settings, above, store, set and of *d what is asked for.
 * USAGE, SYSTEM: this host can't do it, which says nothing of the set; STOPPED.
 */
bool rehearsal_run(
    struct rehearsal *s, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Ends the server, removes what was made, and lets go of store and set. */
void rehearsal_clear(struct rehearsal *s);

#endif
