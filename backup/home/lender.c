#include "backup/home/lender.h"

#include <inttypes.h>

#include "bitbucket/home.h"

/* What of PATH is behind the folder HOME; NULL: it is not in there. */
static const char *behind(const char *home, const char *path)
{
	size_t length = strlen(home);

	return strncmp(path, home, length) == 0 && path[length] == '/'
		   ? path + length + 1
		   : NULL;
}

char *lender_find(const struct site *s, const char *borrower, const char *line)
{
	g_autofree char *own =
	    g_build_filename(s->real, borrower, "objects", NULL);
	g_autofree char *path = g_canonicalize_filename(line, own);
	g_autofree char *real = NULL;
	const char *rest = behind(s->path, path);
	uint64_t id;

	if (!rest)
		rest = behind(s->real, path);
	if (!rest) {
		/* Another name of the same place, such as a link to it. */
		real = realpath(path, NULL);
		rest = real ? behind(s->real, real) : NULL;
	}
	return rest && home_in_repository(rest, &id, &rest) &&
		       g_str_equal(rest, "objects")
		   ? g_strdup_printf("%" PRIu64, id)
		   : NULL;
}
