/*
 * What lies in a store, against what its sets use.
 *
 *     objects/, segments/ --< item { path, bytes, used by how many sets }
 */
#ifndef GONOGO_BACKUP_STOCK_H
#define GONOGO_BACKUP_STOCK_H

#include "backup/store/set.h"

struct stock_item {
	char *path; /* in the store */
	uint64_t bytes;
	unsigned sets; /* that use it; 0: none */
};

typedef struct stock stock;
struct stock {
	GPtrArray *items;   /* struct stock_item, by path */
	GPtrArray *strange; /* char *: paths of what is none of the two */
};

/* Lists what lies there, used by no set so far.  SYSTEM. */
bool stock_read(
    struct stock *k, const store *s, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void stock_clear(struct stock *k);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(stock, stock_clear)

/* NULL: nothing lies at PATH. */
struct stock_item *stock_find(const struct stock *k, const char *path);

/* Counts SET among those that use what its SHA256SUMS names.  SYSTEM, DATA:
 * the list can't be read, so nobody knows what the set needs. */
bool stock_use(struct stock *k, const struct set *set,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
