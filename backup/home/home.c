#include "backup/home/home.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/resource.h>

#include "backup/home/files.h"
#include "backup/home/stale.h"
#include "backup/home/state.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/pool.h"
#include "bitbucket/home.h"

enum {
	MOST_WORKERS = 8,
	MOST_PINNED = 2048, /* open files of a worker */
	OTHER_OPEN = 256,   /* of all the rest of the program */
};

/* ---- opening ---- */

static void desk_free(gpointer data)
{
	struct desk *d = data;

	saver_free(d->saver);
	g_free(d);
}

/* Pinned files are what makes a copy hold against a repack: as many as the
 * system lets us have. */
static unsigned pinned(unsigned workers)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return 0;
	limit.rlim_cur = limit.rlim_max;
	ignore(setrlimit(RLIMIT_NOFILE, &limit));
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 ||
	    limit.rlim_cur <= OTHER_OPEN)
		return 0;
	return (unsigned)MIN(
	    (limit.rlim_cur - OTHER_OPEN) / workers, MOST_PINNED);
}

static bool open_desks(struct home *h, unsigned jobs, GError **error)
{
	unsigned workers =
	    jobs ? jobs : MIN(g_get_num_processors(), MOST_WORKERS);
	unsigned most = pinned(workers);

	for (unsigned i = 0; i < workers; i++) {
		packer *p = packer_new(h->site.groups, error);
		if (!p)
			return false;
		struct desk *d = g_new0(struct desk, 1);
		d->site = &h->site;
		d->saver = saver_new(run_objects(h->run), p, most);
		g_ptr_array_add(h->desks, d);
	}
	return true;
}

/* Links on the way would be saved as links, and what they name not at all. */
static bool check_place(const struct home *h, GError **error)
{
	int fd = fs_open_beneath(
	    h->root, HOME_REPOSITORIES, O_RDONLY | O_DIRECTORY, 0);

	if (fd >= 0) {
		ignore(close(fd));
		return true;
	}
	if (errno == ELOOP)
		return fail(error, GONOGO_ERROR_USAGE,
		    "%s/" HOME_REPOSITORIES
		    ": a symbolic link is on the way to it\n"
		    "hint: mount the folder there (mount --bind), so that the "
		    "home holds what it shows",
		    h->path);
	return fail_errno(error, "%s/" HOME_REPOSITORIES, h->path);
}

static bool check_also(const struct home *h, GError **error)
{
	for (char **path = h->also; path && *path; path++) {
		if (!g_path_is_absolute(*path))
			return fail(error, GONOGO_ERROR_USAGE,
			    "%s: not an absolute path", *path);
		if (access(*path, R_OK) != 0)
			return fail(error, GONOGO_ERROR_USAGE,
			    "%s: %s\nhint: it is among the files that are to "
			    "be saved, too",
			    *path, g_strerror(errno));
	}
	return true;
}

home *home_open(run *r, const struct home_options *options, GError **error)
{
	if (!home_check(options->path, error))
		return NULL;
	g_autoptr(home) h = g_new0(struct home, 1);
	h->run = r;
	h->path = g_canonicalize_filename(options->path, NULL);
	h->real = realpath(h->path, NULL);
	h->also = g_strdupv((char **)options->also);
	h->desks = g_ptr_array_new_with_free_func(desk_free);
	h->repositories =
	    g_ptr_array_new_with_free_func((GDestroyNotify)repository_free);
	h->by_id = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	notes_init(&h->notes);
	g_mutex_init(&h->progress.mutex);
	h->root = fs_open_folder(h->path, error);
	if (h->root < 0)
		return NULL;
	g_autofree char *place =
	    g_build_filename(h->path, HOME_REPOSITORIES, NULL);
	if (!check_place(h, error) || !check_also(h, error) ||
	    !fs_mount_of(place, &h->mount, error))
		return NULL;
	h->site = (struct site){
	    .root = h->root,
	    .path = h->path,
	    .real = h->real,
	    .scratch = run_scratch(r),
	    .groups = run_groups(r),
	};
	return open_desks(h, options->jobs, error) ? g_steal_pointer(&h) : NULL;
}

void home_close(home *h)
{
	if (!h)
		return;
	g_ptr_array_unref(h->desks);
	g_hash_table_unref(h->by_id);
	g_ptr_array_unref(h->repositories);
	notes_clear(&h->notes);
	g_mutex_clear(&h->progress.mutex);
	fs_mount_clear(&h->mount);
	struct snapshot only = {.flaws = h->flaws};
	snapshot_clear(&only);
	struct evidence found = {.check = h->check};
	evidence_clear(&found);
	if (h->root >= 0)
		ignore(close(h->root));
	g_strfreev(h->also);
	free(h->real);
	g_free(h->path);
	g_free(h);
}

