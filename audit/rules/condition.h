/*
 * Whether a note of the version pack concerns this cluster: its conditions,
 * held against the facts.  docs/formats.md#version-pack
 */
#ifndef GONOGO_AUDIT_RULES_CONDITION_H
#define GONOGO_AUDIT_RULES_CONDITION_H

#include "contract/facts.h"

/* What is not known is neither. */
enum holds { HOLDS_UNKNOWN, HOLDS_NO, HOLDS_YES };

/* Is OP one that a condition may have?  *needs_value: with a value. */
bool condition_op(const char *op, bool *needs_value);

/*
 * Does C hold of F, whose document is given?  Of many values one suffices;
 * what is absent is known to be so when C's source was seen, else unknown.
 */
enum holds condition_holds(
    const struct condition *c, const struct facts *f, const json *document);

/*
 * Do all of NOTE's conditions?  One that fails decides, whatever is unknown of
 * the others.  *decides: the first that did, or that is unknown; NULL: it has
 * none, and concerns everybody.
 */
enum holds condition_all(const struct note *note, const struct facts *f,
    const json *document, const struct condition **decides);

#endif
