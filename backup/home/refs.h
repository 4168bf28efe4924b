/*
 * Refs as git keeps them in files: loose ones (a file each) and packed ones.
 */
#ifndef GONOGO_BACKUP_HOME_REFS_H
#define GONOGO_BACKUP_HOME_REFS_H

#include "backup/home/have.h"

/* Names with what they point to; {0} is empty. */
typedef struct refs refs;
struct refs {
	GHashTable *loose;  /* name -> "40 hex" or "ref: name" */
	GHashTable *packed; /* the same, of packed-refs and stash-packed-refs */
	GHashTable *logged; /* name -> "40 hex": the last value in its log */
	GPtrArray *broken;  /* names of files or lines that are neither */
};

/* Is PATH, from the repository down, a loose ref: HEAD, refs/..., ...? */
bool refs_is_loose(const char *path);
/* Is it one of the two files of packed refs? */
bool refs_is_packed(const char *path);

void refs_add_loose(
    struct refs *r, const char *path, const char *text, size_t length);
void refs_add_packed(struct refs *r, const char *text, size_t length);

/* PATH: "logs/" and a name. */
void refs_add_log(
    struct refs *r, const char *path, const char *text, size_t length);

/*
 * Has each ref the value that its log ends in?  If not, it moved between the
 * reading of the one and of the other, or it is not logged any more.  A log
 * without its ref names objects that nobody keeps.
 */
bool refs_logs_agree(const struct refs *r);

/*
 * A name that is also a folder of another one ("a" and "a/b"): the files were
 * read while git changed one into the other.  NULL: none.  Borrowed.
 */
const char *refs_conflict(const struct refs *r);

/* Gives lines "NAME VALUE", sorted; a loose ref hides the packed one. */
GPtrArray *refs_lines(const struct refs *r);

/* Gives struct oid of all that any of them points to, sorted, each once. */
GArray *refs_tips(const struct refs *r);

void refs_clear(struct refs *r);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(refs, refs_clear)

#endif
