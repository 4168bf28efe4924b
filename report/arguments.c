#include "report/arguments.h"

#include "base/clock.h"
#include "base/error.h"

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
