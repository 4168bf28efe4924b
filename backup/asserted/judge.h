/*
 * Does what others say of their backup hold together?  The same order as of
 * our own: the database's point first, the files' not before it.
 *
 *     database [at .. until]      <=      files [at .. until]
 */
#ifndef GONOGO_BACKUP_ASSERTED_JUDGE_H
#define GONOGO_BACKUP_ASSERTED_JUDGE_H

#include "contract/snapshot.h"

struct asserted_limits {
	int64_t now, max_age_s, max_gap_s;
};

/* DATA: no point at all, one of the future or too old, an end before its
 * beginning, a text that is empty, endless or has control characters. */
bool asserted_check(const struct assertion *a, const struct asserted_limits *l,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Adds to S what makes the set DEGRADED: first of all that it is asserted,
 * then what it lacks by its own words.
 */
void asserted_judge(const struct assertion *a, const struct asserted_limits *l,
    struct snapshot *s);

#endif
