/*
 * Which way to save fits a site: what `backup advise --json` prints.
 */
#ifndef GONOGO_CONTRACT_ADVICE_H
#define GONOGO_CONTRACT_ADVICE_H

#include "contract/shape.h"

enum advice_answer { ADVICE_NO, ADVICE_YES, ADVICE_IF };
extern const char *const advice_answer_names[];

struct advice_strategy {
	char *strategy; /* as the vendor's guide calls it */
	int here;       /* enum advice_answer; IF: something is set first */
	char *mode;     /* of `backup create`, or the verb adopt; NULL: none
			 * of ours */
	char *why;
};

struct advice {
	/* A freeze looks LOOKS times at each, of LOOK_US each, and holds still
	 * for STILL_MS beyond the drain. */
	struct number repositories, looks, look_us, still_ms;
	GPtrArray *strategies; /* struct advice_strategy */
	char *recommended;     /* a mode */
};

extern const struct shape advice_shape, advice_strategy_shape;

typedef struct advice advice;
void advice_clear(struct advice *a);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(advice, advice_clear)

#endif
