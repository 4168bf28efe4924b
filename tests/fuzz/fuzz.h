/*
 * Readers of bytes that come from outside, and bytes that others have made up.
 *
 *     lib.c audit.c backup.c report.c   a table of readers, one a room
 *     corpus/<reader>/                  small inputs that are worth keeping
 *
 *     make check   replay.c: each reader meets its corpus, and cuts of it
 *     make fuzz    fuzzer.c: libFuzzer makes up the bytes (T=reader S=seconds)
 *
 * A reader may refuse whatever it gets.  It must not crash, hang, read outside
 * of it, fail without an error, or succeed with one; and what it understood and
 * wrote again it understands the same.
 */
#ifndef GONOGO_TESTS_FUZZ_H
#define GONOGO_TESTS_FUZZ_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fuzz_reader {
	const char *name; /* of the corpus's folder, too */
	void (*read)(const char *bytes, size_t length);
};

/* Of the room that this program is linked with; ended by {0}. */
extern const struct fuzz_reader fuzz_readers[];

/* What must hold, or the program ends here and says so. */
#define HOLDS(condition)                                                       \
	do {                                                                   \
		if (!(condition))                                              \
			fuzz_broken(__FILE__, __LINE__, #condition);           \
	} while (0)
G_NORETURN void fuzz_broken(const char *file, int line, const char *what);

/* What a call came to: true with no error, or false with one. */
#define CALL(call)                                                             \
	({                                                                     \
		g_autoptr(GError) error = NULL;                                \
		bool went = (call);                                            \
		HOLDS(went == !error);                                         \
		HOLDS(!error || *error->message);                              \
		went;                                                          \
	})

/* ---- for readers of files ---- */

/* Gives an open file of these bytes, to be closed. */
int fuzz_file(const void *bytes, size_t length);
/* A folder of the process's own, empty at its start, gone at its end. */
const char *fuzz_folder(void);
/* Puts the bytes there under NAME; gives the path. */
char *fuzz_put(const char *name, const void *bytes, size_t length);
/* Gives the bytes of the file NAME there, NUL behind them. */
char *fuzz_get(const char *name, size_t *length);

/* ---- for readers of more than one thing ---- */

/* Takes a number below MOST from the front of the bytes; 0: there are none. */
unsigned fuzz_take(const char **bytes, size_t *length, unsigned most);
/* Gives the bytes as text: without NUL, which ends it. */
char *fuzz_text(const char *bytes, size_t length);

#endif
