/*
 * A subject of an interface is a table of routes in a file of its own;
 * routes.c knows the product's tables.
 */
#ifndef GONOGO_SIM_ROUTE_H
#define GONOGO_SIM_ROUTE_H

#include "tests/sim/message.h"

enum route_flags {
	ROUTE_WHILE_LOCKED = 1,   /* answers during maintenance */
	ROUTE_WHILE_STARTING = 2, /* answers on a node that is not up yet */
	ROUTE_SUDO = 4,           /* guarded by secure administrator sessions */
	ROUTE_DENIES_403 = 8,     /* missing permission is 403 here, else 401 */
};

struct route {
	const char *method;
	/* "/rest/api/~/x/{}": `~` is latest or 1.0, `{}` one segment. */
	const char *path;
	enum permission permission;
	unsigned flags;
	void (*serve)(struct request *r, struct reply *reply);
};

/*
 * The route of TABLE that fits; `part` of R is filled.  NULL: none; then
 * *other_method is set when the path exists for another method.
 */
const struct route *route_find(
    const struct route *table, struct request *r, bool *other_method);

#endif
