/*
 * The plain bytes of logs, whatever they come in, for some threads at a time,
 * in memory that does not grow with them.
 *
 *     plain file --parts--> taker \
 *     pressed file -------> taker  >-- closed, one at a time
 *     archive's members --> taker /
 */
#ifndef GONOGO_AUDIT_LOGS_READ_H
#define GONOGO_AUDIT_LOGS_READ_H

#include "audit/logs/input.h"

enum { READ_PART = 8 << 20 }; /* of a plain file, for one thread at a time */

/* Lines that begin at FROM or behind it, and before TO; the bytes begin AT. */
struct log_part {
	guint input;
	uint32_t node;
	enum log_kind kind; /* LOG_OTHER: by its first bytes */
	uint64_t at, from, to;
	guint parts; /* in how many the input is read */
};

/*
 * What takes the bytes; each thread has its own.
 *
 *     open { begin { room filled } end } close
 *
 * One thread at a time is in `close`, so that it may add to what is shared.
 */
struct log_taker {
	void (*open)(void *taker);
	void (*begin)(void *taker, const struct log_part *part);
	/* Where up to *ROOM bytes may be put, to say `filled` then. */
	char *(*room)(void *taker, size_t *room);
	void (*filled)(void *taker, size_t length);
	/* Has it all that it takes?  More need not come. */
	bool (*is_done)(const void *taker);
	void (*end)(void *taker);
	void (*close)(void *taker);
};

struct log_reading {
	const struct log_taker *taker;
	void *const *takers; /* one a thread */
	unsigned threads;
	uint64_t part_bytes; /* 0: READ_PART */
};

/*
 * Reads all inputs that are not known yet, each from where it says.  What can't
 * be read, or not to its end, is no error: its `lost` says why.  SYSTEM,
 * STOPPED.
 */
bool log_read(const struct log_reading *reading,
    const struct log_inputs *inputs, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
