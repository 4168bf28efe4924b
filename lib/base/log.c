#include "base/log.h"

#include <stdio.h>

static bool silent;

static void say(const char *lead, const char *format, va_list arguments)
{
	g_autofree char *text = g_strdup_vprintf(format, arguments);

	/* One write a line, so that lines of children do not mix with ours. */
	g_printerr("%s: %s%s\n", g_get_prgname(), lead, text);
}

void log_say(const char *format, ...)
{
	va_list arguments;

	if (silent)
		return;
	va_start(arguments, format);
	say("", format, arguments);
	va_end(arguments);
}

void log_warn(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say("warning: ", format, arguments);
	va_end(arguments);
}

void log_quiet(bool quiet)
{
	silent = quiet;
}

bool log_colour(int fd)
{
	const char *term = g_getenv("TERM");

	return isatty(fd) && !g_getenv("NO_COLOR") && term &&
	       !g_str_equal(term, "dumb");
}
