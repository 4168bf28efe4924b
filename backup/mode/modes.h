/*
 * The modes that there are.
 */
#ifndef GONOGO_BACKUP_MODE_MODES_H
#define GONOGO_BACKUP_MODE_MODES_H

#include "backup/mode/mode.h"

/* Ended by {0}. */
extern const struct mode modes[];

/* What a mode that can't be kept up becomes: hot. */
const struct mode *modes_fallback(void);

/* USAGE: there is none of that NAME; the text names those that there are. */
const struct mode *modes_find(
    const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
