/*
 * The installed apps, and what administrators do to them; each act leaves an
 * event in the audit log.
 */
#ifndef GONOGO_SIM_APPS_H
#define GONOGO_SIM_APPS_H

#include "tests/sim/cluster.h"

/* The installed app KEY; NULL: none. */
json *apps_find(const cluster *c, const char *key);

/* {"action":"install|update|enable|disable|uninstall","key",...}.  DATA. */
bool apps_change(cluster *c, const json *wish, GError **error);

#endif
