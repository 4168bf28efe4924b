#include "backup/choice.h"

#include "base/error.h"

bool choice_evidence(
    const struct set *set, struct evidence *how, GError **error)
{
	g_autofree char *path =
	    g_build_filename(set->folder, "EVIDENCE.json", NULL);

	return document_load(&evidence_shape, path, how, error);
}

/* ---- repositories ---- */

static char *name_of(const struct evidence_repository *r)
{
	return g_strdup_printf(
	    "%s/%s", r->project ? r->project : "", r->slug ? r->slug : "");
}

/* The number of the repository that people call NAME; NULL: there is none. */
static const char *find(const struct evidence *how, const char *name)
{
	for (guint i = 0; i < list_length(how->repositories); i++) {
		const struct evidence_repository *r =
		    g_ptr_array_index(how->repositories, i);
		g_autofree char *known = name_of(r);
		if (g_str_equal(known, name))
			return r->id;
	}
	return NULL;
}

static bool unknown(const struct set *set, const char *name, GError **error)
{
	return fail(error, GONOGO_ERROR_USAGE,
	    "set %s holds no repository %s\n"
	    "hint: an id (42) or project and slug (DEMO/alpha)",
	    set->id, name);
}

/* Adds the group of repository ID and those it borrows objects from. */
static bool add_closure(const struct set *set, const struct manifest *m,
    const char *id, GPtrArray *groups, GError **error)
{
	g_autofree char *name = g_strconcat("repository/", id, NULL);
	const struct manifest_group *group = manifest_group(m, name);

	if (!group)
		return unknown(set, id, error);
	/* Alternates may form a circle. */
	if (g_ptr_array_find(groups, group, NULL))
		return true;
	g_ptr_array_add(groups, (gpointer)group);
	for (guint i = 0; i < group->alternates->len; i++)
		if (!add_closure(set, m,
			g_ptr_array_index(group->alternates, i), groups, error))
			return false;
	return true;
}

bool choice_repositories(const struct set *set, const struct manifest *m,
    char **names, GPtrArray *groups, GError **error)
{
	g_auto(evidence) how = {0};

	for (char **name = names; *name; name++) {
		const char *id = *name;
		/* A number needs no list of names, which may be long. */
		if (strchr(id, '/')) {
			if (!how.made_by && !how.repositories &&
			    !choice_evidence(set, &how, error))
				return false;
			id = find(&how, *name);
		}
		if (!id)
			return unknown(set, *name, error);
		if (!add_closure(set, m, id, groups, error))
			return false;
	}
	return true;
}

char *choice_title(
    const struct manifest_group *group, const struct evidence *how)
{
	const char *id = strchr(group->name, '/');

	if (!group->repository || !id)
		return g_strdup(group->name);
	for (guint i = 0; how && i < list_length(how->repositories); i++) {
		const struct evidence_repository *r =
		    g_ptr_array_index(how->repositories, i);
		if (!g_str_equal(r->id, id + 1) || !r->project || !r->slug)
			continue;
		return g_strdup_printf(
		    "repository %s (%s/%s)", r->id, r->project, r->slug);
	}
	return g_strdup_printf("repository %s", id + 1);
}

/* ---- paths ---- */

/* PATTERN up to its next star against the front of TEXT, then the rest. */
static bool matches(const char *pattern, const char *text)
{
	const char *star = NULL, *again = NULL;

	while (*text) {
		if (*pattern == '*') {
			star = ++pattern;
			again = text;
		} else if (*pattern == *text || *pattern == '?') {
			pattern++;
			text++;
		} else if (star) {
			pattern = star;
			text = ++again;
		} else {
			return false;
		}
	}
	return pattern[strspn(pattern, "*")] == 0;
}

static bool is_below(const char *folder, const char *path)
{
	size_t length = strlen(folder);

	while (length > 0 && folder[length - 1] == '/')
		length--;
	return strncmp(folder, path, length) == 0 &&
	       (path[length] == '/' || !path[length]);
}

bool choice_has_path(char **patterns, const char *path)
{
	for (char **one = patterns; *one; one++)
		if (is_below(*one, path) || matches(*one, path))
			return true;
	return false;
}
