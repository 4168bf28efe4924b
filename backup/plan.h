/*
 * `create --plan`: every write, lock and load that a backup would cause.
 */
#ifndef GONOGO_BACKUP_PLAN_H
#define GONOGO_BACKUP_PLAN_H

#include <stdbool.h>

#include "contract/settings.h"

/* Prints it and does nothing; gives an exit code, or -1 with *error set. */
int plan_print(const struct settings *s, bool sealed, GError **error);

#endif
