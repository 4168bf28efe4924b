/*
 * A run: a set on its way.  It lives in tmp/<id>/ and is nothing until
 * run_commit() has returned true; abandoning it publishes nothing.
 *
 *     run_begin --> add objects, groups, files in run_folder() --> run_commit
 *
 * Order of the commit: data durable (one syncfs), objects and segments get
 * their names, the set's folder with EVIDENCE, MANIFEST, SHA256SUMS, then
 * SNAPSHOT.json by rename, its folder last.
 */
#ifndef GONOGO_BACKUP_STORE_RUN_H
#define GONOGO_BACKUP_STORE_RUN_H

#include "backup/store/group.h"
#include "backup/store/object.h"
#include "contract/evidence.h"
#include "contract/snapshot.h"

typedef struct run run;

/* Begins a run in a store opened for writing; sweeps away what crashed runs
 * have left in tmp/ and half sets in snapshots/.  SYSTEM. */
run *run_begin(store *s, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Finds the set before that is LIKE it and rests the new one on it, before any
 * group or object is added.  *WHY is given when there are sets, but the newest
 * is not one to rest on; what is in the store is then read before it is used
 * again.
 */
bool run_rest(run *r, const struct parent_like *like, char **why,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* What it rests on; NULL: nothing. */
const parent *run_parent(const run *r);

/* Removes the run unless it was committed. */
void run_abandon(run *r);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(run, run_abandon)

store *run_store(const run *r);
objects *run_objects(const run *r);
groups *run_groups(const run *r);

/* The set's id, "<seq>-<utc>". */
const char *run_id(const run *r);

/*
 * The path of the folder that becomes the set's: database files go into its
 * `db/`, which is there.  All that lies there is listed in SHA256SUMS.
 */
const char *run_folder(const run *r);

/* The path of the run's own scratch folder; gone when the run is over. */
const char *run_scratch(const run *r);

/*
 * Makes the set durable and visible.  Of *SNAPSHOT the caller has filled what
 * it knows; id, sequence, ended_at, status (GOOD unless there are flaws), the
 * parent, home.stored_bytes, the hashes and the root are filled in here.
 * SYSTEM: nothing is published.
 */
bool run_commit(run *r, struct snapshot *snapshot,
    const struct evidence *evidence, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
