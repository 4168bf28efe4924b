/*
 * The key that signs proofs: [sign] key.
 */
#ifndef GONOGO_BACKUP_SIGNING_H
#define GONOGO_BACKUP_SIGNING_H

#include "backup/store/store.h"
#include "contract/settings.h"

/*
 * Gives S the key that SETTINGS name, if they do: proofs are signed then.  To
 * ask before hours of work are to be proved.  USAGE, SYSTEM.
 */
bool signing_begin(store *s, const struct settings *settings,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The same for who only reads proofs: the public half, KEY.pub, is enough. */
bool signing_read(store *s, const struct settings *settings,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What people are told behind a proof's path. */
const char *signing_note(const store *s);

#endif
