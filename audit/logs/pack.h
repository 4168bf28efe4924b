/*
 * A log pack: known problems as data (schema gonogo.logrules/1, block YAML).
 *
 *     pack --< rule { id, where it is searched, the pattern, what it means,
 *                     samples that it must and must not match }
 *
 * Every key is known or the pack is refused; numbers and versions are read.
 */
#ifndef GONOGO_AUDIT_LOGS_PACK_H
#define GONOGO_AUDIT_LOGS_PACK_H

#include "audit/logs/kind.h"
#include "contract/finding.h"
#include "port/patterns.h"

/* How sure we are of the text that a rule looks for. */
enum log_mark {
	MARK_DOC,      /* the vendor shows it */
	MARK_CODE,     /* it was seen in code or a pasted trace */
	MARK_RECALLED, /* never red or green by itself */
	MARK_INFERRED, /* the same */
	MARK_UNTESTED, /* imported: nobody gave samples */
};

enum log_sense {
	SENSE_TROUBLE,       /* a hit is one occurrence */
	SENSE_GOOD,          /* a hit is good news */
	SENSE_UNCLEAN_START, /* hits are clean stops; counted are starts that
			      * no stop came before */
};

enum log_phase { LOG_ANY_TIME, LOG_STARTING, LOG_RUNNING };

/* Beside the kinds of logs, files that the log engine does not read. */
enum { KIND_ELSEWHERE = LOG_KINDS };

extern const char *const log_mark_names[], *const log_sense_names[],
					       *const log_phase_names[];

struct log_rule {
	char *id, *title;
	char *means, *hint; /* what is the matter; what to do */
	int severity;       /* enum severity; default medium */
	int resolve_by;     /* enum phase */
	int mark, sense, phase;
	unsigned kinds;  /* bits of enum log_kind */
	unsigned levels; /* bits of enum log_level; 0: any */
	char *regex;     /* or the literal text */
	bool literal;
	bool event;      /* searched in the whole entry, across lines */
	bool whole_line; /* also in what asked for it, before the logger */
	char *unless, *logger; /* NULL: none */
	char *affects;         /* ">=8.9.0 <8.19.4"; NULL: any */
	char **fixed_in;
	int64_t count, per_s; /* it counts from so many in that time on */
	int64_t least;        /* of the number that the first group holds */
	char **refs, **match, **nomatch;
	size_t line; /* of the list: which rule it is, from 1 */
};

struct log_pack {
	char *name, *version, *as_of, *stale_after, *license;
	char *sha256;     /* of the file */
	GPtrArray *rules; /* struct log_rule */
};

/* Reads a pack.  DATA with NAME and the rule: what can't be right. */
struct log_pack *log_pack_read(const char *text, size_t length,
    const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The same from a file; NULL: the shipped one.  SYSTEM, DATA. */
struct log_pack *log_pack_load(
    const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

typedef struct log_pack log_pack;
void log_pack_free(struct log_pack *p);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(log_pack, log_pack_free)

/*
 * Is it bound to a level, and to what neither users nor hooks can write?  What
 * is not may be a text that somebody typed, and stops no upgrade.
 */
bool log_rule_is_anchored(const struct log_rule *r);

/* Is the running version, maybe NULL, one that RANGE, maybe NULL, tells of? */
bool log_range_holds(const char *range, const char *version);

/* Reads a range, without using it.  DATA: none, or one that nothing is in. */
bool log_range_check(
    const char *range, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
