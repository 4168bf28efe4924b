#include "base/clock.h"

#include <inttypes.h>

#include "base/error.h"

int64_t clock_now(void)
{
	return g_get_real_time() / G_USEC_PER_SEC;
}

double clock_monotonic(void)
{
	return (double)g_get_monotonic_time() / G_USEC_PER_SEC;
}

static char *format(int64_t seconds, const char *form)
{
	g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(seconds);

	/* Years beyond 9999 have no RFC 3339 form and come from nobody. */
	return time ? g_date_time_format(time, form)
		    : g_strdup("(no such time)");
}

char *clock_text(int64_t seconds)
{
	return format(seconds, "%C%y-%m-%dT%H:%M:%SZ");
}

char *clock_stamp(int64_t seconds)
{
	return format(seconds, "%C%y%m%dT%H%M%SZ");
}

char *clock_span(int64_t seconds)
{
	static const struct {
		int64_t length;
		const char *name;
	} units[] = {{86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}};
	size_t i = 0;

	if (seconds < 0)
		seconds = 0;
	while (i + 1 < G_N_ELEMENTS(units) && seconds < units[i].length)
		i++;
	int64_t rest = seconds % units[i].length;
	GString *out = g_string_new(NULL);

	g_string_printf(
	    out, "%" PRId64 " %s", seconds / units[i].length, units[i].name);
	if (i + 1 < G_N_ELEMENTS(units) && rest >= units[i + 1].length)
		g_string_append_printf(out, " %" PRId64 " %s",
		    rest / units[i + 1].length, units[i + 1].name);
	return g_string_free(out, FALSE);
}

bool clock_parse(const char *text, int64_t *seconds, GError **error)
{
	g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
	g_autofree char *midnight = NULL;

	if (strlen(text) == strlen("2026-08-01"))
		text = midnight = g_strconcat(text, "T00:00:00Z", NULL);
	g_autoptr(GDateTime) time = g_date_time_new_from_iso8601(text, utc);
	if (!time)
		return fail(error, GONOGO_ERROR_DATA,
		    "not a time like 2026-08-01T12:00:00Z: '%s'", text);
	*seconds = g_date_time_to_unix(time);
	return true;
}

bool clock_parse_http(const char *text, int64_t *seconds, GError **error)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	char month[4] = "";
	int day, year, hour, minute, second;

	if (sscanf(text, "%*3s, %d %3s %d %d:%d:%d GMT", &day, month, &year,
		&hour, &minute, &second) == 6) {
		const char *place = strstr(months, month);
		if (place && strlen(month) == 3 && (place - months) % 3 == 0) {
			g_autoptr(GDateTime) time = g_date_time_new_utc(year,
			    (int)(place - months) / 3 + 1, day, hour, minute,
			    second);
			if (time) {
				*seconds = g_date_time_to_unix(time);
				return true;
			}
		}
	}
	return fail(error, GONOGO_ERROR_DATA, "not an HTTP date: '%s'", text);
}
