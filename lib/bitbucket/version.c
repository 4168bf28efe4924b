#include "bitbucket/version.h"

#include "base/error.h"

enum { MOST_DIGITS = 9 }; /* so that a part fits into an unsigned */

/* Reads the digits at *text and moves behind them. */
static bool read_part(const char **text, unsigned *part)
{
	const char *start = *text;
	unsigned value = 0;

	while (g_ascii_isdigit(**text) && *text - start < MOST_DIGITS)
		value = value * 10 + (unsigned)(*(*text)++ - '0');
	*part = value;
	return *text > start;
}

static bool skip_dot(const char **text)
{
	if (**text != '.')
		return false;
	(*text)++;
	return true;
}

bool version_parse(const char *text, struct version *v, GError **error)
{
	struct version read = {0};
	const char *rest = text;

	if (!read_part(&rest, &read.major) || !skip_dot(&rest) ||
	    !read_part(&rest, &read.minor) ||
	    (*rest && (!skip_dot(&rest) || !read_part(&rest, &read.bugfix))) ||
	    *rest)
		return fail(error, GONOGO_ERROR_DATA,
		    "not a version like 9.4.22: '%s'", text);
	*v = read;
	return true;
}

static int compare(unsigned a, unsigned b)
{
	return (a > b) - (a < b);
}

int version_compare(const struct version *a, const struct version *b)
{
	int major = compare(a->major, b->major);
	int minor = compare(a->minor, b->minor);

	return major ? major : minor ? minor : compare(a->bugfix, b->bugfix);
}

bool version_same_line(const struct version *a, const struct version *b)
{
	return a->major == b->major && a->minor == b->minor;
}
