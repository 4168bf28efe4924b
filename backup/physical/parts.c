#include "backup/physical/parts.h"

#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"
#include "port/pg_wal.h"

static const char tar[] = ".tar.";
enum { DIGITS = 8 };

char *part_name(const char *archive, unsigned number)
{
	return g_strdup_printf("%s%s%0*u", archive, tar, DIGITS, number);
}

/* "base", or a tablespace's number: it becomes the name of a folder. */
static bool is_archive(const char *name)
{
	return g_str_equal(name, PHYSICAL_BASE) ||
	       (*name >= '1' && *name <= '9' &&
		   name[strspn(name, "0123456789")] == '\0');
}

char *part_archive(const char *name, unsigned *number)
{
	const char *at = strstr(name, tar);
	uint64_t value = 0;

	if (!at || strlen(at + strlen(tar)) != DIGITS ||
	    !g_ascii_string_to_unsigned(
		at + strlen(tar), 10, 1, G_MAXUINT32, &value, NULL))
		return NULL;
	g_autofree char *archive = g_strndup(name, (gsize)(at - name));
	*number = (unsigned)value;
	return is_archive(archive) ? g_steal_pointer(&archive) : NULL;
}

enum part_kind part_kind(const char *name)
{
	unsigned number;
	g_autofree char *archive = part_archive(name, &number);

	if (archive)
		return PART_ARCHIVE;
	if (pg_wal_is_name(name))
		return PART_WAL;
	return pg_wal_is_history(name) ? PART_HISTORY : PART_UNKNOWN;
}

/* ---- tablespaces ---- */

static void tablespace_free(void *member)
{
	struct tablespace *t = member;

	g_free(t->number);
	g_free(t->folder);
	g_free(t);
}

GPtrArray *tablespaces_new(void)
{
	return g_ptr_array_new_with_free_func(tablespace_free);
}

void tablespaces_add(GPtrArray *list, const char *number, const char *folder)
{
	struct tablespace *t = g_new0(struct tablespace, 1);

	t->number = g_strdup(number);
	t->folder = g_strdup(folder);
	g_ptr_array_add(list, t);
}

bool tablespaces_write(const GPtrArray *list, const char *path, GError **error)
{
	g_autoptr(GString) text = g_string_new(NULL);

	for (guint i = 0; i < list->len; i++) {
		const struct tablespace *t = g_ptr_array_index(list, i);
		g_autofree char *folder = g_strescape(t->folder, NULL);
		g_string_append_printf(text, "%s\t%s\n", t->number, folder);
	}
	return file_write(path, 0600, text->str, text->len, error);
}

GPtrArray *tablespaces_read(const char *path, GError **error)
{
	g_autofree char *text = file_read(path, LIMIT_DOCUMENT, NULL, error);
	g_autoptr(GPtrArray) list = tablespaces_new();

	if (!text)
		return NULL;
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	for (guint i = 0; lines[i] && *lines[i]; i++) {
		g_auto(GStrv) fields = g_strsplit(lines[i], "\t", -1);
		bool good = g_strv_length(fields) == 2 &&
			    is_archive(fields[0]) && *fields[1] == '/';
		if (!good) {
			fail(error, GONOGO_ERROR_DATA,
			    "%s:%u: not a tablespace's number and folder", path,
			    i + 1);
			return NULL;
		}
		g_autofree char *folder = g_strcompress(fields[1]);
		tablespaces_add(list, fields[0], folder);
	}
	return g_steal_pointer(&list);
}
