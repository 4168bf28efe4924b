/*
 * What only people can say.  A rule that needs a person is `manual`; an answer
 * settles it when it is of this upgrade and not too old:
 *
 *     findings --ask--> answers.conf --by hand, into the bundle--> facts
 *     manual finding --its answer--> pass, or fail; without one it stays
 */
#ifndef GONOGO_AUDIT_QUESTIONS_H
#define GONOGO_AUDIT_QUESTIONS_H

#include "audit/rules/rule.h"

/* Settles F of J, if it is for a person, by the answer among the facts.  Gives
 * until when the answer holds; not known: nobody answers F. */
struct number questions_settle(const struct judging *j, struct finding *f);

/*
 * Gives the file that asks all open questions of FOUND for the upgrade to
 * TARGET (may be NULL), for people to fill in.
 */
char *questions_text(const struct findings *found, const char *target);

#endif
