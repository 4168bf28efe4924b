/*
 * Known problems in the entry at hand: what a scan told of a line is held
 * against the rest of its rule, and counted once an entry.
 */
#ifndef GONOGO_AUDIT_LOGS_KNOWN_H
#define GONOGO_AUDIT_LOGS_KNOWN_H

#include "audit/logs/hand.h"

typedef struct known known; /* of one thread */
known *known_new(const log_search *search, patterns_tools *tools);
void known_free(known *k);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(known, known_free)

void known_next_entry(known *k);
void known_next_line(known *k);

/* The scan told PATTERN of a line of the entry in *H. */
void known_take(known *k, struct hand *h, unsigned pattern, const char *line,
    size_t length);

/* The entry is whole: rules that look at all of it. */
void known_close(known *k, struct hand *h);

#endif
