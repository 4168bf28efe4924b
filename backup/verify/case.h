/*
 * What the parts of a verification share.
 */
#ifndef GONOGO_BACKUP_VERIFY_CASE_H
#define GONOGO_BACKUP_VERIFY_CASE_H

#include "backup/store/manifest.h"
#include "backup/store/set.h"
#include "backup/verify/stored.h"
#include "base/progress.h"
#include "contract/proof.h"

struct verify {
	const store *store;
	const struct set *set;
	struct manifest *manifest; /* NULL: it can't be read */
	unsigned jobs;
	bool *chosen; /* by number: the groups whose files are read back */
	struct flaws flaws;
	struct stored_files stored;
	uint64_t objects_read; /* of those in `stored` */
	GMutex mutex;          /* for what follows */
	struct proof proof;
	struct progress progress;
};

/* Counts BYTES as read back, and shows it.  Any thread. */
void verify_count(struct verify *v, uint64_t bytes);

#endif
