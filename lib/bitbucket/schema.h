/*
 * What is read of Bitbucket's database.  Tables differ between versions: a
 * missing one is said, not guessed.  docs/sources.md#database
 */
#ifndef GONOGO_BITBUCKET_SCHEMA_H
#define GONOGO_BITBUCKET_SCHEMA_H

#include "port/pg.h"

/* Where a repository row says that its directory lies. */
enum repository_place { PLACE_SHARED_HOME, PLACE_DATA_STORE, PLACE_MESH };

struct repository_row {
	uint64_t id;
	char *project, *slug, *hierarchy;
	enum repository_place place;
	uint64_t store;  /* DATA_STORE: bb_data_store.id */
	uint64_t origin; /* 0: no fork */
};
void repository_row_free(struct repository_row *row);

/* Gives struct repository_row *, by id.  REMOTE: no such tables, no right. */
GPtrArray *schema_repositories(
    pg *db, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Gives id -> path of the data stores (char * -> char *); empty: none. */
GHashTable *schema_data_stores(
    pg *db, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Gives the value of app_property KEY; NULL without error: no such row. */
bool schema_property(pg *db, const char *key, char **value,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Is there a table NAME in the search path? */
bool schema_has_table(pg *db, const char *name, bool *there,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Is there a column of it? */
bool schema_has_column(pg *db, const char *table, const char *column,
    bool *there, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* An open pull request's two tips. */
struct pull_row {
	uint64_t id, from_repository, to_repository;
	char *from_hash, *to_hash;
};
void pull_row_free(struct pull_row *row);
/* Gives struct pull_row * of every open pull request, by id. */
GPtrArray *schema_open_pulls(pg *db, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
