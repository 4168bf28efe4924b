/*
 * Errors: the kind is for the program, the text for people.
 *
 * A function that can fail returns bool (or a pointer, NULL on failure), takes
 * GError **error last, and leaves its results untouched when it fails.  The
 * text is born where the facts are; main() prints it, once.
 */
#ifndef GONOGO_BASE_ERROR_H
#define GONOGO_BASE_ERROR_H

#include <glib.h>
#include <stdbool.h>

#define GONOGO_ERROR gonogo_error_quark()

enum gonogo_error {
	GONOGO_ERROR_USAGE,    /* 64: the user can mend it */
	GONOGO_ERROR_DATA,     /* 65: a document is not what it says it is */
	GONOGO_ERROR_REMOTE,   /* 69: a server refused, or answered nonsense */
	GONOGO_ERROR_INTERNAL, /* 70: our own mistake */
	GONOGO_ERROR_SYSTEM, /* 74: a call failed here, text ends in strerror */
	GONOGO_ERROR_BUSY,   /* 75: someone else holds the store or the lock */
	GONOGO_ERROR_STOPPED, /* 128+N: a signal asked us to stop */
};

GQuark gonogo_error_quark(void);

/* Sets *error to CODE with the text FORMAT; returns false, for `return`. */
bool fail(GError **error, enum gonogo_error code, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

/* Like fail() with SYSTEM, and ": strerror(errno)" behind the text. */
bool fail_errno(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* A result that is ignored on purpose says so. */
#define ignore(call)                                                           \
	do {                                                                   \
		if (call) {                                                    \
		}                                                              \
	} while (0)

#endif
