#include "backup/drill/case.h"

#include "bitbucket/home.h"

char *drill_title(const char *id, const char *project, const char *slug)
{
	return project && slug
		   ? g_strdup_printf("%s (%s/%s)", id, project, slug)
		   : g_strdup(id);
}

bool drill_is_known(const GPtrArray *titles, const char *title)
{
	for (guint i = 0; i < list_length(titles); i++)
		if (g_str_equal(g_ptr_array_index(titles, i), title))
			return true;
	return false;
}

char *drill_repository(const struct drill *d, const char *id)
{
	return g_build_filename(d->home, HOME_REPOSITORIES, id, NULL);
}
