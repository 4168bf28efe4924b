#include "audit/rules/skew.h"

static gint ascending(gconstpointer a, gconstpointer b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

struct number skew_common(const GPtrArray *nodes)
{
	g_autoptr(GArray) skews = g_array_new(FALSE, FALSE, sizeof(int64_t));

	for (guint i = 0; i < nodes->len; i++) {
		const struct node *node = g_ptr_array_index(nodes, i);
		if (node->clock_skew_ms.known)
			g_array_append_val(skews, node->clock_skew_ms.value);
	}
	if (!skews->len)
		return (struct number){0};
	g_array_sort(skews, ascending);
	int64_t high = g_array_index(skews, int64_t, skews->len / 2);
	int64_t low = g_array_index(skews, int64_t, (skews->len - 1) / 2);
	return number_of(ABS(low) <= ABS(high) ? low : high);
}
