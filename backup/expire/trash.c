#include "backup/expire/trash.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/draft.h"
#include "base/error.h"
#include "port/fs.h"

static bool is_there(const store *s, const char *name)
{
	g_autofree char *path = store_file(s, name);

	return access(path, F_OK) == 0;
}

void trash_begin(struct trash *t, const store *s, uint64_t newest, int64_t now)
{
	g_autofree char *stamp = clock_stamp(now);

	t->store = s;
	t->name = g_strdup_printf("trash/%06" PRIu64 "-%s", newest, stamp);
	for (unsigned again = 2; is_there(s, t->name); again++) {
		g_free(t->name);
		t->name = g_strdup_printf(
		    "trash/%06" PRIu64 "-%s-%u", newest, stamp, again);
	}
}

void trash_clear(struct trash *t)
{
	g_clear_pointer(&t->name, g_free);
}

/* Renames FROM to TO of the store, whose folder is made. */
static bool move(
    const store *s, const char *from, const char *to, GError **error)
{
	g_autofree char *source = store_file(s, from);
	g_autofree char *target = store_file(s, to);
	g_autofree char *folder = g_path_get_dirname(target);

	int moved = rename(source, target);
	/* The folder is made for the first that goes there. */
	if (moved != 0 && errno == ENOENT) {
		if (!fs_make_folders(folder, 0700, error))
			return false;
		moved = rename(source, target);
	}
	return moved == 0 || fail_errno(error, "moving %s to %s", from, to);
}

bool trash_take(struct trash *t, const char *path, GError **error)
{
	g_autofree char *to = g_build_filename(t->name, path, NULL);

	return move(t->store, path, to, error);
}

bool trash_settle(struct trash *t, GError **error)
{
	return syncfs(store_root(t->store)) == 0 ||
	       fail_errno(error, "making %s durable", store_path(t->store));
}

/* ---- what lies there ---- */

static void folder_free(gpointer data)
{
	struct trash_folder *f = data;

	g_free(f->name);
	g_free(f);
}

/* "000012-20260801T120000Z", and "-2" behind the second of one second. */
static struct trash_folder *folder_of(const char *name)
{
	int year, month, day, hour, minute, second, length = 0;
	uint64_t newest;

	if (sscanf(name, "%" SCNu64 "-%4d%2d%2dT%2d%2d%2dZ%n", &newest, &year,
		&month, &day, &hour, &minute, &second, &length) != 7 ||
	    (name[length] && name[length] != '-'))
		return NULL;
	g_autoptr(GDateTime) since =
	    g_date_time_new_utc(year, month, day, hour, minute, second);
	if (!since)
		return NULL;
	struct trash_folder *f = g_new0(struct trash_folder, 1);
	f->name = g_build_filename("trash", name, NULL);
	f->newest = newest;
	f->since = g_date_time_to_unix(since);
	return f;
}

static int by_name(gconstpointer a, gconstpointer b)
{
	return strcmp((*(struct trash_folder *const *)a)->name,
	    (*(struct trash_folder *const *)b)->name);
}

GPtrArray *trash_folders(const store *s, GError **error)
{
	g_autofree char *path = store_file(s, "trash");
	g_autoptr(GDir) listing = g_dir_open(path, 0, NULL);
	GPtrArray *folders = g_ptr_array_new_with_free_func(folder_free);

	if (!listing) {
		fail_errno(error, "%s", path);
		g_ptr_array_unref(folders);
		return NULL;
	}
	for (const char *name; (name = g_dir_read_name(listing));) {
		struct trash_folder *one = folder_of(name);
		if (one)
			g_ptr_array_add(folders, one);
	}
	g_ptr_array_sort(folders, by_name);
	return folders;
}

bool trash_bring_back(const store *s, const GPtrArray *folders,
    const char *path, bool *found, GError **error)
{
	*found = false;
	for (guint i = folders->len; i-- > 0 && !*found;) {
		const struct trash_folder *f = g_ptr_array_index(folders, i);
		g_autofree char *from = g_build_filename(f->name, path, NULL);
		if (!is_there(s, from))
			continue;
		if (!move(s, from, path, error))
			return false;
		*found = true;
	}
	return true;
}

bool trash_empty(
    const store *s, const struct trash_folder *folder, GError **error)
{
	g_autofree char *path = store_file(s, folder->name);

	return fs_remove_tree(path, error) && draft_sync_folder(path, error);
}
