/*
 * A dump must not stop the application: a thread that looks every second who
 * waits for our connections, and ends them when somebody has waited too long.
 *
 *     ALTER TABLE (the application) --waits for--> pg_dump's lock
 *           5 s later: pg_terminate_backend(pg_dump), and the dump fails
 */
#ifndef GONOGO_BACKUP_DB_BLOCKING_H
#define GONOGO_BACKUP_DB_BLOCKING_H

#include "backup/db/login.h"

typedef struct blocking blocking;

/* Watches all connections named L->name; L is borrowed.  Errors: db_open(). */
blocking *blocking_start(const struct db_login *l, unsigned patience_s,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Ends the watch.  Gives who had waited when we gave way ("process 4711
 * (bitbucket) waited 5 s for our dump"), NULL: nobody waited too long.
 */
char *blocking_stop(blocking *b);

#endif
