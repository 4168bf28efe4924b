/*
 * Reads the access logs of all nodes into one traffic, once, by some threads.
 */
#ifndef GONOGO_AUDIT_CAPACITY_ACCESS_H
#define GONOGO_AUDIT_CAPACITY_ACCESS_H

#include "audit/capacity/stamps.h"
#include "audit/capacity/traffic.h"
#include "audit/logs/input.h"

/*
 * Fills the empty *OUT, settled.  What can't be read is no error: the input's
 * `lost` says why.  USAGE: more nodes than NODES_MOST.  SYSTEM, STOPPED.
 */
bool access_read(const struct log_inputs *in, GTimeZone *zone, unsigned threads,
    struct traffic *out, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* ---- for tests: bytes in any pieces ---- */

typedef struct access_reader access_reader;
access_reader *access_new(GTimeZone *zone, struct traffic *out);
void access_begin(
    access_reader *a, uint32_t node, uint64_t at, uint64_t from, uint64_t to);
void access_add(access_reader *a, const char *bytes, size_t length);
void access_end(access_reader *a);
/* Adds what was found to OUT. */
void access_close(access_reader *a);
void access_free(access_reader *a);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(access_reader, access_free)

#endif
