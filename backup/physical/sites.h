/*
 * The archives of a physical copy, and where the files of each go.
 *
 *     FILES.tsv --> base    --> FOLDER
 *               --> 16384   --> FOLDER.tablespaces/16384, or where people want
 */
#ifndef GONOGO_BACKUP_PHYSICAL_SITES_H
#define GONOGO_BACKUP_PHYSICAL_SITES_H

#include "backup/physical/laying.h"
#include "backup/physical/parts.h"

/* An archive, and where its files go. */
struct site {
	char *archive; /* "base", "16384" */
	char *folder;
	GPtrArray *parts; /* struct db_file (borrowed), in their order */
	unsigned number;  /* of the site */
};

typedef struct sites sites;
struct sites {
	GPtrArray *files;  /* struct db_file: all parts, WAL too */
	GPtrArray *spaces; /* struct tablespace */
	GPtrArray *all;    /* struct site; the data folder is the last */
};
void sites_clear(struct sites *s);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(sites, sites_clear)

/* Reads the set's lists into an empty *s.  DATA: a part is missing.  SYSTEM. */
bool sites_open(struct sites *s, const struct lay *l,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Is there a tablespace for each wish, and are all places vacant?  USAGE. */
bool sites_check(const struct sites *s, const struct lay *l,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Makes the folders, and the links of tablespaces.  SYSTEM. */
bool sites_make(const struct sites *s, const struct lay *l,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* DATA: WHAT is wrong with the set. */
bool sites_fail(const struct lay *l, const char *what, GError **error);
/* PATH gets the owner that all of it gets. */
bool lay_give(const struct lay *l, const char *path,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
