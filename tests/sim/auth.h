/*
 * Who asks, and may they?  Basic for everything; Bearer tokens never carry an
 * administrator's permission.
 */
#ifndef GONOGO_SIM_AUTH_H
#define GONOGO_SIM_AUTH_H

#include "tests/sim/route.h"

/* Fills user, permission, by_token.  False: a wrong login, the reply is 401. */
bool auth_identify(struct request *r, struct reply *reply);

/* False: the reply says why not. */
bool auth_permits(
    const struct request *r, const struct route *route, struct reply *reply);

#endif
