#include "audit/collect/repositories.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/stop.h"
#include "bitbucket/home.h"
#include "port/fs.h"

enum {
	TIME_S = 60,
	STALE_S = 3600,
	SOME_MOST = 50,              /* offenders that are named */
	ALTERNATES_MOST = 64 * 1024, /* bytes of an alternates file */
};

struct tally {
	int64_t count;
	json *value, *some; /* borrowed from the answer */
};

struct look {
	const char *home;
	int root; /* descriptor of data/repositories */
	int64_t now;
	double until;
	struct tally broken, stale;
};

/* ---- what is wrong, counted, and some of it named ---- */

static void tally_open(struct tally *t, json *parent, const char *key)
{
	t->value = json_set(parent, key, json_new_object());
	t->some = json_set(t->value, "some", json_new_array());
}

static void tally_add(struct tally *t, const char *what)
{
	if (t->count++ < SOME_MOST)
		json_append_string(t->some, what);
}

static void tally_close(const struct tally *t)
{
	json_set_i64(t->value, "count", t->count);
}

/* ---- alternates ---- */

/*
 * They are absolute, as the nodes mount the home; here it may lie elsewhere, so
 * a path into another repository of this home is looked for in this home.
 */
static bool leads_somewhere(
    const struct look *look, const char *id, const char *line)
{
	static const char inside[] = "/" HOME_REPOSITORIES "/";
	const char *rest = strstr(line, inside);
	g_autofree char *relative =
	    *line == '/' ? NULL
			 : g_build_filename(look->home, HOME_REPOSITORIES, id,
			       "objects", line, NULL);
	g_autofree char *here =
	    rest ? g_build_filename(look->home, rest, NULL) : NULL;

	return g_file_test(relative ? relative : line, G_FILE_TEST_IS_DIR) ||
	       (here && g_file_test(here, G_FILE_TEST_IS_DIR));
}

static void look_at_alternates(struct look *look, const char *id)
{
	g_autofree char *name =
	    g_strconcat(id, "/objects/info/alternates", NULL);
	int fd = fs_open_beneath(look->root, name, O_RDONLY | O_NONBLOCK, 0);

	if (fd < 0)
		return; /* no fork */
	g_autofree char *text =
	    file_read_fd(fd, name, ALTERNATES_MOST, NULL, NULL);
	ignore(close(fd));
	g_auto(GStrv) lines = g_strsplit(text ? text : "", "\n", -1);
	bool broken = !text;
	for (char **line = lines; *line; line++)
		if (**line && **line != '#' &&
		    !leads_somewhere(look, id, *line))
			broken = true;
	if (broken)
		tally_add(&look->broken, id);
}

/* ---- locks ---- */

struct locks {
	struct look *look;
	const char *folder; /* "42/refs" */
};

static bool is_lock(const char *name)
{
	return g_str_has_suffix(name, ".lock") || g_str_equal(name, "gc.pid");
}

static enum fs_step visit_lock(
    const struct fs_entry *entry, void *user, GError **error)
{
	const struct locks *locks = user;
	struct look *look = locks->look;

	(void)error;
	if (S_ISREG(entry->status.st_mode) && is_lock(entry->name) &&
	    look->now - entry->status.st_mtime > STALE_S) {
		g_autofree char *path =
		    g_strconcat(locks->folder, "/", entry->path, NULL);
		tally_add(&look->stale, path);
	}
	return clock_monotonic() > look->until ? FS_STOP : FS_ON;
}

static void pass_over(const char *path, int error_number, void *user)
{
	(void)path, (void)error_number, (void)user;
}

static void walk_for_locks(struct look *look, const char *id, const char *below)
{
	g_autofree char *name = g_strconcat(id, "/", below, NULL);
	int fd = fs_open_beneath(look->root, name, O_RDONLY | O_DIRECTORY, 0);
	struct locks locks = {look, name};

	if (fd < 0)
		return;
	ignore(!fs_walk(fd, visit_lock, pass_over, &locks, NULL));
	ignore(close(fd));
}

/* Those that git and the product leave beside HEAD, and among the refs. */
static void look_at_locks(struct look *look, const char *id)
{
	static const char *const names[] = {"HEAD.lock", "config.lock",
	    "index.lock", "packed-refs.lock", "stash-packed-refs.lock",
	    "gc.pid"};

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *path = g_strconcat(id, "/", names[i], NULL);
		struct stat status;
		if (fstatat(look->root, path, &status, AT_SYMLINK_NOFOLLOW) ==
			0 &&
		    look->now - status.st_mtime > STALE_S)
			tally_add(&look->stale, path);
	}
	walk_for_locks(look, id, "refs");
	walk_for_locks(look, id, "stash-refs");
}

/* ---- all of them ---- */

static int by_value(gconstpointer a, gconstpointer b)
{
	uint64_t left = *(const uint64_t *)a;
	uint64_t right = *(const uint64_t *)b;

	return (left > right) - (left < right);
}

/* Gives the sorted ids of the folders in ROOT. */
static GArray *list_ids(int root, GError **error)
{
	int fd = openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *folder = fd >= 0 ? fdopendir(fd) : NULL;
	GArray *ids = g_array_new(FALSE, FALSE, sizeof(uint64_t));

	if (!folder) {
		fail_errno(error, HOME_REPOSITORIES);
		g_array_unref(ids);
		return NULL;
	}
	for (struct dirent *e = readdir(folder); e; e = readdir(folder)) {
		struct stat status;
		uint64_t id = 0;
		if (g_ascii_string_to_unsigned(
			e->d_name, 10, 1, INT64_MAX, &id, NULL) &&
		    fstatat(root, e->d_name, &status, AT_SYMLINK_NOFOLLOW) ==
			0 &&
		    S_ISDIR(status.st_mode))
			g_array_append_val(ids, id);
	}
	ignore(closedir(folder));
	g_array_sort(ids, by_value);
	return ids;
}

static json *look_at_all(struct look *look, GError **error)
{
	g_autoptr(GArray) ids = list_ids(look->root, error);
	bool complete = true;

	if (!ids)
		return NULL;
	json *value = json_new_object();
	json *list = json_set(value, "ids", json_new_array());
	tally_open(&look->broken, value, "broken_alternates");
	tally_open(&look->stale, value, "stale_locks");
	for (guint i = 0; i < ids->len && complete; i++) {
		uint64_t number = g_array_index(ids, uint64_t, i);
		g_autofree char *id = g_strdup_printf("%" PRIu64, number);
		json_append_i64(list, (int64_t)number);
		look_at_alternates(look, id);
		look_at_locks(look, id);
		complete = clock_monotonic() <= look->until && !stop_signal();
	}
	tally_close(&look->broken);
	tally_close(&look->stale);
	json_set_bool(value, "complete", complete);
	return value;
}

json *repositories_look(const char *home, GError **error)
{
	g_autofree char *path = g_build_filename(home, HOME_REPOSITORIES, NULL);
	struct look look = {.home = home,
	    .root = fs_open_folder(path, error),
	    .now = clock_now(),
	    .until = clock_monotonic() + TIME_S};

	if (look.root < 0)
		return NULL;
	json *value = look_at_all(&look, error);
	ignore(close(look.root));
	return value;
}
