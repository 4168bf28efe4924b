/*
 * The audit log: events in the order in which they happened, told newest
 * first, a page at a time.
 */
#ifndef GONOGO_SIM_AUDIT_H
#define GONOGO_SIM_AUDIT_H

#include "tests/sim/route.h"

struct audit_event {
	const char *action, *category;
	const char *author; /* NULL: the administrator */
	const char *object, *object_type, *object_id;
};

/* Happens now. */
void audit_add(cluster *c, const struct audit_event *event);

extern const struct route audit_routes[];

#endif
