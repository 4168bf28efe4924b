/*
 * The entry that one thread has in its hands, and where what is found in it
 * goes.
 */
#ifndef GONOGO_AUDIT_LOGS_HAND_H
#define GONOGO_AUDIT_LOGS_HAND_H

#include "audit/logs/found.h"

enum {
	ENTRY_MOST = 256 << 10, /* of an entry, for what takes it as a whole */
	HEAD_MOST = 4096        /* of a head that is kept for the next block */
};

struct hand {
	struct found *found;
	struct file_found *file;
	uint32_t input, node;
	enum log_kind kind;

	struct log_entry entry;
	struct place place;
	const char *limit;     /* of the block that the entry lies in */
	bool open;             /* there is one */
	bool read;             /* its head is */
	bool known;            /* a rule took it */
	bool carried;          /* it began in an earlier block */
	char carry[HEAD_MOST]; /* then its head */
};

/* Reads the entry's head, when somebody wants to know it. */
void hand_read(struct hand *h);

/* Keeps the head of an entry that goes on in the next block. */
void hand_carry(struct hand *h);

/* How many times so many SECONDS it is since 1970; -1: it has no stamp. */
int32_t hand_slot(const struct hand *h, int32_t seconds);

/* Gives what may be shown of it: its first lines and, where LINE (which may be
 * NULL) was hit, that one. */
char *hand_sample(const struct hand *h, const char *line, size_t length);

#endif