unsigned home_stale_s(const home *h)
{
	return stale_s(&h->mount);
}

/* ---- measuring ---- */

struct measure {
	uint64_t files, bytes;
};

static enum fs_step count(const struct fs_entry *e, void *user, GError **error)
{
	struct measure *m = user;

	(void)error;
	if (home_is_left_out(e->path, S_ISDIR(e->status.st_mode)))
		return FS_SKIP;
	if (S_ISREG(e->status.st_mode)) {
		m->files++;
		m->bytes += (uint64_t)e->status.st_size;
	}
	return FS_ON;
}

bool home_measure(home *h, uint64_t *files, uint64_t *bytes, GError **error)
{
	struct measure m = {0};

	if (!fs_walk(h->root, count, NULL, &m, error))
		return false;
	*files = m.files;
	*bytes = m.bytes;
	return true;
}

/* ---- repositories ---- */

static int by_id(gconstpointer a, gconstpointer b)
{
	const struct repository *x = *(struct repository *const *)a;
	const struct repository *y = *(struct repository *const *)b;

	return x->id < y->id ? -1 : x->id > y->id;
}

/* Adds what is new in data/repositories. */
static bool find_repositories(struct home *h, GError **error)
{
	int folder = fs_open_beneath(
	    h->root, HOME_REPOSITORIES, O_RDONLY | O_DIRECTORY, 0);
	g_autoptr(GPtrArray) names = folder < 0 ? NULL : fs_names(folder);

	if (!names)
		fail_errno(error, "%s/" HOME_REPOSITORIES, h->path);
	for (guint i = 0; names && i < names->len; i++) {
		const char *name = g_ptr_array_index(names, i), *rest;
		g_autofree char *path =
		    g_build_filename(HOME_REPOSITORIES, name, NULL);
		struct stat status;
		uint64_t id;
		if (!home_in_repository(path, &id, &rest) ||
		    g_hash_table_contains(h->by_id, name) ||
		    fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0 ||
		    !S_ISDIR(status.st_mode))
			continue;
		struct repository *r = repository_new(&h->site, id);
		g_ptr_array_add(h->repositories, r);
		g_hash_table_insert(h->by_id, g_strdup(name), r);
	}
	if (folder >= 0)
		ignore(close(folder));
	g_ptr_array_sort(h->repositories, by_id);
	return names != NULL;
}

static bool harvest(
    struct home *h, struct repository *r, const struct desk *d, GError **error)
{
	(void)h;
	return repository_harvest(r, d, error);
}

bool home_harvest(home *h, GError **error)
{
	h->harvest_at = clock_now();
	return find_repositories(h, error) &&
	       state_each(h, "first harvest", harvest, error);
}

static bool sweep(
    struct home *h, struct repository *r, const struct desk *d, GError **error)
{
	(void)h;
	/* What a harvest complained of may be gone: the next one tells. */
	g_ptr_array_set_size(r->flaws, 0);
	r->vanished = false;
	return repository_sweep(r, d, error);
}

static bool sweep_again(
    struct home *h, struct repository *r, const struct desk *d, GError **error)
{
	(void)h;
	return !state_is_kept(r) || repository_sweep_again(r, d, error);
}

bool home_sweep(home *h, GError **error)
{
	h->sweep_started_at = clock_now();
	bool good = find_repositories(h, error) &&
		    state_each(h, "sweep", sweep, error) &&
		    state_each(h, "sweep again", sweep_again, error);
	h->sweep_ended_at = clock_now();
	return good;
}

static bool harvest_rest(
    struct home *h, struct repository *r, const struct desk *d, GError **error)
{
	(void)h;
	return !state_is_kept(r) || repository_harvest(r, d, error);
}

static bool finish(
    struct home *h, struct repository *r, const struct desk *d, GError **error)
{
	g_autoptr(GError) why = NULL;

	if (!state_is_kept(r))
		return true;
	g_autoptr(closure) c = closure_open(&h->site, h->by_id, r, &why);
	if (!c) {
		repository_flaw(r, "%s", why->message);
		return true;
	}
	return repository_finish(r, d, closure_has_all, c, error);
}

/* ---- other files ---- */

struct saving {
	struct home *home;
	pool *pool;
	GPtrArray *folders; /* struct entry */
};

static void pass_portion(portion *p, void *user)
{
	struct saving *s = user;

	pool_push(s->pool, p);
}

static void keep_folder(struct entry *e, void *user)
{
	struct saving *s = user;

	g_ptr_array_add(s->folders, g_memdup2(e, sizeof *e));
	*e = (struct entry){0};
}

