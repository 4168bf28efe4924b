/*
 * A backup that others made, as they tell of it: nobody here has read a byte.
 *
 *     the site's `prove` hook --prints--> assertion --adopt--> a set's record
 *     AWS Backup's own replies ---------^
 *
 * Of a moment that is not known exactly `at` is the earliest and `until` the
 * latest that it can be.
 */
#ifndef GONOGO_CONTRACT_ASSERTION_H
#define GONOGO_CONTRACT_ASSERTION_H

#include "contract/shape.h"

enum asserted_part {
	ASSERTED_HOME,
	ASSERTED_DATABASE,
	ASSERTED_DATA_STORE, /* repositories outside the home */
	ASSERTED_MESH_NODE,
};
extern const char *const asserted_part_names[];

struct asserted_point {
	int part;            /* enum asserted_part */
	char *id;            /* by which its maker finds it again */
	struct number at;    /* the moment that it shows */
	struct number until; /* not known: it is `at` */
	char *place;         /* where it lies */
	char *resource;      /* of what it was made */
	struct flag encrypted;
	struct number bytes;
};

struct assertion {
	char *provider;                  /* who says so: "NetApp ONTAP 9.14" */
	GPtrArray *points;               /* struct asserted_point */
	struct number restore_tested_at; /* such a backup was restored */
	char *server_id, *version;       /* of the Bitbucket that it holds */
	GPtrArray *unproved; /* strings: what its maker can't say, either */
};

extern const struct shape assertion_shape, asserted_point_shape;

typedef struct assertion assertion;
void assertion_clear(struct assertion *a);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(assertion, assertion_clear)

/* Is there a point of PART? */
bool assertion_has(const struct assertion *a, enum asserted_part part);

/* The earliest and the latest moment of all points but the database's, or of
 * the database's; false: there is none. */
bool assertion_span(
    const struct assertion *a, bool database, int64_t *first, int64_t *last);

#endif
