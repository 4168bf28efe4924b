/*
 * git's own caches below objects/: lists of what is in packs, graphs of
 * commits.  git makes them anew when they are missing, but trusts them when
 * they are there: one that names what a copy has not would break it.
 */
#ifndef GONOGO_BACKUP_HOME_CACHE_H
#define GONOGO_BACKUP_HOME_CACHE_H

#include "backup/home/have.h"

/* Is NAME ("pack-<sum>.pack") in the copy? */
typedef bool (*cache_pack)(const char *name, void *user);
/* Are all these objects in the copy? */
typedef bool (*cache_has)(const struct oid *oids, size_t length, void *user);

/*
 * Does the open multi-pack-index FD name only packs of the copy?  SUM gets its
 * last 20 bytes in hex: what belongs to it has that in its name.
 */
bool cache_packs_are_whole(
    int fd, cache_pack pack, void *user, char sum[OID_HEX + 1]);

/* Does the open commit-graph FD name only objects of the copy? */
bool cache_graph_is_whole(int fd, cache_has has, void *user);

#endif
