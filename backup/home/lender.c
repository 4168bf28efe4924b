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

/* On a Mesh node a number alone is no place: all of a hierarchy lie in one
 * folder, and OBJECTS of a repository elsewhere are those of another. */
static bool are_beside(const char *objects, const char *borrower)
{
	g_autofree char *lender = g_path_get_dirname(objects);
	g_autofree char *above = g_path_get_dirname(lender);
	g_autofree char *own = g_path_get_dirname(borrower);

	return g_str_equal(above, own);
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
	return rest && are_beside(rest, borrower) &&
		       home_in_repository(rest, &id, &rest) &&
		       g_str_equal(rest, "objects")
		   ? g_strdup_printf("%" PRIu64, id)
		   : NULL;
}
