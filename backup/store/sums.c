#include "backup/store/sums.h"

#include <fcntl.h>

#include "base/error.h"
#include "base/file.h"

/* A store of 16 million objects: beyond what one set can use. */
static const size_t LIMIT = (size_t)2 << 30;

static void clear_line(gpointer data)
{
	g_free(((struct sum *)data)->path);
}

void sums_add(struct sums *s, const char *sha256, const char *path)
{
	struct sum line = {.path = g_strdup(path)};

	if (!s->lines) {
		s->lines = g_array_new(FALSE, FALSE, sizeof(struct sum));
		g_array_set_clear_func(s->lines, clear_line);
	}
	g_strlcpy(line.sha256, sha256, sizeof line.sha256);
	g_array_append_val(s->lines, line);
}

char *sums_hash(const char *path, GError **error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0) {
		fail_errno(error, "%s", path);
		return NULL;
	}
	char *sha256 = hash_fd(fd, error);
	ignore(close(fd));
	if (!sha256)
		g_prefix_error(error, "%s: ", path);
	return sha256;
}

bool sums_add_file(
    struct sums *s, const char *path, const char *name, GError **error)
{
	g_autofree char *sha256 = sums_hash(path, error);

	if (sha256)
		sums_add(s, sha256, name);
	return sha256 != NULL;
}

static int by_path(gconstpointer a, gconstpointer b)
{
	return strcmp(
	    ((const struct sum *)a)->path, ((const struct sum *)b)->path);
}

bool sums_write(struct sums *s, const char *path, GError **error)
{
	g_autoptr(GString) text = g_string_new(NULL);

	g_array_sort(s->lines, by_path);
	for (guint i = 0; i < s->lines->len; i++) {
		const struct sum *line =
		    &g_array_index(s->lines, struct sum, i);
		g_string_append_printf(
		    text, "%s  %s\n", line->sha256, line->path);
	}
	return file_write(path, 0600, text->str, text->len, error);
}

/* We only ever write plain names: anything else is not from us. */
static bool is_plain(const char *path)
{
	return *path != '/' && !strstr(path, "..") &&
	       strspn(path,
		   "abcdefghijklmnopqrstuvwxyz"
		   "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./") == strlen(path);
}

bool sums_read(struct sums *s, const char *path, GError **error)
{
	g_autofree char *text = file_read(path, LIMIT, NULL, error);

	if (!text)
		return false;
	for (char *next = text, *end; *next; next = end + 1) {
		end = strchr(next, '\n');
		if (!end || end - next < HASH_HEX + 3 ||
		    memcmp(next + HASH_HEX, "  ", 2) != 0)
			return fail(error, GONOGO_ERROR_DATA,
			    "%s: a line that is no checksum", path);
		*end = 0;
		next[HASH_HEX] = 0;
		const char *name = next + HASH_HEX + 2;
		if (!hash_is_hex(next) || !is_plain(name))
			return fail(error, GONOGO_ERROR_DATA,
			    "%s: a line that is no checksum", path);
		sums_add(s, next, name);
	}
	if (!s->lines)
		return fail(error, GONOGO_ERROR_DATA, "%s: empty", path);
	for (guint i = 1; i < s->lines->len; i++)
		if (by_path(&g_array_index(s->lines, struct sum, i - 1),
			&g_array_index(s->lines, struct sum, i)) >= 0)
			return fail(error, GONOGO_ERROR_DATA,
			    "%s: not sorted, or a path twice", path);
	return true;
}

const struct sum *sums_find(const struct sums *s, const char *path)
{
	struct sum key = {.path = (char *)path};

	return s->lines ? bsearch(&key, s->lines->data, s->lines->len,
			      sizeof key, by_path)
			: NULL;
}

char *sums_digest(const struct sums *s, const char *prefix)
{
	g_autoptr(hash) h = hash_new();

	for (guint i = 0; i < s->lines->len; i++) {
		const struct sum *line =
		    &g_array_index(s->lines, struct sum, i);
		if (!g_str_has_prefix(line->path, prefix))
			continue;
		g_autofree char *text = g_strdup_printf(
		    "%s  %s\n", line->sha256, line->path + strlen(prefix));
		hash_add(h, text, strlen(text));
	}
	return hash_end_hex(h);
}

void sums_clear(struct sums *s)
{
	g_clear_pointer(&s->lines, g_array_unref);
}
