/*
 * Two clocks that disagree: a node's against the others', and all of theirs
 * against ours.
 */
#ifndef GONOGO_AUDIT_RULES_SKEW_H
#define GONOGO_AUDIT_RULES_SKEW_H

#include "contract/facts.h"

/*
 * How far the nodes (struct node *) are off from our clock as a body: the
 * median, of two in the middle the smaller.  Not known: no node shows its
 * clock.
 */
struct number skew_common(const GPtrArray *nodes);

#endif
