#include "bitbucket/tickets.h"

#include "bitbucket/properties.h"

#define HOSTING "throttle.resource.scm-hosting."

enum { MOST = 10000 };

unsigned tickets_of_properties(const char *properties)
{
	g_autoptr(GHashTable) all = properties_parse(properties);
	const char *strategy = g_hash_table_lookup(all, HOSTING "strategy");
	const char *limit = g_hash_table_lookup(all,
	    g_strcmp0(strategy, "fixed") == 0 ? HOSTING "fixed.limit"
					      : HOSTING "adaptive.limit.min");
	guint64 tickets;

	return limit && g_ascii_string_to_unsigned(
			    limit, 10, 1, MOST, &tickets, NULL)
		   ? (unsigned)tickets
		   : 0;
}
