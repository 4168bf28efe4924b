/*
 * What was found in some logs.  Two of them make one, in any order, with the
 * same result: sums, smallest and largest, the first three samples.
 *
 *     found --< hits { by rule }
 *          \--< unknown { by fingerprint }
 *          \--< files { by input: lines, entries, what was lost }
 *          \--- entries by node and hour; starts and stops of nodes
 *
 * Times are seconds of the logs' own clock, as if that were UTC.
 */
#ifndef GONOGO_AUDIT_LOGS_FOUND_H
#define GONOGO_AUDIT_LOGS_FOUND_H

#include <stdbool.h>

#include "audit/logs/fingerprint.h"
#include "audit/logs/tally.h"

enum { SAMPLES = 3, SAMPLE_MOST = 1500, UNKNOWN_MOST = 5000 };

/* Where something stands: the order of samples. */
struct place {
	int64_t local_s; /* -1: no stamp */
	uint32_t input;
	uint64_t offset; /* in the plain bytes */
};

struct sample {
	struct place place;
	char *text; /* as it may be shown; NULL: no sample */
};

struct occurrences {
	uint64_t entries, lines;
	int64_t first_s, last_s; /* -1: no stamp seen */
	struct sample samples[SAMPLES];
	struct tally when; /* entries by node and hour; of unknown: and day */
};

struct hits {
	struct occurrences seen;
	uint64_t undecided;   /* lines that PCRE2 gave up on */
	uint64_t starting;    /* entries while a node started */
	struct tally minutes; /* of rules with a threshold; all nodes: 0 */
};

struct unknown {
	uint64_t fine, coarse;
	unsigned levels, kinds; /* bits */
	uint64_t starting;      /* entries while a node started */
	struct occurrences seen;
};

/* How one file's part between two offsets began and ended. */
struct span {
	uint64_t offset;
	int64_t first_s, last_s;
};

struct file_found {
	uint64_t bytes, lines, entries;
	uint64_t orphans; /* lines before the first head: of the file before */
	uint64_t long_lines, cut_entries; /* beyond what is looked at */
	uint64_t binary;                  /* lines with NUL bytes */
	uint64_t no_stamp;                /* heads whose date is none */
	uint64_t backwards; /* times that the clock went back by half an hour
			     * or more */
	int kind;        /* enum log_kind + 1, as it was read; 0: it was not */
	bool unfinished; /* the last line has no end */
	int64_t first_s, last_s;
	GArray *spans; /* struct span */
};

enum milestone_kind { MILESTONE_START, MILESTONE_STOP };

struct milestone {
	struct place place;
	uint32_t node;
	int kind;
	char version[24];
};

struct found {
	unsigned rules, inputs;
	struct hits *hits;        /* by rule */
	GHashTable *unknown;      /* &fine -> struct unknown */
	uint64_t unknown_dropped; /* entries of errors beyond UNKNOWN_MOST */
	struct file_found *files; /* by input */
	struct tally entries;     /* by node and hour: all, WARN, ERROR */
	GArray *milestones;       /* struct milestone */
};

void found_init(struct found *f, unsigned rules, unsigned inputs);
void found_clear(struct found *f);
typedef struct found found;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(found, found_clear)

void found_merge(struct found *into, const struct found *from);

/* Below 0, 0, above 0. */
int place_compare(const struct place *a, const struct place *b);

/* Counts an entry at PLACE on NODE; SLOT is its hour or day. */
void occurrences_add(struct occurrences *o, const struct place *place,
    uint32_t node, int32_t slot);
/* Is PLACE among the first three?  Then a sample is wanted. */
bool occurrences_wants(const struct occurrences *o, const struct place *place);
/* Takes TEXT. */
void occurrences_sample(
    struct occurrences *o, const struct place *place, char *text);

/* Found or added. */
struct unknown *found_unknown(struct found *f, uint64_t fine);

/* Keeps the UNKNOWN_MOST with the smallest fingerprints: whichever order they
 * came in, the same stay, with all that was counted of them. */
void found_prune(struct found *f);

#endif
