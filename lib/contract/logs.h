/*
 * What logs told: known problems with their counts, errors that no rule knows,
 * what the nodes did, and what could not be read (gonogo.logs/1).
 *
 * Made by `audit logs`; the rules of LOGS read it out of a bundle, and a later
 * run takes it for its baseline.  The same logs give the same bytes, whatever
 * the order of files or the number of threads.
 */
#ifndef GONOGO_CONTRACT_LOGS_H
#define GONOGO_CONTRACT_LOGS_H

#include "contract/shape.h"

struct logs_sample {
	char *node, *file;
	struct number at, offset; /* in the plain bytes of the file */
	char *text;               /* without what is private */
};

struct logs_count {
	char *node;
	struct number count;
};

struct logs_slot { /* an hour, or of errors a day, that begins at `at` */
	char *node;
	struct number at, count;
};

struct logs_hit {
	char *rule, *title, *means, *hint, *pack;
	int severity, resolve_by; /* of contract/finding.h */
	char *mark;               /* doc, code seen, recalled, ... */
	char *sense;              /* trouble, good, unclean-start */
	struct number entries, lines;
	struct number first, last;
	struct number undecided; /* lines that took too many steps */
	struct flag reached;     /* the rule's threshold */
	struct flag affects;     /* the version that runs */
	struct flag anchored;    /* to a level, and to what users can't write */
	struct flag at_start;    /* of it one asks while a node starts */
	struct number starting;  /* of the entries, while a node started */
	GPtrArray *nodes;        /* struct logs_count */
	GPtrArray *hours;        /* struct logs_slot */
	GPtrArray *samples;      /* struct logs_sample */
	GPtrArray *references;   /* strings */
};

enum logs_state {
	LOGS_UNWEIGHED, /* no baseline, or one that can't tell */
	LOGS_NEW,
	LOGS_SURGING,
	LOGS_KNOWN,
};

struct logs_error {
	char *f1, *c1, *level;
	int state; /* enum logs_state */
	struct number entries, first, last;
	struct number starting; /* of them while a node started */
	GPtrArray *nodes;       /* struct logs_count */
	GPtrArray *days;        /* struct logs_slot */
	GPtrArray *samples;     /* struct logs_sample */
};

struct logs_gone {
	char *f1, *text;
	struct number entries, last;
};

struct logs_file {
	char *path, *node, *kind;
	struct number bytes, lines, entries, first, last;
	/* what is wrong with it; absent: nothing */
	struct number orphan_lines, cut_lines, cut_entries, binary_lines,
	    undated_entries, clock_went_back;
	struct flag unfinished;
	struct flag anew; /* it is shorter than when it was read last */
	char *lost;       /* why it was not read, or not to its end */
};

struct logs_gap {
	struct number from, until;
};

struct logs_node {
	char *name;
	struct number entries, warnings, errors, first, last;
	struct number starts, stops, unclean_starts;
	char *version;    /* that it started last */
	GPtrArray *gaps;  /* struct logs_gap: hours without any line */
	GPtrArray *hours; /* struct logs_slot: entries */
};

struct logs_pack {
	char *name, *version, *sha256;
	struct number rules, as_of, stale_after;
};

/* What a person has looked into and lets be. */
struct logs_acknowledged {
	char *what; /* a rule's id, or an f1 */
	char *by, *why;
	struct number at;    /* when */
	struct number count; /* entries that are known: more are new */
	GPtrArray *nodes;    /* strings: where; another one is new */
};

struct logs {
	char *made_by, *zone, *version;
	struct number read_at;     /* of logs for a bundle alone */
	struct number from, until; /* of all entries */
	struct number bytes, lines, entries;
	struct number files_lost, passed_over;
	struct number errors_dropped; /* entries beyond what is kept apart */
	char *baseline;               /* sha256 of the document compared with */
	GPtrArray *packs, *hits, *errors, *gone, *nodes, *files, *acknowledged;
	GPtrArray *lost; /* strings: what could not be looked into */
};

extern const char *const logs_state_names[];
extern const struct shape logs_shape, logs_sample_shape, logs_count_shape,
    logs_slot_shape, logs_hit_shape, logs_error_shape, logs_gone_shape,
    logs_file_shape, logs_gap_shape, logs_node_shape, logs_pack_shape,
    logs_acknowledged_shape;

typedef struct logs logs;
void logs_clear(struct logs *l);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(logs, logs_clear)

#endif