static bool save_portion(void *job, unsigned worker, void *user, GError **error)
{
	struct saving *s = user;

	return portion_save(job, g_ptr_array_index(s->home->desks, worker),
	    &s->home->notes, error);
}

static void note_flaw(const char *path, const char *why, void *user)
{
	notes_flaw(user, path, why);
}

/* Folders of TREE come when all that is in them has come. */
static bool save_folders(
    struct saving *s, enum group_class class, uint64_t number, GError **error)
{
	const struct saver_hooks hooks = {
	    .flawed = note_flaw, .user = &s->home->notes};
	const struct desk *d = g_ptr_array_index(s->home->desks, 0);

	saver_begin(d->saver, groups_get(s->home->site.groups, class, number),
	    FRAME_FOLDERS, &hooks);
	for (guint i = 0; i < s->folders->len; i++)
		saver_add(d->saver, g_ptr_array_index(s->folders, i));
	return saver_end(d->saver, error);
}

/* Saves what is in TREE; *NUMBER counts its portions. */
static bool save_tree(
    struct home *h, const struct tree *tree, uint64_t *number, GError **error)
{
	struct saving s = {.home = h};
	const struct files_hooks hooks = {pass_portion, keep_folder, &s};
	GError *failed = NULL;

	s.folders = g_ptr_array_new_with_free_func((GDestroyNotify)entry_free);
	s.pool = pool_new(
	    h->desks->len, save_portion, (GDestroyNotify)portion_free, &s);
	bool walked =
	    files_walk(&h->site, tree, number, &hooks, &h->notes, &failed);
	bool good = pool_end(s.pool, walked ? error : NULL) && walked;
	if (!walked)
		g_propagate_error(error, failed);
	good = good &&
	       save_folders(&s, tree->is_home ? GROUP_FOLDERS : tree->class,
		   (*number)++, error);
	g_ptr_array_unref(s.folders);
	return good;
}

static bool save_also(
    struct home *h, const char *path, uint64_t *number, GError **error)
{
	struct stat status;
	g_autofree char *folder = NULL, *only = NULL;

	if (stat(path, &status) != 0)
		return fail_errno(error, "%s", path);
	if (S_ISDIR(status.st_mode)) {
		folder = g_canonicalize_filename(path, "/");
	} else {
		folder = g_path_get_dirname(path);
		only = g_path_get_basename(path);
	}
	g_autofree char *prefix =
	    g_strconcat(folder, g_str_has_suffix(folder, "/") ? "" : "/", NULL);
	struct tree tree = {.prefix = prefix,
	    .only = only,
	    .class = GROUP_ALSO,
	    .root = fs_open_folder(folder, error)};
	if (tree.root < 0)
		return false;
	bool good = save_tree(h, &tree, number, error);
	ignore(close(tree.root));
	return good;
}

/* What makes a home start, and the home's own folder: last in a restore. */
static bool save_last(struct home *h, GError **error)
{
	const struct saver_hooks hooks = {
	    .flawed = note_flaw, .user = &h->notes};
	const struct desk *d = g_ptr_array_index(h->desks, 0);
	struct entry folder = {.kind = ENTRY_FOLDER, .path = g_strdup(".")};
	struct stat status;

	saver_begin(d->saver, groups_get(h->site.groups, GROUP_PROPERTIES, 0),
	    FRAME_MUTABLE, &hooks);
	int fd = fs_open_beneath(h->root, HOME_PROPERTIES, O_RDONLY, 0);
	if (fd < 0 && errno != ENOENT)
		notes_flaw(&h->notes, HOME_PROPERTIES, g_strerror(errno));
	if (fd >= 0) {
		const struct saver_file file = {
		    .fd = fd, .path = HOME_PROPERTIES, .class = SAVER_MUTABLE};
		if (!saver_file(d->saver, &file, error)) {
			entry_clear(&folder);
			return false;
		}
	}
	if (fstat(h->root, &status) == 0)
		entry_stat(&folder, &status);
	folder.xattrs = fs_xattrs(h->root);
	saver_add(d->saver, &folder);
	return saver_end(d->saver, error);
}

static bool save_others(struct home *h, GError **error)
{
	const struct tree tree = {.root = h->root,
	    .prefix = "",
	    .is_home = true,
	    .class = GROUP_FILES};
	uint64_t number = 1;

	if (!save_tree(h, &tree, &number, error))
		return false;
	number = 1;
	for (char **path = h->also; path && *path; path++)
		if (!save_also(h, *path, &number, error))
			return false;
	return save_last(h, error);
}

bool home_save(home *h, GError **error)
{
	bool good = state_each(h, "second harvest", harvest_rest, error) &&
		    state_each(h, "caches and folders", finish, error) &&
		    save_others(h, error);

	h->saved_at = clock_now();
	return good;
}
