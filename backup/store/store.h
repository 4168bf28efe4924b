/*
 * The store: a folder that holds backup sets.
 *
 *     STORE.json  RESTORE.md  restore.sh
 *     objects/ab/<sha256>[.zst|.pfd]  a file over 1 MiB, or a dump's data file
 *     segments/<id>.tar.zst       small files; a frame is a group's members
 *     snapshots/<seq>-<utc>/      one set; SNAPSHOT.json is put there last
 *     verify/<seq>-<n>.json       proofs
 *     tmp/ trash/ lock/
 *
 * Nothing that has its final name is ever written again.  A set is there if
 * and only if its SNAPSHOT.json is, and all that it names was durable before.
 */
#ifndef GONOGO_BACKUP_STORE_STORE_H
#define GONOGO_BACKUP_STORE_STORE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "port/sign.h"

enum store_access {
	STORE_READ,  /* for list, verify, restore: many at a time */
	STORE_WRITE, /* for create: one at a time; the store is made if vacant
		      */
};

typedef struct store store;

/*
 * Opens the store in folder PATH and locks it for ACCESS.  USAGE: not a store,
 * with a hint.  DATA: of a newer format, or harmed.  BUSY: another process
 * writes to it, the text says who (host, process, verb) and since when.
 */
store *store_open(const char *path, enum store_access access,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
void store_close(store *s);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(store, store_close)

const char *store_path(const store *s);
int store_root(const store *s); /* descriptor of the folder */
const char *store_uuid(const store *s);
/* Was it made for this: "pfd" (objects may be deltas of others)? */
bool store_has(const store *s, const char *feature);

/*
 * Holds a store that is open for writing alone, so that nobody reads what is
 * moved away: others that come wait.  BUSY: somebody is there.  store_share()
 * lets them in again.
 */
bool store_alone(store *s, GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool store_share(store *s, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * From now on proofs are signed by KEY (taken; may be NULL), and of those that
 * passed only what it signed counts.
 */
void store_sign_by(store *s, sign_key *key);
/* Borrowed; NULL: none. */
const sign_key *store_key(const store *s);

/* Gives the path of NAME in the store. */
char *store_file(const store *s, const char *name);

#endif
