#include "audit/collect/raw.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/limits.h"
#include "port/fs.h"

enum { FILES_MOST = 20000 };

/* ---- writing ---- */

struct raw_store {
	char *bundle;
	const redactor *redactor;
	GHashTable *numbers; /* collector -> last number */
};

raw_store *raw_open(
    const char *bundle, const redactor *redactor, GError **error)
{
	g_autofree char *folder = g_build_filename(bundle, "raw", NULL);

	if (!fs_make_folders(folder, 0700, error))
		return NULL;
	struct raw_store *s = g_new0(struct raw_store, 1);
	s->bundle = g_strdup(bundle);
	s->redactor = redactor;
	s->numbers =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	return s;
}

void raw_close(raw_store *s)
{
	if (!s)
		return;
	g_free(s->bundle);
	g_hash_table_unref(s->numbers);
	g_free(s);
}

/* Gives the path of the next reply of COLLECTOR, without its ending. */
static char *next_stem(raw_store *s, const char *collector, GError **error)
{
	gpointer last = g_hash_table_lookup(s->numbers, collector);
	int number = GPOINTER_TO_INT(last) + 1;
	g_autofree char *folder =
	    g_build_filename(s->bundle, "raw", collector, NULL);

	if (number == 1 && !fs_make_folders(folder, 0700, error))
		return NULL;
	g_hash_table_insert(
	    s->numbers, g_strdup(collector), GINT_TO_POINTER(number));
	return g_strdup_printf("raw/%s/%03d", collector, number);
}

/* Gives the redacted text; *ending and *redaction say what it is. */
static char *redact(const raw_store *s, enum raw_form form, const char *body,
    bool people, const char **ending, const char **redaction)
{
	g_autoptr(json) value =
	    form == RAW_JSON ? json_parse(body, strlen(body), "reply", NULL)
			     : NULL;
	bool is_tree = value && (json_kind(value) == JSON_OBJECT ||
				    json_kind(value) == JSON_ARRAY);

	*ending = is_tree ? ".json" : ".txt";
	if (is_tree) {
		g_autoptr(json) clean = redact_json(s->redactor, value, people);
		*redaction = !clean   ? "none"
			     : people ? "secrets, people"
				      : "secrets";
		return clean ? json_pretty(clean) : g_strdup(body);
	}
	char *text = form == RAW_JSON ? redact_unknown(s->redactor, body)
				      : redact_text(s->redactor, body);
	*redaction = g_str_equal(text, body) ? "none"
		     : form == RAW_JSON      ? "secrets, long words"
					     : "secrets";
	return text;
}

static bool put_file(
    const raw_store *s, const char *path, const char *text, GError **error)
{
	g_autofree char *whole = g_build_filename(s->bundle, path, NULL);

	return file_write(whole, 0600, text, strlen(text), error);
}

bool raw_put(raw_store *s, struct raw_meta *meta, enum raw_form form,
    const char *body, bool people, GError **error)
{
	g_autofree char *stem = next_stem(s, meta->collector, error);
	g_autofree char *name = g_strconcat(stem, ".meta.json", NULL);

	if (!stem)
		return false;
	if (body) {
		const char *ending = NULL;
		const char *redaction = NULL;
		g_autofree char *text =
		    redact(s, form, body, people, &ending, &redaction);
		meta->file = g_strconcat(stem, ending, NULL);
		meta->sha256 = hash_hex(text, strlen(text));
		meta->redaction = g_strdup(redaction);
		if (!put_file(s, meta->file, text, error))
			return false;
	}
	if (meta->error) {
		char *clean = redact_text(s->redactor, meta->error);
		g_free(meta->error);
		meta->error = clean;
	}
	g_autofree char *path = g_build_filename(s->bundle, name, NULL);
	return document_save(&raw_meta_shape, meta, path, error);
}

/* ---- reading ---- */

static void raw_free(gpointer data)
{
	struct raw *raw = data;

	raw_meta_clear(&raw->meta);
	g_free(raw->text);
	g_free(raw);
}

/* Gives the whole of NAME below the folder ROOT, following no link. */
static char *read_beneath(
    int root, const char *name, size_t *length, GError **error)
{
	int fd = fs_open_beneath(root, name, O_RDONLY | O_NONBLOCK, 0);
	struct stat status;

	if (fd < 0) {
		fail(error, GONOGO_ERROR_DATA, "%s: %s", name,
		    g_strerror(errno));
		return NULL;
	}
	char *text = NULL;
	if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode))
		fail(error, GONOGO_ERROR_DATA, "%s: not a file", name);
	else
		text = file_read_fd(fd, name, LIMIT_DOCUMENT, length, error);
	ignore(close(fd));
	return text;
}

/* The reply must be the meta's own neighbour: 001.json of 001.meta.json. */
static bool is_own_file(const char *file, const char *meta)
{
	size_t stem = strlen(meta) - strlen("meta.json");

	return strncmp(file, meta, stem) == 0 &&
	       (g_str_equal(file + stem, "json") ||
		   g_str_equal(file + stem, "txt"));
}

