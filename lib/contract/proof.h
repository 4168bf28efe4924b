/*
 * What was read back or restored of a set, compared with what.  It never says
 * anything of what was not tried.
 *
 *     STORE/verify/<seq>-<n>.json
 */
#ifndef GONOGO_CONTRACT_PROOF_H
#define GONOGO_CONTRACT_PROOF_H

#include "contract/shape.h"
#include "contract/snapshot.h"

enum proof_level {
	PROOF_QUICK,   /* records, sizes */
	PROOF_FULL,    /* every stored byte */
	PROOF_DEEP,    /* + repositories materialised, git fsck */
	PROOF_RESTORE, /* home and database really restored and compared */
};

enum proof_outcome { PROOF_UNFINISHED, PROOF_FAILED, PROOF_PASSED };

extern const char *const proof_level_names[], *const proof_outcome_names[];

/* What was read back beyond the proof's level, of a part of the set alone. */
struct proof_sample {
	char *level;        /* "full" or "deep": how it was read */
	char *share;        /* "10%" or "25", as it was asked for */
	struct number seed; /* chooses the same part again */
	struct number objects, objects_of; /* read, of how many */
	struct number groups, groups_of;
};

/* How long a restore took, of what was restored. */
struct proof_times {
	struct number home_ms, database_ms;
	struct number compare_ms; /* and the looking afterwards */
};

struct proof {
	char *made_by;
	char *set;             /* the snapshot's id */
	char *snapshot_sha256; /* of the SNAPSHOT.json that was read */
	int level, outcome;    /* the enums above; proved of the whole set */
	struct proof_sample sample; /* its level is NULL: no sample */
	struct number started_at, ended_at;
	struct number files, objects, segments, bytes; /* looked at */
	struct number repositories;                    /* fsck'ed */
	struct number refs;                            /* counted */
	struct number tables, rows;                    /* compared */
	struct proof_times times;                      /* of a drill */
	GPtrArray *flaws; /* struct flaw, of contract/snapshot.h */
};

extern const struct shape proof_shape;

typedef struct proof proof;
void proof_clear(struct proof *p);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(proof, proof_clear)

#endif
