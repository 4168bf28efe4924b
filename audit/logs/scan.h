/*
 * Reads all inputs, with some threads, in memory that does not grow with them.
 *
 *     plain file --parts--> stream \
 *     pressed file -------> stream  >-- found, merged as each is done
 *     archive's members --> stream /
 */
#ifndef GONOGO_AUDIT_LOGS_SCAN_H
#define GONOGO_AUDIT_LOGS_SCAN_H

#include "audit/logs/input.h"
#include "audit/logs/stream.h"

enum { SCAN_PART = 8 << 20 }; /* of a plain file, for one thread at a time */

struct scan_options {
	unsigned threads;
	uint64_t part_bytes; /* 0: SCAN_PART */
	bool unknown;        /* fingerprint errors that no rule takes */
};

/*
 * Fills the empty *OUT.  What can't be read, or not to its end, is no error:
 * its `lost` says why.  SYSTEM, STOPPED.
 */
bool scan_logs(const log_search *search, const struct log_inputs *inputs,
    const struct scan_options *options, struct found *out,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
