#include "backup/stock.h"

#include <fcntl.h>
#include <stdlib.h>

#include "backup/store/sums.h"
#include "base/error.h"
#include "port/fs.h"

static void item_free(gpointer data)
{
	struct stock_item *item = data;

	g_free(item->path);
	g_free(item);
}

struct listing {
	struct stock *stock;
	const char *folder;
	GError *lost;
};

static enum fs_step add(const struct fs_entry *e, void *user, GError **error)
{
	const struct listing *l = user;
	g_autofree char *path = g_build_filename(l->folder, e->path, NULL);

	(void)error;
	if (S_ISDIR(e->status.st_mode))
		return FS_ON;
	if (!S_ISREG(e->status.st_mode)) {
		g_ptr_array_add(l->stock->strange, g_steal_pointer(&path));
		return FS_ON;
	}
	struct stock_item *item = g_new0(struct stock_item, 1);
	item->path = g_steal_pointer(&path);
	item->bytes = (uint64_t)e->status.st_size;
	g_ptr_array_add(l->stock->items, item);
	return FS_ON;
}

static void lose(const char *path, int number, void *user)
{
	struct listing *l = user;

	if (!l->lost)
		fail(&l->lost, GONOGO_ERROR_SYSTEM, "%s/%s: %s", l->folder,
		    path, g_strerror(number));
}

static bool list_folder(
    struct stock *k, const store *s, const char *name, GError **error)
{
	struct listing listing = {k, name, NULL};
	int folder =
	    fs_open_beneath(store_root(s), name, O_RDONLY | O_DIRECTORY, 0);

	if (folder < 0)
		return fail_errno(error, "%s", name);
	bool good = fs_walk(folder, add, lose, &listing, error);
	ignore(close(folder));
	if (!listing.lost)
		return good;
	if (good)
		g_propagate_error(error, listing.lost);
	else
		g_error_free(listing.lost);
	return false;
}

static int by_path(gconstpointer a, gconstpointer b)
{
	return strcmp((*(struct stock_item *const *)a)->path,
	    (*(struct stock_item *const *)b)->path);
}

bool stock_read(struct stock *k, const store *s, GError **error)
{
	k->items = g_ptr_array_new_with_free_func(item_free);
	k->strange = g_ptr_array_new_with_free_func(g_free);
	if (!list_folder(k, s, "objects", error) ||
	    !list_folder(k, s, "segments", error))
		return false;
	g_ptr_array_sort(k->items, by_path);
	return true;
}

void stock_clear(struct stock *k)
{
	g_clear_pointer(&k->items, g_ptr_array_unref);
	g_clear_pointer(&k->strange, g_ptr_array_unref);
}

struct stock_item *stock_find(const struct stock *k, const char *path)
{
	const struct stock_item key = {.path = (char *)path};
	const struct stock_item *wanted = &key;
	struct stock_item **found =
	    k->items->len == 0 ? NULL
			       : bsearch(&wanted, k->items->pdata,
				     k->items->len, sizeof wanted, by_path);

	return found ? *found : NULL;
}

bool stock_use(struct stock *k, const struct set *set, GError **error)
{
	g_autofree char *path =
	    g_build_filename(set->folder, "SHA256SUMS", NULL);
	g_auto(sums) sums = {0};

	if (!sums_read(&sums, path, error))
		return false;
	for (guint i = 0; i < sums.lines->len; i++) {
		const struct sum *line =
		    &g_array_index(sums.lines, struct sum, i);
		struct stock_item *item = stock_find(k, line->path);
		if (item)
			item->sets++;
	}
	return true;
}
