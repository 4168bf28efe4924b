#include "backup/restore/tree.h"

#include <fcntl.h>
#include <inttypes.h>

#include "backup/choice.h"
#include "backup/unpack.h"
#include "base/error.h"
#include "base/log.h"
#include "base/pool.h"
#include "base/progress.h"
#include "port/fs.h"

/* There as long as the target is no whole home. */
static const char unfinished[] = ".gonogo-incomplete";

/* ---- which groups ---- */

/* How many bytes of the group are asked for; *any: is there anything? */
static bool measure(const struct tree *t, const struct manifest_group *g,
    uint64_t *bytes, bool *any, GError **error)
{
	*any = !t->paths;
	*bytes = t->paths ? 0 : g->bytes;
	if (!t->paths)
		return true;
	g_autoptr(GPtrArray) entries = manifest_entries(t->manifest, g, error);
	if (!entries)
		return false;
	for (guint i = 0; i < entries->len; i++) {
		const struct entry *e = g_ptr_array_index(entries, i);
		if (!choice_has_path(t->paths, e->path))
			continue;
		*any = true;
		*bytes += e->bytes;
	}
	return true;
}

/* Gives struct manifest_group * (borrowed) of the tree, in restore order. */
static GPtrArray *choose_groups(const struct tree *t, GError **error)
{
	g_autoptr(GPtrArray) groups = g_ptr_array_new();

	if (t->repositories && !t->also)
		return choice_repositories(
			   t->set, t->manifest, t->repositories, groups, error)
			   ? g_steal_pointer(&groups)
			   : NULL;
	for (guint i = 0; i < t->manifest->groups->len; i++) {
		struct manifest_group *group =
		    g_ptr_array_index(t->manifest->groups, i);
		if (g_str_has_prefix(group->name, "also/") == t->also)
			g_ptr_array_add(groups, group);
	}
	return g_steal_pointer(&groups);
}

/* The manifest's figures are held against the record's, so that neither can
 * promise little and then bring much. */
static bool check_sums(
    const struct tree *t, const GPtrArray *groups, GError **error)
{
	const struct snapshot_home *home = &t->set->snapshot.home;
	uint64_t bytes = 0, entries = 0;

	for (guint i = 0; i < groups->len; i++) {
		const struct manifest_group *group =
		    g_ptr_array_index(groups, i);
		bytes += group->bytes;
		entries += group->entries;
	}
	if (bytes <= (uint64_t)home->bytes.value &&
	    entries <= (uint64_t)(home->files.value + home->folders.value +
				  home->links.value))
		return true;
	return fail(error, GONOGO_ERROR_DATA,
	    "set %s: its manifest has more than its record says: %" PRIu64
	    " entries of %" PRIu64 " bytes",
	    t->set->id, entries, bytes);
}

bool tree_check(const struct tree *t, GError **error)
{
	static const uint64_t block = 4096; /* more or less one for each */
	uint64_t bytes = 0, entries = 0, some;
	bool any = false, here;

	g_autoptr(GPtrArray) groups = choose_groups(t, error);
	if (!groups || !check_sums(t, groups, error))
		return false;
	for (guint i = 0; i < groups->len; i++) {
		const struct manifest_group *group =
		    g_ptr_array_index(groups, i);
		if (!measure(t, group, &some, &here, error))
			return false;
		bytes += some;
		entries += here ? group->entries : 0;
		any |= here;
	}
	if (t->paths && !t->also && !any)
		return fail(error, GONOGO_ERROR_USAGE,
		    "set %s holds no %s\nhint: paths are those below the home "
		    "(data/attachments); a star matches any letters",
		    t->set->id, t->paths[0]);
	return fs_has_room(
		   t->target, bytes + entries * block, t->what, error) &&
	       fs_has_inodes(t->target, entries, t->what, error);
}

/* ---- laying it ---- */

struct laying {
	const store *store;
	char **paths;
	GPtrArray *rebuilds; /* one a worker */
	GMutex mutex;        /* for what follows */
	struct progress progress;
	uint64_t bytes;
};

static bool lay_group(void *job, unsigned worker, void *user, GError **error)
{
	const struct manifest_group *group = job;
	struct laying *l = user;

	if (!rebuild_group(
		g_ptr_array_index(l->rebuilds, worker), group, error))
		return false;
	g_autoptr(GMutexLocker) held = g_mutex_locker_new(&l->mutex);
	l->bytes += group->bytes;
	progress_show(&l->progress, l->bytes);
	return true;
}

/* What makes a home start comes when all the rest is there. */
static bool is_last(const struct manifest_group *group)
{
	return g_str_equal(group->name, "properties");
}

static bool each(
    const struct laying *l, bool (*what)(rebuild *, GError **), GError **error)
{
	for (guint i = 0; i < l->rebuilds->len; i++)
		if (!what(g_ptr_array_index(l->rebuilds, i), error))
			return false;
	return true;
}

/* All groups, or those that come LAST; then their links, then folders. */
static bool lay_some(
    struct laying *l, const GPtrArray *groups, bool last, GError **error)
{
	pool *workers = pool_new(l->rebuilds->len, lay_group, NULL, l);

	for (guint i = 0; i < groups->len; i++) {
		struct manifest_group *group = g_ptr_array_index(groups, i);
		if (is_last(group) != last)
			continue;
		if (!l->paths)
			unpack_ask_ahead(l->store, group);
		pool_push(workers, group);
	}
	return pool_end(workers, error) && each(l, rebuild_links, error) &&
	       each(l, rebuild_folders, error);
}

