/*
 * The update check: what the product concludes from the Marketplace's listing
 * about each app and a newer product version.
 */
#ifndef GONOGO_SIM_UPDATES_H
#define GONOGO_SIM_UPDATES_H

#include "tests/sim/cluster.h"

enum update {
	UPDATE_COMPATIBLE,
	UPDATE_BEFORE, /* a version suits both products */
	UPDATE_AFTER,  /* a version suits the target only */
	UPDATE_INCOMPATIBLE,
	UPDATE_UNKNOWN, /* not listed, or the look-up failed */
	UPDATE_LISTS,
	UPDATE_NOT_CHECKED = UPDATE_LISTS, /* in none of the lists */
};
extern const char *const update_names[UPDATE_LISTS];

/* Can the product reach the Marketplace, and may it? */
bool updates_are_known(const cluster *c);

/* APP of a product of build NOW, on the way to build TARGET. */
enum update updates_check(
    const cluster *c, const json *app, int64_t now, int64_t target);

/* Adds updateAvailable, incompatible and update to VALUE, for build NOW. */
void updates_add(const cluster *c, const json *app, int64_t now, json *value);

#endif
