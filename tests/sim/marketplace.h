/*
 * The Marketplace: what it lists, as REST v2 tells it and as the product's own
 * update check reads it.
 */
#ifndef GONOGO_SIM_MARKETPLACE_H
#define GONOGO_SIM_MARKETPLACE_H

#include "tests/sim/route.h"

/* A request to the Marketplace's own port. */
void marketplace_serve(struct request *r, struct reply *reply);

/* The listing of the app KEY; NULL: not listed.  Borrowed. */
const json *marketplace_listing(const cluster *c, const char *key);

/* Is VERSION of LISTING declared for BUILD of the product? */
bool marketplace_fits(const json *listing, const json *version, int64_t build);

#endif
