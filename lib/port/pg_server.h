/*
 * A private PostgreSQL, for as long as it is needed and no longer.
 *
 *     we ---socket pair---> keeper ---> postgres
 *
 * The keeper is a small process of ours that holds the server and its folders.
 * When we close it, and when we end in whatever way, it stops the server and
 * removes all that was made; when it is killed itself, the server ends too.
 * The server listens on a socket alone, in a folder that nobody else can open.
 */
#ifndef GONOGO_PORT_PG_SERVER_H
#define GONOGO_PORT_PG_SERVER_H

#include <glib.h>
#include <stdbool.h>

typedef struct pg_server pg_server;

struct pg_server_options {  /* borrowed */
	const char *above;  /* an existing folder: a new one is made in it */
	const char *bindir; /* initdb and postgres lie there */
	const char *user;   /* root steps down to it; else it is passed over */
	const char *const *settings; /* "name=value" for the server, whose
					folder is the new one; or NULL */
	unsigned start_s;            /* how long a start may take; 0: 120 */
};

/*
 * Makes the folders and the keeper.  To be called before any thread is begun.
 * USAGE: no such user.  SYSTEM.
 */
pg_server *pg_server_open(const struct pg_server_options *o,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Stops it, and waits until all is removed. */
void pg_server_close(pg_server *s);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(pg_server, pg_server_close)

/* The new folder, for whatever else is to be gone in the end. */
const char *pg_server_folder(const pg_server *s);
/* Where the server's data is or will be: FOLDER/data. */
const char *pg_server_data(const pg_server *s);
/* Who owns the server: its superuser's name. */
const char *pg_server_user(const pg_server *s);

/* Makes the data folder by initdb, with a superuser of the user's own name,
 * whom the socket knows by the kernel.  SYSTEM. */
bool pg_server_init(pg_server *s, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Starts the server on the data folder and waits until it takes connections.
 * SYSTEM: it ended before, with the last lines of its log.  STOPPED. */
bool pg_server_start(pg_server *s, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Gives the URL of DATABASE for the superuser, without a password. */
char *pg_server_url(const pg_server *s, const char *database);

/* Does it run?  False with *error set: it does not, with its last words. */
bool pg_server_is_up(pg_server *s, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
