/*
 * Has what the swept refs need stood still until the harvest had it?
 *
 *     sweep  b -> C          B <- C
 *     ... the branch b is deleted and pruned while ...
 *     harvest                lists C, and comes to B's folder too late
 *
 * The copy has the tip C, and still b is broken in it.  Objects that have gone
 * do not come back: when all that a swept ref needs is in the live repository
 * after the harvest, it was there all the time, and the harvest, which looks
 * until nothing is new, has it.
 *
 * A tip that the harvest before the sweep has seen needs no such proof: it was
 * there with all that it needs until the sweep.  So only fresh tips are asked
 * for, and only when the harvest after the sweep found something new.
 */
#ifndef GONOGO_BACKUP_HOME_SETTLE_H
#define GONOGO_BACKUP_HOME_SETTLE_H

#include "backup/home/repository.h"

/* Before a harvest: keeps which swept tips the copy does not have yet.  SYSTEM:
 * the scratch folder. */
bool settle_prepare(const struct site *s, const struct repository *r,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * After it: asks git whether the live repository has all that these need, until
 * it once had: a branch may go as soon as it is copied.  Gives NULL when it
 * has, else what is to be said of R.
 */
char *settle_flaw(
    const struct site *s, struct repository *r) G_GNUC_WARN_UNUSED_RESULT;

#endif
