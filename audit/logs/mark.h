/*
 * What a log file is known by from one night to the next, and how far it was
 * read.
 */
#ifndef GONOGO_AUDIT_LOGS_MARK_H
#define GONOGO_AUDIT_LOGS_MARK_H

#include "audit/logs/input.h"
#include "audit/logs/pickle.h"

/* Which file it is, and how far it was read. */
struct mark {
	uint64_t device, inode, bytes, mtime_ns;
	uint64_t cut;               /* the last entry begins there */
	uint64_t head_length, kind; /* of a plain file */
	char *head;                 /* hex; NULL: it is packed */
	char *name, *nodes;         /* lines: of all members */
	uint64_t settled_length, rest_length;
};

void mark_clear(struct mark *m);

void mark_write(GByteArray *out, const struct mark *m);
/* Fills the empty M, also when R is bad afterwards. */
void mark_read(struct pickle_reader *r, struct mark *m);

/* Looks at the first bytes of the file, and for its last entry. */
void mark_look(const struct log_input *i, struct mark *m);

/* Nothing of it has changed. */
bool mark_is_same(const struct mark *old, const struct mark *now);
/* It was looked at now, and begins with what it was. */
bool mark_has_grown(
    const struct log_input *i, const struct mark *old, const struct mark *now);

/* Reads LENGTH bytes at offset AT; false: there are fewer. */
bool mark_bytes(int fd, void *to, size_t length, uint64_t at);

#endif
