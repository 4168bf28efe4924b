/*
 * Blocks of whole lines of one log, on their way to what is found in them.
 *
 *     block --> one scan for all rules
 *          \--> lines --> entries --> found
 *
 * An entry is its head and the lines behind it that are none.
 */
#ifndef GONOGO_AUDIT_LOGS_ENTRIES_H
#define GONOGO_AUDIT_LOGS_ENTRIES_H

#include "audit/logs/found.h"

typedef struct entries entries; /* of one thread, for many logs */
entries *entries_new(const log_search *search, bool unknown);
void entries_free(entries *e);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(entries, entries_free)

/* What comes next is of INPUT, on NODE, and goes into *FOUND. */
void entries_begin(entries *e, struct found *found, uint32_t input,
    uint32_t node, enum log_kind kind);

/*
 * Takes a block that begins at OFFSET of the plain log; CUT: its last entry
 * goes on in the next block.  At most one block of a log may end in a line
 * without an end: the last one, or one that is cut.
 */
void entries_take(
    entries *e, const char *bytes, size_t length, uint64_t offset, bool cut);

/* Does the next block begin inside an entry? */
bool entries_are_cut(const entries *e);

/* It began at offset FROM. */
void entries_end(entries *e, uint64_t from);

#endif
