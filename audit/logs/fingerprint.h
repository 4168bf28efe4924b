/*
 * What an error is, whenever, wherever and however often it happens.
 *
 *     f1  the classes of the chain of causes and the topmost frames of the
 *         application; without a trace the logger and the masked message
 *     c1  coarser: the classes alone; without a trace the logger alone
 *
 * Each is the first 64 bits of a SHA-256 over a text that names the version of
 * these rules, so that another version never equals this one.  No state: the
 * same on every node, every night, in any order.
 */
#ifndef GONOGO_AUDIT_LOGS_FINGERPRINT_H
#define GONOGO_AUDIT_LOGS_FINGERPRINT_H

#include "audit/logs/search.h"

struct fingerprint {
	uint64_t fine, coarse;
};

typedef struct fingerprinter fingerprinter; /* of one thread */
fingerprinter *fingerprinter_new(void);
void fingerprinter_free(fingerprinter *f);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(fingerprinter, fingerprinter_free)

/* Of a headed entry; its level is part of nothing. */
struct fingerprint fingerprint(fingerprinter *f, const struct log_entry *entry);

/* Gives "f1:0123456789abcdef"; PREFIX is "f1" or "c1". */
char *fingerprint_text(const char *prefix, uint64_t value);
/* Reads it again.  False: it is none of PREFIX. */
bool fingerprint_parse(const char *text, const char *prefix, uint64_t *value);

#endif
