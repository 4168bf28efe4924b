/*
 * Saves all that is no repository: portions of files by the workers, folders
 * behind them, and at last what makes a home start.
 */
#ifndef GONOGO_BACKUP_HOME_OTHERS_H
#define GONOGO_BACKUP_HOME_OTHERS_H

#include "backup/home/state.h"

bool others_save(struct home *h, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
