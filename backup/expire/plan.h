/*
 * Which sets of a store may go.
 *
 * A set goes when enough newer ones of its kind (home, database, both) are
 * proved, and it is old enough.  Proved: GOOD, and its newest proof read every
 * byte and passed.  Of sets that others assert, those count that lack nothing
 * by their own words, for others of their kind alone.  Age is counted from the
 * newest set, not from the clock: a clock that jumps makes nothing old.
 */
#ifndef GONOGO_BACKUP_EXPIRE_PLAN_H
#define GONOGO_BACKUP_EXPIRE_PLAN_H

#include "backup/store/set.h"

struct keep {
	int64_t last;     /* of the newest proved sets, and all newer ones */
	int64_t days;     /* older than the newest set */
	int64_t verified; /* proved ones at least, whatever else is said */
	char **only; /* these alone go, whatever their age; NULL: by rule */
};

struct plan_set {
	const struct set *set; /* of the plan's list */
	bool verified;
	bool sound; /* verified; or asserted, and lacking nothing else */
	bool goes;
	char *why;
};

typedef struct plan plan;
struct plan {
	GPtrArray *sets; /* struct set, oldest first */
	GArray *rows;    /* struct plan_set, in the same order */
};

/*
 * NOW is the clock's.  USAGE: no such set, or it is one of the last proved
 * ones.  DATA: the clock is behind the newest set, or went back between two
 * sets, so that nobody knows how old they are.
 */
bool plan_make(struct plan *p, const store *s, const struct keep *keep,
    int64_t now, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void plan_clear(struct plan *p);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(plan, plan_clear)

/* How many proved sets have a higher number than SEQUENCE? */
guint plan_verified_after(const struct plan *p, uint64_t sequence);

#endif
