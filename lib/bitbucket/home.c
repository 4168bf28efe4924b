#include "bitbucket/home.h"

#include <errno.h>
#include <sys/stat.h>

#include "base/error.h"

enum { DEEPEST = 2 }; /* names in a pattern */

/*
 * What Bitbucket makes anew by itself, or never reads again; each pattern is
 * for the names from the shared home down.  docs/sources.md#home
 */
static const struct {
	const char *names[DEEPEST];
	bool folders_only;
} left_out[] = {
    {{".lock"}, false},
    {{"caches"}, true},
    {{"data", "db.*"}, false}, /* H2: never used beside PostgreSQL */
    {{"export"}, true},
    {{"log"}, true},
    {{"plugins", ".*"}, true}, /* unpacked apps */
    {{"search", "data"}, true},
    {{"tmp"}, false},
};

/* Is the name at PATH, up to a slash, of PATTERN, which may end in a `*`?
 * This is asked of every file: no copies are made. */
static bool is_of(const char *pattern, const char *path)
{
	size_t length = strlen(pattern);

	if (length > 0 && pattern[length - 1] == '*')
		return strncmp(pattern, path, length - 1) == 0;
	return strncmp(pattern, path, length) == 0 &&
	       (path[length] == '/' || !path[length]);
}

bool home_is_left_out(const char *path, bool is_folder)
{
	for (size_t i = 0; i < G_N_ELEMENTS(left_out); i++) {
		const char *rest = path;
		size_t at = 0;

		while (at < DEEPEST && left_out[i].names[at] && rest &&
		       is_of(left_out[i].names[at], rest)) {
			rest = strchr(rest, '/');
			rest = rest ? rest + 1 : NULL;
			at++;
		}
		bool whole = at == DEEPEST || !left_out[i].names[at];
		/* What has something below it is a folder. */
		if (whole && (!left_out[i].folders_only || is_folder || rest))
			return true;
	}
	return false;
}

/* Passes LENGTH hex digits and a slash. */
static bool pass_hex(const char **at, size_t length)
{
	if (strspn(*at, "0123456789abcdef") != length || (*at)[length] != '/')
		return false;
	*at += length + 1;
	return true;
}

/* The number behind "data/repositories/", or, on a Mesh node, behind
 * "store/data/<partition>/<hierarchy>/repos/"; NULL: neither. */
static const char *number_in(const char *path)
{
	static const char shared[] = HOME_REPOSITORIES "/";
	static const char mesh[] = "store/data/", last[] = "repos/";

	if (g_str_has_prefix(path, shared))
		return path + strlen(shared);
	if (!g_str_has_prefix(path, mesh))
		return NULL;
	path += strlen(mesh);
	return pass_hex(&path, 4) && pass_hex(&path, 20) &&
		       g_str_has_prefix(path, last)
		   ? path + strlen(last)
		   : NULL;
}

bool home_in_repository(const char *path, uint64_t *id, const char **rest)
{
	enum { DIGITS = 18 }; /* so many always fit */
	const char *name = number_in(path), *at = name;
	guint64 number = 0;

	if (!name)
		return false;
	for (; g_ascii_isdigit(*at) && at - name < DIGITS; at++)
		number = number * 10 + (guint64)(*at - '0');
	if (at == name || *name == '0' || (*at && *at != '/'))
		return false;
	*id = number;
	*rest = *at == '/' ? at + 1 : at;
	return true;
}

static bool is_there(const char *folder, const char *name, mode_t kind)
{
	g_autofree char *path = g_build_filename(folder, name, NULL);
	struct stat status;

	return stat(path, &status) == 0 && (status.st_mode & S_IFMT) == kind;
}

bool home_check(const char *path, GError **error)
{
	struct stat status;
	g_autoptr(GString) missing = g_string_new(NULL);

	if (stat(path, &status) != 0)
		return fail(error, GONOGO_ERROR_USAGE,
		    "%s: %s\nhint: set [home] shared to the cluster's shared "
		    "home; is it mounted here?",
		    path, g_strerror(errno));
	if (!S_ISDIR(status.st_mode))
		return fail(
		    error, GONOGO_ERROR_USAGE, "%s: not a folder", path);
	if (!is_there(path, HOME_REPOSITORIES, S_IFDIR))
		g_string_append(missing, HOME_REPOSITORIES);
	/* A container may have all its settings in the environment. */
	if (!is_there(path, HOME_PROPERTIES, S_IFREG) &&
	    !is_there(path, "config", S_IFDIR))
		g_string_append_printf(missing, "%s%s",
		    missing->len ? " and " : "", HOME_PROPERTIES);
	if (!missing->len)
		return true;
	g_autofree char *inside = g_build_filename(path, "shared", NULL);
	if (is_there(inside, HOME_REPOSITORIES, S_IFDIR))
		return fail(error, GONOGO_ERROR_USAGE,
		    "%s: not a shared home: no %s\n"
		    "hint: that is a node's local home; set [home] shared to "
		    "%s",
		    path, missing->str, inside);
	return fail(error, GONOGO_ERROR_USAGE,
	    "%s: not a shared home: no %s\n"
	    "hint: set [home] shared to the cluster's shared home; is it "
	    "mounted here, and may this user read it?",
	    path, missing->str);
}

/* ---- repository-config: git's own form ---- */

/* Gives the value behind "=", without a comment and its quotes. */
static char *config_value(const char *text)
{
	GString *value = g_string_new(NULL);
	bool quoted = false;

	for (; *text && (quoted || (*text != '#' && *text != ';')); text++) {
		if (*text == '"')
			quoted = !quoted;
		else if (*text == '\\' && text[1])
			g_string_append_c(value, *++text);
		else
			g_string_append_c(value, *text);
	}
	return g_strstrip(g_string_free(value, FALSE));
}

void repository_config_clear(struct repository_config *c)
{
	g_free(c->hierarchy);
	g_free(c->project);
	g_free(c->slug);
	*c = (struct repository_config){0};
}

void repository_config_read(const char *text, struct repository_config *c)
{
	const struct {
		const char *key;
		char **value;
	} wanted[] = {
	    {"hierarchy", &c->hierarchy},
	    {"project", &c->project},
	    {"repository", &c->slug},
	};
	g_auto(GStrv) lines = g_strsplit_set(text, "\r\n", -1);
	bool ours = false;

	for (size_t i = 0; lines[i]; i++) {
		const char *line = g_strstrip(lines[i]);
		char *equals = strchr(line, '=');

		if (*line == '[')
			ours =
			    g_ascii_strncasecmp(line, "[bitbucket]", 11) == 0;
		if (!ours || !equals || strchr("[#;", *line))
			continue;
		*equals = '\0';
		g_autofree char *key = g_strstrip(g_strdup(line));
		for (size_t k = 0; k < G_N_ELEMENTS(wanted); k++)
			if (g_ascii_strcasecmp(key, wanted[k].key) == 0) {
				g_free(*wanted[k].value);
				*wanted[k].value = config_value(equals + 1);
			}
	}
}
