/*
 * What people have looked into and let be: an INI file with a group for each
 * rule or error, which holds until there are more entries or another node.
 *
 *     [G02]
 *     by = Anna Example
 *     at = 2026-11-20T10:00:00Z
 *     count = 12
 *     nodes = bb-1; bb-2
 *     why = the fork's origin was moved; repaired, ticket 4711
 */
#ifndef GONOGO_AUDIT_LOGS_ACKNOWLEDGED_H
#define GONOGO_AUDIT_LOGS_ACKNOWLEDGED_H

#include "contract/logs.h"

/* Adds what the file PATH holds to *LIST (struct logs_acknowledged, made when
 * NULL).  USAGE with file and line: a group twice, a key that is missing or
 * unknown, a value that is not of its kind.  SYSTEM: cannot read. */
bool acknowledged_read(const char *path, GPtrArray **list,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
