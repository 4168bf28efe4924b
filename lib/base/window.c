#include "base/window.h"

#include <glib.h>

enum { MINUTE = 60, DAY = 24 * 60 * MINUTE };

static const char *const days[] = {
    "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun", NULL};

/* "22:00" */
static int64_t second_of_day(const char *text)
{
	return (g_ascii_strtoll(text, NULL, 10) * 60 +
		   g_ascii_strtoll(text + strlen("22:"), NULL, 10)) *
	       MINUTE;
}

bool window_is_valid(const char *text)
{
	return g_regex_match_simple(
	    "^((Mon|Tue|Wed|Thu|Fri|Sat|Sun) )?"
	    "([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]$",
	    text, G_REGEX_DOLLAR_ENDONLY, 0);
}

int64_t window_left_s(const char *window, int64_t now)
{
	int day = -1; /* any */

	if (!window)
		return INT64_MAX;
	for (int i = 0; days[i]; i++)
		if (g_str_has_prefix(window, days[i]))
			day = i;
	if (day >= 0)
		window += strlen("Sat ");
	int64_t from = second_of_day(window);
	int64_t to = second_of_day(window + strlen("22:00-"));
	int64_t length = to > from ? to - from : to - from + DAY;
	int64_t midnight = now - now % DAY;

	/* It may have opened yesterday. */
	for (int back = 0; back <= 1; back++) {
		int64_t opened = midnight - back * DAY + from;
		/* 1970-01-01 was a Thursday. */
		int weekday = (int)((opened / DAY + 3) % 7);
		if ((day < 0 || day == weekday) && now >= opened &&
		    now < opened + length)
			return opened + length - now;
	}
	return 0;
}
