/*
 * The last requests that were answered, for tests to ask what a program did.
 */
#ifndef GONOGO_SIM_JOURNAL_H
#define GONOGO_SIM_JOURNAL_H

#include "tests/sim/message.h"

enum { JOURNAL_KEEPS = 1000 };

struct journal {
	GQueue entries; /* json objects, oldest first */
	uint64_t count; /* of all requests so far */
};

/* FAULT: the name of the fault that struck, or NULL. */
void journal_add(struct journal *j, const struct request *r,
    const struct reply *reply, const char *fault);
void journal_clear(struct journal *j);
json *journal_json(const struct journal *j);

#endif
