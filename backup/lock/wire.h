/*
 * What the backup and its watchdog say to each other: one question, one answer,
 * over a pair of SOCK_SEQPACKET sockets, so that a message is whole or not
 * there, and the end of one process is seen by the other.
 */
#ifndef GONOGO_BACKUP_LOCK_WIRE_H
#define GONOGO_BACKUP_LOCK_WIRE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

enum { WIRE_VERSION = 1, WIRE_URL = 1024, WIRE_TEXT = 1024 };

enum wire_ask {
	WIRE_LOCK = 1, /* lock `url`, start the external backup */
	WIRE_LOOK,     /* how does it stand? */
	WIRE_PROGRESS, /* report `percentage` */
	WIRE_RELEASE,  /* look a last time, then give the lock back */
	WIRE_END,      /* nothing more; the watchdog ends when unlocked */
};

struct wire_question {
	uint32_t version, ask, percentage;
	char url[WIRE_URL];
};

enum wire_phase {
	WIRE_IDLE,     /* not locked by us */
	WIRE_DRAINING, /* locked; running work is still being finished */
	WIRE_DRAINED,  /* locked, and nothing writes */
	WIRE_RELEASED, /* given back because it was asked */
	WIRE_SPENT,    /* given back because its time was up */
	WIRE_LOST,     /* somebody else ended it, or the drain */
};

struct wire_answer {
	uint32_t version, phase;
	uint32_t locked;    /* 1: not confirmed to be unlocked yet */
	uint32_t error;     /* 0, or 1 + enum gonogo_error; `text` says why */
	uint32_t to_end;    /* RELEASED: drained up to the last look */
	uint64_t locked_ms; /* from the POST until unlocked, or until now */
	char text[WIRE_TEXT];
};

/* False: the other side is gone.  It never waits. */
bool wire_send(int fd, const void *message, size_t size);

enum wire_got { WIRE_MESSAGE, WIRE_NOTHING, WIRE_GONE };
/*
 * Waits up to TIMEOUT_MS for a message of exactly SIZE bytes; one of another
 * size or version counts as the other side gone wrong: WIRE_GONE.  A signal
 * does not end the wait.
 */
enum wire_got wire_receive(
    int fd, void *message, size_t size, unsigned timeout_ms);

#endif
