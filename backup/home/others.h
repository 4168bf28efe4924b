/*
 * Saves all that is no repository: portions of files by the workers, folders
 * behind them, and at last what makes a home start.
 */
#ifndef GONOGO_BACKUP_HOME_OTHERS_H
#define GONOGO_BACKUP_HOME_OTHERS_H

#include "backup/home/state.h"

/* What makes a home start, and the home's own folder: last in a restore. */
bool others_save_last(struct home *h, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The rest; that last part, too, unless it is saved already. */
bool others_save(struct home *h, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
