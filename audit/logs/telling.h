/*
 * What all parts of the document (audit/logs/tell.h) are told with.
 */
#ifndef GONOGO_AUDIT_LOGS_TELLING_H
#define GONOGO_AUDIT_LOGS_TELLING_H

#include "audit/logs/found.h"
#include "audit/logs/input.h"
#include "contract/logs.h"

struct tell_options {
	const char *zone;    /* of the logs' stamps; NULL: this machine's */
	const char *version; /* that runs; NULL: what started last */
	const struct logs *baseline; /* NULL: none */
	const char *baseline_sha256;
	const struct logs *starts; /* errors of earlier start-ups; NULL: none */
};

struct telling {
	const log_search *search;
	const struct log_inputs *inputs;
	struct found *found;
	const struct tell_options *options;
	GTimeZone *zone;
	struct logs *out;
};

/* The moment that the logs' clock shows so; absent: -1.  The repeated hour of
 * a clock change is taken for its second half. */
struct number telling_utc(const struct telling *t, int64_t local_s);

/* Absent where it is 0. */
struct number telling_some(uint64_t count);

/* The node's name. */
const char *telling_node(const struct telling *t, uint32_t node);

/* Adds WHEN, sorted, by node: struct logs_count. */
void telling_nodes(
    const struct telling *t, const struct tally *when, GPtrArray **out);

/* Adds WHEN by node and time: struct logs_slot, each of so many SECONDS. */
void telling_slots(const struct telling *t, const struct tally *when,
    int64_t seconds, GPtrArray **out);

void telling_samples(
    const struct telling *t, const struct occurrences *o, GPtrArray **out);

/* The parts; each fills its members of the document. */
void tell_all_files(struct telling *t);
void tell_all_nodes(struct telling *t);  /* behind the files */
void tell_all_errors(struct telling *t); /* behind files and nodes */

#endif
