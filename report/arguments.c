#include "report/arguments.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/exits.h"
#include "base/log.h"

bool argument_given(const char *value, const char *option, GError **error)
{
	return value || fail(error, GONOGO_ERROR_USAGE, "missing: %s", option);
}

bool argument_time(const char *text, int64_t *time, GError **error)
{
	g_autoptr(GError) why = NULL;

	if (!text)
		*time = clock_now();
	else if (!clock_parse(text, time, &why))
		return fail(
		    error, GONOGO_ERROR_USAGE, "--as-of: %s", why->message);
	return true;
}

int argument_flaws(const GPtrArray *flaws)
{
	for (guint i = 0; i < flaws->len; i++)
		log_warn("%s", (const char *)g_ptr_array_index(flaws, i));
	return flaws->len > 0 ? EXITS_INVALID : EXITS_DONE;
}
