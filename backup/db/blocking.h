/*
 * A backup must not stop the application: a thread that looks every second who
 * waits for our locks, and how far we hold the server back from cleaning up.
 *
 *     ALTER TABLE (the application) --waits for--> our lock of that table
 *           5 s later: we let go of that table, and come back to it later
 *           5 s more: pg_terminate_backend() of all that is ours
 */
#ifndef GONOGO_BACKUP_DB_BLOCKING_H
#define GONOGO_BACKUP_DB_BLOCKING_H

#include "backup/db/login.h"

typedef struct blocking blocking;

/*
 * Lets go of the table with that number in pg_class, for which WHO ("process
 * 4711 (bitbucket) waited 5 s for us") waits; false: it can't.  It is called by
 * the watch's own thread.
 */
typedef bool (*blocking_yield)(const char *oid, const char *who, void *user);

struct blocking_options {
	blocking_yield yield;     /* NULL: nothing can be let go of alone */
	void (*turn)(void *user); /* each second, by that thread; or NULL */
	void *user;
};

/* Watches all connections named L->name, by its limits; L is borrowed.
 * Errors: db_open(). */
blocking *blocking_start(const struct db_login *l,
    const struct blocking_options *options,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * True: we were not made to end.  BUSY: somebody had waited too long, and all
 * our connections were ended; REMOTE: we held the server back too long.
 */
bool blocking_check(blocking *b, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Ends the watch. */
void blocking_stop(blocking *b);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(blocking, blocking_stop)

#endif
