#include "audit/capacity/moment.h"

#include "audit/capacity/stamps.h"

enum { THURSDAY = 3 }; /* the day on which 1970 began */

unsigned week_minute(int64_t local_s, int64_t *week)
{
	int64_t minute = local_s / 60 + THURSDAY * 1440;

	*week = minute / WEEK_MINUTES;
	return (unsigned)(minute % WEEK_MINUTES);
}

static const char *const weekdays[] = {
    "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};

char *window_text(unsigned minute)
{
	return g_strdup_printf("%s %02u:%02u", weekdays[minute / 1440 % 7],
	    minute / 60 % 24, minute % 60);
}

bool window_parse(const char *text, unsigned *minute)
{
	if (!g_regex_match_simple(
		"^(Mon|Tue|Wed|Thu|Fri|Sat|Sun) ([01][0-9]|2[0-3]):[0-5][0-9]"
		"(-([01][0-9]|2[0-3]):[0-5][0-9])?$",
		text, G_REGEX_DOLLAR_ENDONLY, 0))
		return false;
	for (unsigned d = 0; d < 7; d++)
		if (g_str_has_prefix(text, weekdays[d]))
			*minute = d * 1440;
	*minute +=
	    ((unsigned)(text[4] - '0') * 10 + (unsigned)(text[5] - '0')) * 60 +
	    (unsigned)(text[7] - '0') * 10 + (unsigned)(text[8] - '0');
	return true;
}

int64_t window_next(GTimeZone *zone, unsigned minute, int64_t after_s)
{
	int64_t week;

	for (int64_t at = after_s - after_s % 60 + 60;
	     at <= after_s + 8 * 86400; at += 60) {
		int64_t local = at + stamps_offset(zone, at);
		if (week_minute(local, &week) == minute)
			return at;
	}
	return after_s;
}
