#include "backup/db/files.h"

#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"

static void db_file_free(void *member)
{
	struct db_file *f = member;

	g_free(f->suffix);
	g_free(f->name);
	g_free(f);
}

GPtrArray *db_files_new(void)
{
	return g_ptr_array_new_with_free_func(db_file_free);
}

void db_files_add(GPtrArray *files, const char *sha256, const char *suffix,
    uint64_t bytes, const char *name)
{
	struct db_file *f = g_new0(struct db_file, 1);

	g_strlcpy(f->sha256, sha256, sizeof(f->sha256));
	f->suffix = g_strdup(suffix);
	f->bytes = bytes;
	f->name = g_strdup(name);
	g_ptr_array_add(files, f);
}

static int by_name(const void *a, const void *b)
{
	const struct db_file *one = *(struct db_file *const *)a;
	const struct db_file *other = *(struct db_file *const *)b;

	return strcmp(one->name, other->name);
}

bool db_files_write(GPtrArray *files, const char *path, GError **error)
{
	g_autoptr(GString) text = g_string_new(NULL);

	g_ptr_array_sort(files, by_name);
	for (guint i = 0; i < files->len; i++) {
		const struct db_file *f = g_ptr_array_index(files, i);
		g_string_append_printf(text,
		    "%s\t%s\t%" G_GUINT64_FORMAT "\t%s\n", f->sha256,
		    *f->suffix ? f->suffix : "-", f->bytes, f->name);
	}
	return file_write(path, 0600, text->str, text->len, error);
}

/* It is put into a folder of our choice under this name. */
static bool is_plain_name(const char *name)
{
	return *name && *name != '.' && !strchr(name, '/');
}

static bool read_line(GPtrArray *files, const char *line)
{
	g_auto(GStrv) fields = g_strsplit(line, "\t", -1);
	uint64_t bytes = 0;

	if (g_strv_length(fields) != 4 || !hash_is_hex(fields[0]) ||
	    !(g_str_equal(fields[1], "-") || g_str_equal(fields[1], ".zst")) ||
	    !g_ascii_string_to_unsigned(
		fields[2], 10, 0, G_MAXUINT64, &bytes, NULL) ||
	    !is_plain_name(fields[3]))
		return false;
	db_files_add(files, fields[0],
	    g_str_equal(fields[1], "-") ? "" : fields[1], bytes, fields[3]);
	return true;
}

GPtrArray *db_files_read(const char *path, GError **error)
{
	g_autofree char *text = file_read(path, LIMIT_DOCUMENT, NULL, error);
	g_autoptr(GPtrArray) files = db_files_new();

	if (!text)
		return NULL;
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	for (guint i = 0; lines[i]; i++) {
		bool last = !lines[i + 1];
		if (last ? *lines[i] != '\0' : !read_line(files, lines[i])) {
			fail(error, GONOGO_ERROR_DATA, "%s:%u: %s", path, i + 1,
			    last ? "cut short"
				 : "not sha256, suffix, bytes, name");
			return NULL;
		}
	}
	return g_steal_pointer(&files);
}
