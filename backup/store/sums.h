/*
 * SHA256SUMS: the stored bytes of every file that a set uses, with paths from
 * the store, so that `sha256sum -c` alone can tell whether it is as it was.
 */
#ifndef GONOGO_BACKUP_STORE_SUMS_H
#define GONOGO_BACKUP_STORE_SUMS_H

#include <glib.h>
#include <stdbool.h>

#include "base/hash.h"

typedef struct sums sums;
struct sums {
	GArray *lines; /* struct sum */
};

struct sum {
	char sha256[HASH_HEX + 1];
	char *path;
};

void sums_add(struct sums *s, const char *sha256, const char *path);
/* Gives the SHA-256 of the file PATH.  SYSTEM. */
char *sums_hash(const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Hashes the file PATH, which the list calls NAME, and adds it.  SYSTEM. */
bool sums_add_file(struct sums *s, const char *path, const char *name,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Sorts by path and writes it to PATH, 0600.  SYSTEM. */
bool sums_write(
    struct sums *s, const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Reads PATH into an empty list.  SYSTEM.  DATA: a line of another form, a
 * path that leaves the store or comes twice. */
bool sums_read(
    struct sums *s, const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The line of PATH in a sorted list; NULL: none. */
const struct sum *sums_find(const struct sums *s, const char *path);
/* Gives the SHA-256 of all lines of a sorted list whose path begins with
 * PREFIX, which is left out of them. */
char *sums_digest(const struct sums *s, const char *prefix);
void sums_clear(struct sums *s);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(sums, sums_clear)

#endif
