/*
 * The vendor's own patterns, RegexEntry elements of an XML file that a user
 * brings, as a pack of ours.  docs/sources.md#regex-entries
 *
 *     RegexEntry { pageName regex URL Id } --> rule { title regex refs id }
 *
 * Java's regular expressions are not quite PCRE's: what would mean something
 * else is left out, and said.
 */
#ifndef GONOGO_AUDIT_LOGS_IMPORT_H
#define GONOGO_AUDIT_LOGS_IMPORT_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct log_import {
	char *pack;       /* YAML */
	guint rules;      /* in it */
	GPtrArray *notes; /* strings: what was left out or replaced, and why */
};

/*
 * Fills the empty *OUT from an XML text that people know as NAME; NOW, seconds
 * UTC, is its date.  DATA: no XML, or no RegexEntry in it.
 */
bool log_import(const char *text, size_t length, const char *name, int64_t now,
    struct log_import *out, GError **error) G_GNUC_WARN_UNUSED_RESULT;

typedef struct log_import log_import_result;
void log_import_clear(struct log_import *i);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(log_import_result, log_import_clear)

#endif
