/*
 * How often each name came: users, repositories, addresses.
 *
 * Names are exact up to NAMES_MOST different ones; beyond, those are kept whose
 * hash is small, so that what is kept depends on the names alone.
 */
#ifndef GONOGO_AUDIT_CAPACITY_NAMES_H
#define GONOGO_AUDIT_CAPACITY_NAMES_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

enum { NAMES_MOST = 1 << 18 };

struct name {
	uint64_t hash; /* 0: none */
	uint64_t count;
	char *text; /* owned */
};

struct names {
	struct name *table;
	size_t slots, used; /* slots: a power of two */
	unsigned halvings;  /* hashes with so many zeros in front are kept */
};

/* TEXT needs 8 readable bytes behind its end. */
void names_add(struct names *n, const char *text, size_t length);
void names_merge(struct names *into, const struct names *from);
void names_clear(struct names *n);
/* Gives the MOST names that came most often, then by their bytes: borrowed. */
GPtrArray *names_top(const struct names *n, guint most);

#endif
