/*
 * The sets of a store, a row each: what `backup list --json` prints.
 */
#ifndef GONOGO_CONTRACT_SETS_H
#define GONOGO_CONTRACT_SETS_H

#include "contract/proof.h"
#include "contract/snapshot.h"

struct sets_row {
	char *id, *path;
	char *trouble; /* why its record can't be read; then nothing follows */
	struct number sequence;
	char *status, *mode; /* as in its record */
	GPtrArray *parts;    /* strings; NULL: home and database */
	struct number started_at, point_at, ended_at;
	struct number bytes;        /* when restored: home and database */
	struct number stored_bytes; /* that it uses in the store */
	struct number new_bytes;    /* of these, that no set before it used */
	struct number files, repositories, rows;
	struct number flaws; /* that it was made with */
	char *asserted_by;   /* others have it, and say so; NULL: we do */
	char *proof_level, *proof_outcome; /* NULL: nobody looked */
	struct number proved_at;
};

struct sets {
	GPtrArray *sets; /* struct sets_row, newest first */
};

extern const struct shape sets_shape, sets_row_shape;

typedef struct sets sets;
void sets_clear(struct sets *s);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(sets, sets_clear)

#endif
