/*
 * How we come to Bitbucket's database: URL, password, and as which user.
 */
#ifndef GONOGO_BACKUP_DB_LOGIN_H
#define GONOGO_BACKUP_DB_LOGIN_H

#include "contract/settings.h"
#include "port/pg.h"
#include "port/pg_replication.h"
#include "port/process.h"

struct db_login {
	char *url; /* without a password */
	secret *password;
	char *bindir; /* of pg_dump and so on; NULL: where they are found */
	char *run_as; /* root steps down to it for peer authentication; NULL:
			 it need not */
	char *name;   /* what the server knows our connections as */
	/* How much of the server we may take. */
	unsigned jobs;       /* connections that copy; 0: measured */
	uint64_t rate;       /* bytes a second; 0: no limit */
	unsigned patience_s; /* nobody waits longer for our locks */
	uint64_t most_xmin;  /* transactions that our snapshot may be old;
				0: no limit */
};

typedef struct db_login db_login;
void db_login_clear(struct db_login *l);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(db_login, db_login_clear)

/* Reads [database] of S into an empty *l.  USAGE: no url. */
bool db_login_read(const struct settings *s, struct db_login *l,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The same login for another database URL (of the same server or not). */
bool db_login_for(const struct settings *s, const char *url, struct db_login *l,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Does the server run on this host? */
bool db_login_is_local(const struct db_login *l);

/*
 * Connects, for work that takes as long as it takes: no time-outs of
 * statements, UTC, UTF-8, texts of values that do not depend on the server's
 * settings.  Errors: pg_open().
 */
pg *db_open(const struct db_login *l, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The same, and names inside values are written in full, as in a dump. */
pg *db_open_plain(
    const struct db_login *l, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * The same, and Bitbucket's own tables are found by their plain names: they may
 * lie in a schema that is not in our role's search path.
 */
pg *db_open_bitbucket(
    const struct db_login *l, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The same login, for copies of the whole server. */
pg_replication *db_open_replication(
    const struct db_login *l, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Finds PROGRAM ("pg_dump") of at least the server's major version: in bindir
 * where that is set, else Debian's folders, else PATH.  Gives its path, and
 * its version when VERSION is not NULL.  SYSTEM: not there or too old, with
 * the package to install.
 */
bool db_program(const struct db_login *l, const char *program,
    int server_version, char **path, char **version,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Gives the folder SCRATCH and all that lies in it to the user that programs
 * run as; nothing to do when that is us.  SYSTEM.
 */
bool db_give(const struct db_login *l, const char *scratch,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Runs the program at PATH, logged in to the database, with ARGUMENTS (ended
 * by NULL) in the folder SCRATCH, given to it by db_give().  OPTIONS: more for
 * its session (" -c x=y"), or NULL.  OUT_FD: where its stdout goes; 0: it is
 * collected.  Any exit code is a result.
 */
bool db_run(const struct db_login *l, const char *path,
    const char *const *arguments, const char *options, const char *scratch,
    int out_fd, struct process_result *result,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
