/*
 * What is searched for: the rules of all packs, in one set of patterns.
 *
 *     scan of a block --> rule, end --> is it in an entry of the right kind,
 *         level, phase, logger; does the line (or entry) match; unless ...
 */
#ifndef GONOGO_AUDIT_LOGS_SEARCH_H
#define GONOGO_AUDIT_LOGS_SEARCH_H

#include "audit/logs/head.h"
#include "audit/logs/pack.h"

/* An entry, or what of it lies in a block. */
struct log_entry {
	enum log_kind kind;
	bool headed; /* it begins with a head; the part of a long one may not */
	struct head head;
	const char *bytes;
	size_t length;
};

typedef struct log_search log_search;

/* Takes nothing: PACKS (struct log_pack) outlive it.  CACHE: folder, or NULL.
 * DATA: patterns_compile(), or one id in two packs. */
log_search *log_search_new(const GPtrArray *packs, const char *cache,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
void log_search_free(log_search *s);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(log_search, log_search_free)

unsigned log_search_length(const log_search *s);
size_t log_search_pattern_count(const log_search *s);
const struct log_rule *log_search_rule(const log_search *s, unsigned rule);
const patterns *log_search_patterns(const log_search *s);
/* The rule that a scan's pattern is of; as many as there are rules: a line that
 * tells of a start or stop of the product. */
unsigned log_search_rule_of(const log_search *s, unsigned pattern);
enum pattern_way log_search_way(const log_search *s, unsigned rule);
/* Numbers of rules that a scan does not find. */
const GArray *log_search_alone(const log_search *s);

/*
 * Does RULE take the LENGTH bytes at LINE, a line of ENTRY?  The first look at
 * the kind is the caller's.
 */
enum pattern_answer log_search_takes(const log_search *s, patterns_tools *tools,
    unsigned rule, const struct log_entry *entry, const char *line,
    size_t length);

/* The same for an entry as a whole, without a scan. */
enum pattern_answer log_search_takes_entry(const log_search *s,
    patterns_tools *tools, unsigned rule, const struct log_entry *entry);

/* Does the entry say that the node is starting? */
bool log_entry_is_starting(const struct log_entry *entry);

#endif
