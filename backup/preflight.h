/*
 * What has to be so before a backup locks or writes anything.  `create` stops
 * at the first thing that is not; `doctor` looks at all of them.
 */
#ifndef GONOGO_BACKUP_PREFLIGHT_H
#define GONOGO_BACKUP_PREFLIGHT_H

#include "backup/db/dump.h"
#include "backup/physical/cluster.h"
#include "bitbucket/homes.h"
#include "contract/settings.h"
#include "port/http.h"

struct preflight {
	const struct settings *settings; /* borrowed */
	const char *mode;                /* by name, as people know it */
	bool locks;                      /* it locks Bitbucket */
	const struct home_kind *kind;    /* NULL: home_shared */
	bool no_home, no_database;       /* the set is to do without */

	/* What was found on the way, for the backup itself: */
	char *url; /* the node that answers; NULL: none was asked */
	struct db_login login;
	struct db_login primary; /* url NULL: `login` is no standby */
	struct dump_programs programs;
	struct cluster cluster; /* of a physical copy */
	uint64_t database_bytes;
	char *version, *server_id; /* of Bitbucket; NULL: not seen */
	int server_version;        /* of the database: 150020; 0: not seen */
	char *database_version;    /* "15.20" */
	char *store_filesystem;
	uint64_t store_free_bytes;
};

typedef struct preflight preflight;
void preflight_clear(struct preflight *p);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(preflight, preflight_clear)

/* A question whose answer is a line, or an error with what to do. */
struct preflight_check {
	const char *what; /* "pg_dump" */
	/* *GOOD is given: what was found. */
	bool (*run)(struct preflight *p, char **good, GError **error);
};

/* In the order to ask them; ended by {0}. */
extern const struct preflight_check preflight_checks[];

/* The one of the store's place, for those that ask for less. */
bool preflight_store(
    struct preflight *p, char **good, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Asks them all.  The first error ends it. */
bool preflight_pass(
    struct preflight *p, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
