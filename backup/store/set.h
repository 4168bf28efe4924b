/*
 * The sets of a store, as their records tell.
 *
 *     snapshots/<seq>-<utc>/  SNAPSHOT.json    the record; its rename made it
 *                             SNAPSHOT.sha256  the record's checksum
 *     verify/<seq>-<n>.json   proofs, each with a .sha256 beside it and, where
 *                             the store has a key, a .dsse (store/signed.h)
 */
#ifndef GONOGO_BACKUP_STORE_SET_H
#define GONOGO_BACKUP_STORE_SET_H

#include "backup/store/store.h"
#include "contract/proof.h"
#include "contract/snapshot.h"

typedef struct set set;
struct set {
	char *id;
	uint64_t sequence;
	char *folder; /* path */
	char *sha256; /* of SNAPSHOT.json as it lies there */
	struct snapshot snapshot;
	char *trouble; /* why the record can't be read; NULL: it was */
};
void set_free(struct set *s);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(set, set_free)

/* Gives struct set * of every committed set, oldest first; one whose record
 * can't be read has its `trouble` and no snapshot.  SYSTEM. */
GPtrArray *sets_list(const store *s, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Gives the set NAME: an id, a sequence number, or NULL or "latest" for the
 * newest.  USAGE: there is none, with a hint.  DATA: its record can't be read.
 */
struct set *set_find(
    const store *s, const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* set_find() for one that wants what the set holds.  USAGE: it is asserted, and
 * lies elsewhere. */
struct set *set_find_held(
    const store *s, const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* set_find() for one that wants to see it also when it has its `trouble`. */
struct set *set_find_any(
    const store *s, const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Is there a folder of that ID, but no record in it: what a run that was cut
 * off leaves, or a set that has lost it? */
bool set_lacks_record(const store *s, const char *id);
/* Was that one whole once: has it a proof, or a set that was made after it? */
bool set_was_whole(const store *s, const char *id);
/* Gives the ids (char *) of all that lack a record.  SYSTEM. */
GPtrArray *sets_without_record(
    const store *s, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The next number: beyond every set, half set, proof and removed set. */
bool sets_next(const store *s, uint64_t *sequence,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Reads the newest proof of this very record; *found says whether there is
 * one.  A harmed proof is none, and a pass that the store's key did not sign;
 * both are warned of. */
bool set_newest_proof(const store *s, const struct set *one,
    struct proof *proof, bool *found, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The same for what all its proofs say together: the newest failure, or, of
 * what passed since then, what was read closest. */
bool set_best_proof(const store *s, const struct set *one, struct proof *best,
    bool *found, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Adds to HARMED (char *) what is wrong with each proof of the set that is not
 * as it was written: their numbers have no gap. */
bool set_check_proofs(const store *s, const struct set *one, GPtrArray *harmed,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Puts PROOF into the store under the next number; gives its path. */
char *set_add_proof(const store *s, const struct set *one,
    const struct proof *proof, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Puts TEXT at PATH (0600) after its checksum at PATH less ".json" plus
 * ".sha256", which `sha256sum -c` takes in the store: NAME is PATH there.
 */
bool record_save(const char *path, const char *name, const char *text,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Is the record at PATH as its checksum says?  SYSTEM, DATA: which is wrong. */
bool record_check(const char *path, const char *name,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
