/*
 * What is read of the home while nothing writes, as little as can be:
 *
 *     of each repository   a look at its stamp; if that changed, its refs
 *     config/, plugins/    small files are read, big ones opened: an open file
 *                          is read to its end later on, whatever its name
 *                          becomes
 *     bitbucket.properties read
 *
 * Objects, attachments and LFS files are written once and never changed: they
 * are saved when users are back.
 */
#ifndef GONOGO_BACKUP_HOME_STILL_H
#define GONOGO_BACKUP_HOME_STILL_H

#include "backup/home/state.h"

void still_free(struct still *s);

/* Saves the files above into H->still, which is new then. */
bool still_save(struct home *h, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Reads what was only opened. */
bool still_save_pinned(
    struct home *h, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
