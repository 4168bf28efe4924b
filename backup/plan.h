/*
 * `create --plan`: every write, lock and load that a backup would cause.
 */
#ifndef GONOGO_BACKUP_PLAN_H
#define GONOGO_BACKUP_PLAN_H

#include <stdbool.h>

#include "backup/mode/mode.h"
#include "contract/settings.h"

struct plan {
	const struct mode *mode;
	bool no_home, no_database; /* the set is to do without */
};

/* Prints it and does nothing; gives an exit code, or -1 with *error set. */
int plan_print(
    const struct settings *s, const struct plan *plan, GError **error);

#endif
