#include "audit/collect/jars.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/hash.h"
#include "port/archive.h"
#include "port/fs.h"

enum {
	DESCRIPTOR_MOST = 1 << 20, /* bytes of atlassian-plugin.xml */
	MEMBERS_MOST = 200000,
};

static const char descriptor[] = "atlassian-plugin.xml";

/* Gives the first group of PATTERN in TEXT; NULL: it does not match. */
static char *find(const char *pattern, const char *text)
{
	g_autoptr(GRegex) regex = g_regex_new(pattern, G_REGEX_DOTALL, 0, NULL);
	g_autoptr(GMatchInfo) match = NULL;

	return regex && g_regex_match(regex, text, 0, &match)
		   ? g_match_info_fetch(match, 1)
		   : NULL;
}

/* What the plugin system goes by: the descriptor's own key and version. */
static void read_descriptor(json *jar, const char *bytes)
{
	g_autofree char *text = g_utf8_make_valid(bytes, -1);
	g_autofree char *key = find(
	    "<atlassian-plugin\\b[^>]*?\\skey\\s*=\\s*[\"']([^\"']+)", text);
	g_autofree char *version =
	    find("<plugin-info>.*?<version>\\s*([^<\\s]+)\\s*</version>", text);

	json_set_string(jar, "key", key);
	json_set_string(jar, "version", version);
}

/* Gives the content of the member at hand; NULL: damaged or too long. */
static char *content(archive_reader *reader)
{
	g_autoptr(GString) text = g_string_new(NULL);
	const void *bytes = NULL;
	size_t length = 0;

	do {
		if (!archive_read_bytes(reader, &bytes, &length, NULL))
			return NULL;
		g_string_append_len(text, bytes, (gssize)length);
	} while (length && text->len <= DESCRIPTOR_MOST);
	return length ? NULL : g_strdup(text->str);
}

/* A jar that is no zip has no key; its hash stands all the same. */
static void look_inside(json *jar, int fd, const char *name)
{
	const struct archive_limits limits = {.members = MEMBERS_MOST};
	const struct archive_member *member = NULL;
	g_autoptr(archive_reader) reader =
	    archive_open(fd, 0, 0, name, &limits, NULL);

	while (reader && archive_next(reader, &member, NULL) && member)
		if (g_str_equal(member->path, descriptor)) {
			g_autofree char *text = content(reader);
			if (text)
				read_descriptor(jar, text);
			return;
		}
}

static bool look_at_jar(
    json *list, int folder, const char *name, GError **error)
{
	int fd = fs_open_beneath(folder, name, O_RDONLY | O_NONBLOCK, 0);
	struct stat status;

	if (fd < 0)
		return fail_errno(error, "%s", name);
	if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
		ignore(close(fd));
		return fail(error, GONOGO_ERROR_SYSTEM, "%s: no file", name);
	}
	g_autofree char *sha256 = hash_fd(fd, error);
	if (sha256) {
		json *jar = json_append(list, json_new_object());
		json_set_string(jar, "file", name);
		json_set_i64(jar, "size_bytes", status.st_size);
		json_set_string(jar, "sha256", sha256);
		look_inside(jar, fd, name);
	}
	ignore(close(fd));
	return sha256 != NULL;
}

static int by_name(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

json *jars_look(const char *path, GError **error)
{
	g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(json) list = json_new_array();

	/* It comes with the first app: read_home.c holds it against them. */
	if (access(path, F_OK) != 0 && errno == ENOENT)
		return g_steal_pointer(&list);
	int folder = fs_open_folder(path, error);
	bool good = folder >= 0;
	const char *name;

	while (dir && (name = g_dir_read_name(dir)))
		if (g_str_has_suffix(name, ".jar") &&
		    g_utf8_validate(name, -1, NULL))
			g_ptr_array_add(names, g_strdup(name));
	g_ptr_array_sort(names, by_name);
	for (guint i = 0; good && i < names->len; i++)
		good = look_at_jar(
		    list, folder, g_ptr_array_index(names, i), error);
	if (folder >= 0)
		ignore(close(folder));
	return good ? g_steal_pointer(&list) : NULL;
}
