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
	uint32_t count;
	uint32_t text; /* where in `texts` */
};

struct names {
	struct name *table;
	size_t slots, used; /* slots: a power of two */
	GPtrArray *texts;   /* strings; NULL: none */
	unsigned halvings;  /* hashes with so many zeros in front are kept */
};

/* TEXT needs 8 readable bytes behind its end. */
void names_add(struct names *n, const char *text, size_t length);
/* Takes *FROM, which is empty then. */
void names_merge(struct names *into, struct names *from);
void names_clear(struct names *n);
/* Gives the MOST names (struct name) that came most often, then by their bytes:
 * borrowed. */
GPtrArray *names_top(const struct names *n, guint most);

static inline const char *name_text(
    const struct names *n, const struct name *name)
{
	return g_ptr_array_index(n->texts, name->text);
}

#endif
