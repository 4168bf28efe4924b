/*
 * One line of an access log.
 *
 *     address | protocol | [io]id | user | stamp | action | details |
 *         status | read | written | labels | took | session |
 *
 * What stands to the left is read from the left, what stands to the right from
 * the right: users write what is between, bars too, and some lines lack a
 * column (docs/sources.md#access-log).
 */
#ifndef GONOGO_AUDIT_CAPACITY_LINE_H
#define GONOGO_AUDIT_CAPACITY_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a request is, by its labels, else by its action. */
enum request_class {
	CLASS_OTHER,
	CLASS_CLONE,
	CLASS_SHALLOW,
	CLASS_FETCH,
	CLASS_PUSH,
	CLASS_REFS,
	CLASS_LFS,
	CLASS_API,    /* /rest/api/ */
	CLASS_PAGE,   /* what a browser asks */
	CLASS_STATUS, /* health checks: nobody routes them elsewhere */
	CLASS_MESH,   /* of another node, by gRPC */
	CLASSES,
};

extern const char *const request_class_names[];

/* Does it hold a ticket of scm-hosting?  docs/sources.md#tickets */
static inline bool class_is_hosting(enum request_class class)
{
	return class >= CLASS_CLONE && class <= CLASS_PUSH;
}

enum line_kind {
	LINE_IN,  /* a request came: its id and stamp alone are read */
	LINE_OUT, /* it was answered */
	LINE_CUT, /* it does not end as lines do; only SSH's lack columns */
	LINE_ODD, /* too few columns, no id, no stamp, or none of this log */
};

enum cache_state { CACHE_NONE, CACHE_HIT, CACHE_MISS, CACHE_BYPASS, CACHES };

enum { TOOK_UNKNOWN = -1, STATUS_UNKNOWN = -1 };

struct text {
	const char *at;
	size_t length;
};

struct line {
	struct text address, user, action;
	const char *stamp; /* 23 bytes */
	uint64_t token;    /* of this start of the node; 0: none */
	uint64_t counter;
	uint32_t in_flight; /* others in progress when it began */
	/* of LINE_OUT */
	enum request_class class;
	enum cache_state cache;
	int status;
	int64_t took_ms;
	uint64_t written;
};

/* What must be readable behind a line's last byte. */
enum { LINE_SLACK = 32 };

/* Reads the LENGTH bytes at TEXT, without a newline, into *out. */
enum line_kind line_read(const char *text, size_t length, struct line *out);

/* The repository that ACTION names, as "key/slug"; length 0: none. */
struct text line_repository(struct text action, struct text *slug);

#endif
