/*
 * Patterns: the only door to libhs and PCRE2.  Hundreds of regular expressions
 * are searched for in one pass.
 *
 *     patterns --compile--> one database, cached on disk
 *        \--tools (one a thread)--> scan a block: which pattern ends where
 *                                   confirm: does it match this text?
 *
 * A scan may tell too much (FILTERED patterns, and any that could run on into
 * the next line) and never too little; who must know asks patterns_match() of
 * the line.  `^` and `$` are the borders of a line, `.` is no newline.
 */
#ifndef GONOGO_PORT_PATTERNS_H
#define GONOGO_PORT_PATTERNS_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

/* Who finds it: PATTERN_ALONE can't be scanned for, only matched. */
enum pattern_way {
	PATTERN_SCANNED,  /* libhs */
	PATTERN_FILTERED, /* libhs finds candidates, PCRE2 says which are */
	PATTERN_ALONE,    /* PCRE2 */
};
extern const char *const pattern_way_names[];

struct pattern {
	const char *text; /* PCRE's syntax */
	bool literal;     /* it means itself */
	bool across;      /* `.` is also a newline: it may take many lines */
	bool only_match;  /* never scanned for */
};

/*
 * Says in *WAY how P can be found.  SAMPLES (NULL-terminated; may be NULL) are
 * texts that it should match: they and the pattern itself are drawn out to find
 * what makes it run away.  DATA: no pattern, one that matches an empty text, or
 * a catastrophic one.
 */
bool pattern_judge(const struct pattern *p, char *const *samples,
    enum pattern_way *way, GError **error) G_GNUC_WARN_UNUSED_RESULT;

typedef struct patterns patterns; /* never changes; threads share it */

/*
 * Makes one of LENGTH patterns, numbered as they stand.  CACHE (may be NULL) is
 * a folder of ours where the database is kept for the next time; a file there
 * that is damaged, not ours or of another libhs is made anew.  DATA: as
 * pattern_judge(), without a look for catastrophes.
 */
patterns *patterns_compile(const struct pattern *list, size_t length,
    const char *cache, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void patterns_free(patterns *p);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(patterns, patterns_free)

enum pattern_way patterns_way(const patterns *p, unsigned id);
/* May what a scan tells of it end in another line than it began? */
bool patterns_must_confirm(const patterns *p, unsigned id);

typedef struct patterns_tools patterns_tools; /* of one thread */
patterns_tools *patterns_tools_new(const patterns *p);
void patterns_tools_free(patterns_tools *t);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(patterns_tools, patterns_tools_free)

/* Pattern ID may match so that END bytes of the block lead to its end. */
typedef void (*patterns_hit)(unsigned id, size_t end, void *user);

/* Tells every end in LENGTH bytes, at most 1 GiB, in the order of ends. */
void patterns_scan(patterns_tools *t, const char *bytes, size_t length,
    patterns_hit hit, void *user);

enum pattern_answer { PATTERN_NO, PATTERN_YES, PATTERN_UNDECIDED };

struct pattern_span {
	size_t start, end; /* of the match, or of its first group */
};

/*
 * Does pattern ID match inside TEXT?  UNDECIDED: not within the limits of one
 * match.  SPAN (may be NULL) is that of the first group, or of the match.
 */
enum pattern_answer patterns_match(patterns_tools *t, unsigned id,
    const char *text, size_t length, struct pattern_span *span);

#endif
