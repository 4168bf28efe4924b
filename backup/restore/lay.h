/*
 * An object of the store on its way into a file.
 */
#ifndef GONOGO_BACKUP_RESTORE_LAY_H
#define GONOGO_BACKUP_RESTORE_LAY_H

#include "backup/store/object.h"

struct lay {
	int fd;           /* borrowed; at the begin of an empty file */
	const char *name; /* for people */
	bool refused;     /* out: it was the file that failed, not the store */
	/* Private to lay.c. */
	uint64_t written, begun;
	bool hole; /* the last bytes were zeros, and were not written */
};

/*
 * Writes the plain bytes of an object and checks them; where it has long runs
 * of zeros the file has holes.  The disk begins to write at once, so that who
 * waits for it at the end has less to wait for.  DATA, SYSTEM.
 */
bool lay_object(const store *s, const struct object_source *from,
    struct lay *to, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