static bool open_rebuilds(struct laying *l,
    const struct rebuild_options *options, unsigned jobs, GError **error)
{
	for (unsigned i = 0; i < jobs; i++) {
		rebuild *one = rebuild_open(options, error);
		if (!one)
			return false;
		g_ptr_array_add(l->rebuilds, one);
	}
	return true;
}

static void count(const struct laying *l, struct rebuild_counts *all)
{
	*all = (struct rebuild_counts){0};

	for (guint i = 0; i < l->rebuilds->len; i++) {
		const struct rebuild_counts *counts =
		    rebuild_counts(g_ptr_array_index(l->rebuilds, i));
		all->files += counts->files;
		all->bytes += counts->bytes;
		all->left_out += counts->left_out;
	}
	if (all->left_out)
		log_say("%" PRIu64 " stale lock files were left out",
		    all->left_out);
}

static int by_place(
    const struct manifest_group *x, const struct manifest_group *y)
{
	if (x->frames->len == 0 || y->frames->len == 0)
		return (int)x->frames->len - (int)y->frames->len;
	const struct manifest_frame *a = g_ptr_array_index(x->frames, 0);
	const struct manifest_frame *b = g_ptr_array_index(y->frames, 0);
	int order = strcmp(a->segment, b->segment);

	if (order)
		return order;
	return a->offset < b->offset ? -1 : a->offset > b->offset;
}

/* The long ones first, so that nobody waits for one at the end; the others as
 * they lie in the segments. */
static int by_turn(gconstpointer a, gconstpointer b)
{
	static const uint64_t LONG = 32u << 20;
	const struct manifest_group *x = *(struct manifest_group *const *)a;
	const struct manifest_group *y = *(struct manifest_group *const *)b;
	bool both_short = x->bytes < LONG && y->bytes < LONG;

	if (both_short)
		return by_place(x, y);
	return x->bytes > y->bytes ? -1 : x->bytes < y->bytes;
}

static bool lay_groups(const struct tree *t, GPtrArray *groups,
    struct rebuild_counts *counts, GError **error)
{
	g_autofree char *home = g_canonicalize_filename(t->target, NULL);
	const struct rebuild_options options = {
	    .store = t->store,
	    .manifest = t->manifest,
	    .target = t->target,
	    .new_home = home,
	    .paths = t->paths,
	    .allow_setuid = t->allow_setuid,
	};
	struct laying l = {.store = t->store, .paths = t->paths};

	g_ptr_array_sort(groups, by_turn);
	l.rebuilds =
	    g_ptr_array_new_with_free_func((GDestroyNotify)rebuild_close);
	progress_start(&l.progress, "restoring files", "bytes",
	    (uint64_t)t->set->snapshot.home.bytes.value);
	bool good = open_rebuilds(&l, &options, t->jobs, error) &&
		    lay_some(&l, groups, false, error) &&
		    lay_some(&l, groups, true, error);
	progress_end(&l.progress);
	if (good)
		count(&l, counts);
	g_ptr_array_unref(l.rebuilds);
	return good;
}

/* The folder's own time was set with its entry, and stays. */
static bool remove_mark(const char *target, const char *mark, GError **error)
{
	struct stat status;

	if (stat(target, &status) != 0)
		return fail_errno(error, "%s", target);
	const struct timespec times[2] = {status.st_atim, status.st_mtim};
	if (unlink(mark) != 0)
		return fail_errno(error, "%s", mark);
	return utimensat(AT_FDCWD, target, times, 0) == 0 ||
	       fail_errno(error, "%s", target);
}

static bool make_mark(const char *mark, GError **error)
{
	int fd = open(
	    mark, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return fail_errno(error, "%s", mark);
	ignore(close(fd));
	return true;
}

static bool make_durable(int fd, const char *target, GError **error)
{
	return syncfs(fd) == 0 ||
	       fail_errno(error, "%s: making it durable", target);
}

/* FOLDER is open since before anything was written: so what the disk refuses
 * in the meantime shows at the end. */
static bool lay_durably(const struct tree *t, int folder, GPtrArray *groups,
    struct rebuild_counts *counts, GError **error)
{
	if (lay_groups(t, groups, counts, error) &&
	    make_durable(folder, t->target, error))
		return true;
	g_prefix_error(error, "%s is not whole (%s): ", t->target, unfinished);
	return false;
}

bool tree_restore(
    const struct tree *t, struct rebuild_counts *counts, GError **error)
{
	g_autoptr(GPtrArray) groups = choose_groups(t, error);
	g_autofree char *mark = g_build_filename(t->target, unfinished, NULL);

	if (!groups || !fs_make_folders(t->target, 0700, error))
		return false;
	int folder = fs_open_folder(t->target, error);
	if (folder < 0)
		return false;
	bool good = make_mark(mark, error) &&
		    lay_durably(t, folder, groups, counts, error) &&
		    (t->keep_mark || remove_mark(t->target, mark, error));
	ignore(close(folder));
	return good;
}

bool tree_end(const struct tree *t, GError **error)
{
	g_autofree char *mark = g_build_filename(t->target, unfinished, NULL);
	int folder = fs_open_folder(t->target, error);

	if (folder < 0)
		return false;
	bool good = make_durable(folder, t->target, error) &&
		    remove_mark(t->target, mark, error);
	ignore(close(folder));
	return good;
}
