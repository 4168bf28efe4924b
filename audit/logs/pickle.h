/*
 * What was found in one file (or in the members of one archive) as bytes, to
 * be read again in another night, when its inputs and nodes have other numbers.
 */
#ifndef GONOGO_AUDIT_LOGS_PICKLE_H
#define GONOGO_AUDIT_LOGS_PICKLE_H

#include "audit/logs/found.h"

/* Which inputs it is of, and which nodes. */
struct pickle_of {
	guint input, members;
	const uint32_t *nodes; /* the numbers of LENGTH nodes now */
	guint length;
};

/* Numbers and texts on their way into bytes. */
void pickle_number(GByteArray *out, uint64_t n);
void pickle_text(GByteArray *out, const char *text, size_t length);

/* And out of them again.  What is not there is 0 or "", and `bad` is set. */
struct pickle_reader {
	const guint8 *at, *end;
	bool bad;
};
uint64_t unpickle_number(struct pickle_reader *r);
char *unpickle_text(struct pickle_reader *r); /* gives it */

/* Adds F, which is of `of` alone. */
void pickle_found(
    GByteArray *out, const struct found *f, const struct pickle_of *of);

/* Fills F, which found_init() has made; false: these are no such bytes, and F
 * is empty. */
bool unpickle_found(
    const GByteArray *bytes, struct found *f, const struct pickle_of *of);

#endif
