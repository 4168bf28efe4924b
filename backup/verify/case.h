/*
 * What the parts of a verification share.
 */
#ifndef GONOGO_BACKUP_VERIFY_CASE_H
#define GONOGO_BACKUP_VERIFY_CASE_H

#include "backup/store/manifest.h"
#include "backup/store/set.h"
#include "backup/verify/stored.h"
#include "base/pool.h"
#include "base/progress.h"
#include "contract/proof.h"

struct verify {
	const store *store;
	const struct set *set;
	struct manifest *manifest; /* NULL: it can't be read */
	unsigned jobs;             /* threads that hash and unpack */
	bool *chosen; /* by number: the groups whose files are read back */
	struct flaws flaws;
	struct stored_files stored;
	uint64_t objects_read; /* of those in `stored` */
	pool *workers;         /* between verify_begin() and verify_end() */
	GMutex mutex;          /* for what follows */
	struct proof proof;
	struct progress progress;
};

/*
 * Steps of reading back, by several threads in the order that they come, of
 * whatever kind: what waits for the disk and what needs a processor go side by
 * side.
 *
 *     verify_begin --> verify_push, verify_push, ... --> verify_end
 */
typedef bool (*verify_step)(struct verify *v, void *what, GError **error);
void verify_begin(struct verify *v);
/* FREE_WHAT may be NULL: WHAT is borrowed. */
void verify_push(
    struct verify *v, verify_step step, void *what, GDestroyNotify free_what);
bool verify_end(struct verify *v, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Counts BYTES as read back, and shows it.  Any thread. */
void verify_count(struct verify *v, uint64_t bytes);

#endif
