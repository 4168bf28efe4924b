/*
 * Signatures of proofs.
 *
 *     verify/<seq>-<n>.json   the proof
 *     verify/<seq>-<n>.dsse   a DSSE envelope, whose payload is an in-toto
 *                             statement: subjects are the proof and the set's
 *                             SNAPSHOT.json, the predicate is the proof
 */
#ifndef GONOGO_BACKUP_STORE_SIGNED_H
#define GONOGO_BACKUP_STORE_SIGNED_H

#include "backup/store/store.h"

struct signed_proof {       /* borrowed */
	const char *name;   /* "verify/000001-1.json" */
	const char *text;   /* of the proof, NUL-terminated */
	const char *set;    /* its id */
	const char *record; /* SHA-256 of its SNAPSHOT.json */
};

/* Signs P by the key of S, if it has one.  SYSTEM. */
bool signed_write(const store *s, const struct signed_proof *p,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Did the key of S, which it has, sign P?  DATA, SYSTEM: why not. */
bool signed_check(const store *s, const struct signed_proof *p,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
