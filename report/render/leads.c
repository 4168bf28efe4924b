#include "report/render/leads.h"

static bool repeats(const GPtrArray *leads, const struct reason *reason)
{
	for (guint i = 0; reason->message && i < leads->len; i++) {
		const struct reason *lead = g_ptr_array_index(leads, i);
		if (g_strcmp0(lead->message, reason->message) == 0 &&
		    g_strcmp0(lead->remedy, reason->remedy) == 0)
			return true;
	}
	return false;
}

GPtrArray *leads_of(const GPtrArray *reasons, guint most)
{
	GPtrArray *leads = g_ptr_array_new();

	for (guint i = 0; i < list_length(reasons) && leads->len < most; i++) {
		struct reason *reason = g_ptr_array_index(reasons, i);
		if (!repeats(leads, reason))
			g_ptr_array_add(leads, reason);
	}
	return leads;
}
