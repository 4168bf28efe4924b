/*
 * Whom a flaw touches: every set of the store that uses a harmed file, and
 * what of this set lies in it.
 */
#ifndef GONOGO_BACKUP_VERIFY_BLAME_H
#define GONOGO_BACKUP_VERIFY_BLAME_H

#include "backup/verify/case.h"

/* Fills `sets` and `touches` of all flaws found so far.  What can't be read of
 * other sets is passed over: it is a matter of their own verification. */
void blame_all(struct verify *v);

/* Gives the flaw as one line for people. */
char *blame_text(const struct flaw *f);

#endif
