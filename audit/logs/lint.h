/*
 * Is a log pack fit for use?  Every rule is held against its own samples, by
 * the same code that searches logs.
 */
#ifndef GONOGO_AUDIT_LOGS_LINT_H
#define GONOGO_AUDIT_LOGS_LINT_H

#include "audit/logs/pack.h"

struct log_lint {
	unsigned rules, elsewhere; /* of them: not searched in logs */
	unsigned ways[3];          /* by enum pattern_way */
	GPtrArray *lines;          /* strings: "G01 hs", a rule each */
	GPtrArray *flaws;          /* strings: what is wrong, all of it */
};

/* Fills the empty *OUT. */
void log_lint(const struct log_pack *pack, struct log_lint *out);

typedef struct log_lint log_lint_result;
void log_lint_clear(struct log_lint *l);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(log_lint_result, log_lint_clear)

#endif
