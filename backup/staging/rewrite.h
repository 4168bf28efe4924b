/*
 * What a database says of production, rewritten for a staging copy.
 */
#ifndef GONOGO_BACKUP_STAGING_REWRITE_H
#define GONOGO_BACKUP_STAGING_REWRITE_H

#include "port/pg.h"

/* No host has it, whatever the network: RFC 2606. */
#define REWRITE_NOWHERE "staging.invalid"

struct rewrite {                /* all of it borrowed */
	const char *url, *home; /* of the copy */
	const GPtrArray *hosts; /* char *: production's */
	const GPtrArray *paths; /* char *: production's folders */
	GPtrArray *changes;     /* char *, owned: gets a line for each */
	GPtrArray *left;        /* char *, owned: what can't be rewritten */
};

/*
 * Adds what the database itself knows of production: the hosts of its URL, Mesh
 * nodes, mirrors and remote directories, its home, its data stores.  REMOTE.
 */
bool rewrite_learn(pg *db, GPtrArray *hosts, GPtrArray *paths,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Rewrites; what is refused is added to LEFT.  DB: of db_open_bitbucket().
 * STOPPED, REMOTE. */
bool rewrite_run(
    pg *db, const struct rewrite *r, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Searches every column of every table, and large objects; what still names
 * production is added to LEFT. */
bool rewrite_search(
    pg *db, const struct rewrite *r, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
