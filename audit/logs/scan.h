/*
 * All logs searched: a stream for each thread, what they found merged as each
 * part is done (audit/logs/read.h).
 */
#ifndef GONOGO_AUDIT_LOGS_SCAN_H
#define GONOGO_AUDIT_LOGS_SCAN_H

#include "audit/logs/kept.h"
#include "audit/logs/stream.h"

struct scan_options {
	unsigned threads;
	uint64_t part_bytes; /* 0: READ_PART of audit/logs/read.h */
	bool unknown;        /* fingerprint errors that no rule takes */
	kept *kept;          /* of earlier nights; NULL: all is read */
};

/*
 * Fills the empty *OUT.  What can't be read, or not to its end, is no error:
 * its `lost` says why.  SYSTEM, STOPPED.
 */
bool scan_logs(const log_search *search, struct log_inputs *inputs,
    const struct scan_options *options, struct found *out,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
