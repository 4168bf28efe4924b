/*
 * An object of the store on its way into a file.
 */
#ifndef GONOGO_BACKUP_RESTORE_LAY_H
#define GONOGO_BACKUP_RESTORE_LAY_H

#include "backup/store/object.h"

/* Writes the plain bytes of an object to FD, known to people as NAME, and
 * checks them; where it has long runs of zeros the file has holes.  DATA,
 * SYSTEM. */
bool lay_object(const store *s, const struct object_source *from, int fd,
    const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
