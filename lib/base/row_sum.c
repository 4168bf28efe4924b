#include "base/row_sum.h"

#include <glib.h>
#include <xxhash.h>

static void add(struct row_sum *s, uint64_t high, uint64_t low)
{
	s->low += low;
	s->high += high + (s->low < low);
}

void row_sum_add(struct row_sum *s, const void *row, size_t length)
{
	XXH128_hash_t one = XXH3_128bits(row, length);

	add(s, one.high64, one.low64);
}

void row_sum_join(struct row_sum *s, const struct row_sum *other)
{
	add(s, other->high, other->low);
}

void row_sum_hex(const struct row_sum *s, char hex[ROW_SUM_HEX + 1])
{
	g_snprintf(hex, ROW_SUM_HEX + 1,
	    "%016" G_GINT64_MODIFIER "x%016" G_GINT64_MODIFIER "x", s->high,
	    s->low);
}

bool row_sum_is_hex(const char *text)
{
	return strlen(text) == ROW_SUM_HEX &&
	       strspn(text, "0123456789abcdef") == ROW_SUM_HEX;
}
