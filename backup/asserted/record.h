/*
 * The set of an assertion: a record in the store beside all others, in their
 * chain and with their checksums, which holds no byte of the backup itself.
 */
#ifndef GONOGO_BACKUP_ASSERTED_RECORD_H
#define GONOGO_BACKUP_ASSERTED_RECORD_H

#include "backup/store/run.h"
#include "contract/settings.h"

/*
 * Commits *SET, of which mode, assertion and flaws are filled, into the run R.
 * How it was made is in *HOW.  SYSTEM.
 */
bool asserted_commit(const struct settings *s, run *r, struct snapshot *set,
    struct evidence *how, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
