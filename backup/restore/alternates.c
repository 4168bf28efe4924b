#include "backup/restore/alternates.h"

#include "bitbucket/home.h"

bool alternates_is(const struct entry *e)
{
	uint64_t id;
	const char *rest;

	return home_in_repository(e->path, &id, &rest) &&
	       g_str_equal(rest, "objects/info/alternates");
}

/*
 * The end of an absolute path to a repository's objects, from the slash before
 * "data/repositories", or a Mesh node's "store/data", on; NULL: it is another
 * path.  The home may have had more names than the one that the set knows, and
 * they end alike.
 */
static const char *objects_of(const char *line)
{
	static const char *const places[] = {
	    "/" HOME_REPOSITORIES "/", "/store/data/"};

	for (size_t i = 0; *line == '/' && i < G_N_ELEMENTS(places); i++) {
		const char *found = g_strrstr(line, places[i]), *rest;
		uint64_t id;
		if (found && home_in_repository(found + 1, &id, &rest) &&
		    g_str_equal(rest, "objects"))
			return found;
	}
	return NULL;
}

char *alternates_move(const char *text, size_t length, const char *home)
{
	g_autofree char *copy = g_strndup(text, length);
	g_auto(GStrv) lines = g_strsplit(copy, "\n", -1);

	for (char **line = lines; *line; line++) {
		const char *end = objects_of(*line);
		if (!end)
			continue;
		char *moved = g_strconcat(home, end, NULL);
		g_free(*line);
		*line = moved;
	}
	return g_strjoinv("\n", lines);
}
