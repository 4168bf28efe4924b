/*
 * How long a freeze would hold still (backup/home/freeze.c): from a sample of
 * repositories, looked at as it does.
 */
#ifndef GONOGO_BACKUP_HOME_FORESEE_H
#define GONOGO_BACKUP_HOME_FORESEE_H

#include "port/fs.h"

struct foresight {
	uint64_t repositories;
	uint64_t looks;     /* of one repository, at its files' metadata */
	uint64_t look_us;   /* one of them, as it is waited for */
	uint64_t still_ms;  /* for all, by many at a time */
	uint64_t longest_s; /* how old names may be that the mount shows */
	struct fs_mount mount;
};
typedef struct foresight foresight;
void foresight_clear(struct foresight *f);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(foresight, foresight_clear)

/* Looks at the shared home HOME.  USAGE, SYSTEM. */
bool foresee(const char *home, struct foresight *f,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