static bool load_reply(
    int root, const char *name, struct raw *raw, GError **error)
{
	const struct raw_meta *meta = &raw->meta;
	size_t length = 0;

	if (!meta->at.known || !meta->request)
		return fail(
		    error, GONOGO_ERROR_DATA, "%s: no time or request", name);
	if (!meta->file) {
		raw->text = g_strdup("");
		return meta->error ||
		       fail(error, GONOGO_ERROR_DATA,
			   "%s: neither a file nor an error", name);
	}
	if (!meta->sha256 || !is_own_file(meta->file, name))
		return fail(error, GONOGO_ERROR_DATA,
		    "%s: names another file than its own", name);
	raw->text = read_beneath(root, meta->file, &length, error);
	if (!raw->text)
		return false;
	g_autofree char *sha256 = hash_hex(raw->text, length);
	if (!g_str_equal(sha256, meta->sha256))
		return fail(error, GONOGO_ERROR_DATA,
		    "%s: changed since it was collected", meta->file);
	if (strlen(raw->text) != length)
		return fail(
		    error, GONOGO_ERROR_DATA, "%s: a NUL byte", meta->file);
	return true;
}

static bool load_meta(
    int root, const char *name, GPtrArray *raws, GError **error)
{
	size_t length = 0;
	g_autofree char *text = read_beneath(root, name, &length, error);
	g_autoptr(json) document =
	    text ? json_parse(text, length, name, error) : NULL;

	if (!document)
		return false;
	struct raw *raw = g_new0(struct raw, 1);
	g_ptr_array_add(raws, raw);
	if (!document_read(&raw_meta_shape, document, &raw->meta, error)) {
		g_prefix_error(error, "%s: ", name);
		return false;
	}
	return load_reply(root, name, raw, error);
}

static int by_name(gconstpointer a, gconstpointer b)
{
	const char *left = *(const char *const *)a;
	const char *right = *(const char *const *)b;
	size_t left_length = strcspn(left, ".");
	size_t right_length = strcspn(right, ".");

	/* 1000 comes behind 999. */
	if (left_length != right_length)
		return left_length < right_length ? -1 : 1;
	return strcmp(left, right);
}

/* Gives the sorted names of the folder PATH below ROOT. */
static GPtrArray *list_folder(int root, const char *path, GError **error)
{
	int fd = fs_open_beneath(root, path, O_RDONLY | O_DIRECTORY, 0);
	DIR *folder = fd >= 0 ? fdopendir(fd) : NULL;
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);

	if (!folder) {
		fail(error, GONOGO_ERROR_DATA, "%s: %s", path,
		    g_strerror(errno));
		if (fd >= 0)
			ignore(close(fd));
		return NULL;
	}
	for (struct dirent *e = readdir(folder); e && names->len <= FILES_MOST;
	     e = readdir(folder))
		if (*e->d_name != '.')
			g_ptr_array_add(names, g_strdup(e->d_name));
	ignore(closedir(folder));
	if (names->len > FILES_MOST) {
		fail(error, GONOGO_ERROR_DATA, "%s: more than %d files", path,
		    FILES_MOST);
		return NULL;
	}
	g_ptr_array_sort(names, by_name);
	return g_steal_pointer(&names);
}

/* Every file of the folder is a meta or is named by one. */
static bool check_strays(const char *folder, const GPtrArray *names,
    const GPtrArray *raws, GError **error)
{
	g_autoptr(GHashTable) known = g_hash_table_new(g_str_hash, g_str_equal);

	for (guint i = 0; i < raws->len; i++) {
		const struct raw *raw = g_ptr_array_index(raws, i);
		if (raw->meta.file)
			g_hash_table_add(known, raw->meta.file);
	}
	for (guint i = 0; i < names->len; i++) {
		const char *name = g_ptr_array_index(names, i);
		g_autofree char *path = g_strconcat(folder, "/", name, NULL);
		if (!g_str_has_suffix(name, ".meta.json") &&
		    !g_hash_table_contains(known, path))
			return fail(error, GONOGO_ERROR_DATA,
			    "%s: no meta file names it", path);
	}
	return true;
}

static bool load_folder(
    int root, const char *collector, GPtrArray *raws, GError **error)
{
	g_autofree char *folder = g_strconcat("raw/", collector, NULL);
	g_autoptr(GPtrArray) names = list_folder(root, folder, error);

	for (guint i = 0; names && i < names->len; i++) {
		const char *name = g_ptr_array_index(names, i);
		g_autofree char *path = g_strconcat(folder, "/", name, NULL);
		if (g_str_has_suffix(name, ".meta.json") &&
		    !load_meta(root, path, raws, error))
			return false;
	}
	return names && check_strays(folder, names, raws, error);
}

GPtrArray *raw_load(const char *bundle, GError **error)
{
	g_autoptr(GPtrArray) raws = g_ptr_array_new_with_free_func(raw_free);
	int root = fs_open_folder(bundle, error);

	if (root < 0)
		return NULL;
	g_autoptr(GPtrArray) folders = list_folder(root, "raw", error);
	bool good = folders != NULL;
	for (guint i = 0; good && i < folders->len; i++)
		good = load_folder(
		    root, g_ptr_array_index(folders, i), raws, error);
	ignore(close(root));
	if (good && !raws->len)
		good = fail(
		    error, GONOGO_ERROR_DATA, "%s: no raw replies", bundle);
	if (!good) {
		g_prefix_error(error, "bundle %s: ", bundle);
		return NULL;
	}
	return g_steal_pointer(&raws);
}
