/* When those in progress end: the earliest first. */
#ifndef GONOGO_AUDIT_CAPACITY_ENDS_H
#define GONOGO_AUDIT_CAPACITY_ENDS_H

#include <glib.h>
#include <stdint.h>

struct ends {
	int64_t *heap;
	size_t length, room;
};

static inline void ends_add(struct ends *e, int64_t at)
{
	if (e->length == e->room) {
		e->room = MAX(2 * e->room, (size_t)64);
		e->heap = g_renew(int64_t, e->heap, e->room);
	}
	size_t i = e->length++;
	for (; i > 0 && e->heap[(i - 1) / 2] > at; i = (i - 1) / 2)
		e->heap[i] = e->heap[(i - 1) / 2];
	e->heap[i] = at;
}

/* Takes the earliest out; there is one. */
static inline int64_t ends_take(struct ends *e)
{
	int64_t first = e->heap[0], last = e->heap[--e->length];
	size_t i = 0, child;

	while ((child = 2 * i + 1) < e->length) {
		if (child + 1 < e->length &&
		    e->heap[child + 1] < e->heap[child])
			child++;
		if (e->heap[child] >= last)
			break;
		e->heap[i] = e->heap[child];
		i = child;
	}
	e->heap[i] = last;
	return first;
}

#endif
