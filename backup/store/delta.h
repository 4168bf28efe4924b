/*
 * Deltas: a pack that git has written anew, told by its difference from one
 * that the store has.  backup.md calls it the repack day: most of the bytes are
 * old ones in another order.
 */
#ifndef GONOGO_BACKUP_STORE_DELTA_H
#define GONOGO_BACKUP_STORE_DELTA_H

#include "backup/store/store.h"
#include "base/hash.h"

/* What was made. */
struct delta_result {
	char stored_sha256[HASH_HEX + 1];
	uint64_t stored_bytes; /* 0: nothing was made */
};

/*
 * Puts the delta in the place of the file PATH, whose plain bytes have that
 * SHA256; nothing changes when it does not pay, is beyond the budget, or does
 * not give the same bytes again.  BASE is a path in the store, of a file that
 * holds plain bytes.  SYSTEM: the store can't be written.
 */
bool delta_make(const store *s, const char *path, const char *sha256,
    const char *base, struct delta_result *out,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
