#include "audit/logs/nights.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/limits.h"
#include "port/fs.h"

enum { DAY_S = 86400, NEW_S = 3 * DAY_S, KEPT_S = 15 * DAY_S, DATE = 10 };

void nights_clear(struct nights *n)
{
	logs_clear(&n->baseline);
	logs_clear(&n->starts);
	g_clear_pointer(&n->sha256, g_free);
}

bool nights_load(
    const char *path, struct logs *out, char **sha256, GError **error)
{
	size_t length = 0;
	g_autofree char *text = file_read(path, LIMIT_DOCUMENT, &length, error);
	g_autoptr(json) document =
	    text ? json_parse(text, length, path, error) : NULL;

	if (!document)
		return false;
	if (!document_read(&logs_shape, document, out, error)) {
		g_prefix_error(error, "%s: ", path);
		return false;
	}
	*sha256 = hash_hex(text, length);
	return true;
}

/* ---- which night ---- */

static gint by_name(gconstpointer a, gconstpointer b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Gives the names in the folder that are of a day, sorted. */
static GPtrArray *list(const char *folder)
{
	GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir)))
		if (strlen(name) == DATE + strlen(".json") &&
		    g_str_has_suffix(name, ".json"))
			g_ptr_array_add(names, g_strdup(name));
	g_ptr_array_sort(names, by_name);
	return names;
}

/* Is the night NAME of before that moment? */
static bool is_before(const char *name, int64_t at)
{
	g_autofree char *text = clock_text(MAX(at, 0));

	return strncmp(name, text, DATE) < 0;
}

/* The newest that is old enough, else the oldest that is not of today. */
static const char *choose(const GPtrArray *names, int64_t now)
{
	const char *best = NULL;

	for (guint i = 0; i < names->len; i++) {
		const char *name = g_ptr_array_index(names, i);
		if (is_before(name, now - NEW_S) ||
		    (!best && is_before(name, now)))
			best = name;
	}
	return best;
}

bool nights_read(
    const char *folder, int64_t now, struct nights *n, GError **error)
{
	g_autofree char *nights = g_build_filename(folder, "nights", NULL);
	g_autofree char *starts = g_build_filename(folder, "starts.json", NULL);
	g_autoptr(GPtrArray) names = list(nights);
	const char *name = choose(names, now);
	g_autofree char *path =
	    name ? g_build_filename(nights, name, NULL) : NULL;

	if (path && !nights_load(path, &n->baseline, &n->sha256, error))
		return false;
	return !g_file_test(starts, G_FILE_TEST_EXISTS) ||
	       document_load(&logs_shape, starts, &n->starts, error);
}

/* ---- keeping ---- */

/* Adds what a comparison looks at. */
static void add_error(const struct logs_error *from, GPtrArray **list)
{
	struct logs_error *e = shape_add(&logs_error_shape, list);

	e->f1 = g_strdup(from->f1);
	e->entries = from->entries;
	e->starting = from->starting;
	e->last = from->last;
	if (!list_length(from->samples))
		return;
	const struct logs_sample *sample = g_ptr_array_index(from->samples, 0);
	struct logs_sample *own = shape_add(&logs_sample_shape, &e->samples);
	own->text = g_strndup(sample->text, strcspn(sample->text, "\n"));
}

static bool save_night(
    const char *folder, int64_t now, const struct logs *l, GError **error)
{
	g_autofree char *day = clock_text(now);
	g_autofree char *path =
	    g_strdup_printf("%s/%.*s.json", folder, (int)DATE, day);
	g_auto(logs) night = {.from = l->from,
	    .until = l->until,
	    .errors_dropped = l->errors_dropped};

	for (guint i = 0; i < list_length(l->errors); i++)
		add_error(g_ptr_array_index(l->errors, i), &night.errors);
	return document_save(&logs_shape, &night, path, error);
}

static bool is_there(const GPtrArray *errors, const char *f1)
{
	for (guint i = 0; i < list_length(errors); i++) {
		const struct logs_error *e = g_ptr_array_index(errors, i);
		if (g_str_equal(e->f1, f1))
			return true;
	}
	return false;
}

static gint by_f1(gconstpointer a, gconstpointer b)
{
	const struct logs_error *one = *(struct logs_error *const *)a;
	const struct logs_error *two = *(struct logs_error *const *)b;

	return strcmp(one->f1, two->f1);
}

static bool save_starts(const char *folder, const struct logs *l,
    struct logs *starts, GError **error)
{
	g_autofree char *path = g_build_filename(folder, "starts.json", NULL);
	guint before = list_length(starts->errors);

	for (guint i = 0; i < list_length(l->errors); i++) {
		const struct logs_error *e = g_ptr_array_index(l->errors, i);
		if (e->starting.known && !is_there(starts->errors, e->f1))
			add_error(e, &starts->errors);
	}
	if (list_length(starts->errors) == before)
		return true;
	g_ptr_array_sort(starts->errors, by_f1);
	return document_save(&logs_shape, starts, path, error);
}

bool nights_keep(const char *folder, int64_t now, const struct logs *l,
    struct nights *n, GError **error)
{
	g_autofree char *nights = g_build_filename(folder, "nights", NULL);

	if (!fs_make_folders(nights, 0700, error) ||
	    !save_night(nights, now, l, error) ||
	    !save_starts(folder, l, &n->starts, error))
		return false;
	g_autoptr(GPtrArray) names = list(nights);
	for (guint i = 0; i < names->len; i++) {
		const char *name = g_ptr_array_index(names, i);
		g_autofree char *path = g_build_filename(nights, name, NULL);
		if (is_before(name, now - KEPT_S) && unlink(path) != 0)
			return fail_errno(error, "%s", path);
	}
	return true;
}
