/*
 * The clock of one log: which hour it is, and whether it went back.
 */
#ifndef GONOGO_AUDIT_LOGS_STAMPS_H
#define GONOGO_AUDIT_LOGS_STAMPS_H

#include "audit/logs/found.h"

enum { STAMPS_MINUTE = 16 }; /* "2026-02-03 14:05" */

struct stamps {
	char minute[STAMPS_MINUTE];
	int64_t minute_s; /* of that minute; -1: none was seen, or it is none */
	int64_t first_s, previous_s; /* of the part at hand; -1: none yet */
};

/* {0} is no empty one: nothing was seen yet. */
void stamps_begin(struct stamps *s);

/*
 * The hour since 1970 of a head, the first LENGTH bytes at LINE; -1: it has
 * none.  *FILE gets what its clock did.
 */
int32_t stamps_hour(struct stamps *s, struct file_found *file,
    enum log_kind kind, const char *line, size_t length);

/* Adds the part that began at offset FROM to the file's spans. */
void stamps_end(const struct stamps *s, struct file_found *file, uint64_t from);

#endif
