#include "backup/home/home.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>

#include "backup/home/layout.h"
#include "backup/home/others.h"
#include "backup/home/stale.h"
#include "backup/home/still.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "bitbucket/home.h"

enum {
	/* They wait for the disk more than for a processor: on two, eight
	 * read a cold home 1.7 times as fast as two. */
	WORKERS = 8,
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

static bool open_desks(
    struct home *h, const struct home_options *options, GError **error)
{
	unsigned workers = options->jobs ? options->jobs : WORKERS;
	unsigned most = pinned(workers);

	for (unsigned i = 0; i < workers; i++) {
		packer *p = packer_new(h->site.groups, error);
		if (!p)
			return false;
		struct desk *d = g_new0(struct desk, 1);
		d->site = &h->site;
		d->saver =
		    saver_new(run_objects(h->run), p, options->rate, most);
		g_ptr_array_add(h->desks, d);
	}
	return true;
}

/* The folders of its way up to a star: "store/data". */
static char *place_of(const struct home_kind *kind)
{
	GString *place = g_string_new(NULL);

	for (const char *const *name = kind->way;
	     name && *name && !g_str_equal(*name, "*"); name++)
		g_string_append_printf(
		    place, "%s%s", place->len ? "/" : "", *name);
	return g_string_free(place, FALSE);
}

/* Links on the way would be saved as links, and what they name not at all. */
static bool check_place(
    const struct home *h, const struct home_kind *kind, GError **error)
{
	g_autofree char *place = place_of(kind);
	int fd = fs_open_beneath(
	    h->root, *place ? place : ".", O_RDONLY | O_DIRECTORY, 0);

	if (fd >= 0) {
		ignore(close(fd));
		return true;
	}
	if (errno == ELOOP)
		return fail(error, GONOGO_ERROR_USAGE,
		    "%s/%s: a symbolic link is on the way to it\n"
		    "hint: mount the folder there (mount --bind), so that the "
		    "home holds what it shows",
		    h->path, place);
	return fail_errno(error, "%s/%s", h->path, place);
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

/* What is as it was in the set before is not read again. */
static bool rest(
    struct home *h, const struct home_options *options, GError **error)
{
	g_autofree char *path = g_utf8_make_valid(h->path, -1);
	const struct parent_like like = {
	    h->site.kind->name, options->node ? path : NULL, options->node};

	if (options->paranoid)
		objects_distrust(h->site.objects);
	else if (!run_rest(h->run, &like, &h->note, error))
		return false;
	if (h->note)
		log_warn("%s", h->note);
	h->site.before = run_parent(h->run);
	if (h->site.before)
		state_renumber(h);
	return true;
}

home *home_open(run *r, const struct home_options *options, GError **error)
{
	const struct home_kind *kind =
	    options->kind ? options->kind : &home_shared;

	if (!kind->check(options->path, error))
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
	g_autofree char *way = place_of(kind);
	g_autofree char *place = g_build_filename(h->path, way, NULL);
	if (!check_place(h, kind, error) || !check_also(h, error) ||
	    !fs_mount_of(place, &h->mount, error))
		return NULL;
	h->site = (struct site){
	    .kind = kind,
	    .root = h->root,
	    .path = h->path,
	    .real = h->real,
	    .scratch = run_scratch(r),
	    .groups = run_groups(r),
	    .objects = run_objects(r),
	    .local = stale_s(&h->mount) == 0,
	};
	return rest(h, options, error) && open_desks(h, options, error)
		   ? g_steal_pointer(&h)
		   : NULL;
}

static bool forget(
    struct home *h, struct repository *r, const struct desk *d, GError **error)
{
	g_autofree char *folder = site_have(&h->site, r->id);

	(void)d;
	(void)error;
	/* What can't be removed now goes with the run's scratch folder. */
	ignore(fs_remove_tree(folder, NULL));
	return true;
}

void home_close(home *h)
{
	if (!h)
		return;
	/* Thousands of small files that a barrier would have to write. */
	if (h->repositories->len > 0)
		ignore(state_each(h, "clearing up", forget, NULL));
	g_ptr_array_unref(h->desks);
	g_hash_table_unref(h->by_id);
	g_ptr_array_unref(h->repositories);
	notes_clear(&h->notes);
	still_free(h->still);
	g_mutex_clear(&h->progress.mutex);
	fs_mount_clear(&h->mount);
	struct snapshot only = {.flaws = h->flaws};
	snapshot_clear(&only);
	struct evidence found = {.check = h->check};
	evidence_clear(&found);
	if (h->root >= 0)
		ignore(close(h->root));
	g_strfreev(h->also);
	g_free(h->note);
	free(h->real);
	g_free(h->path);
	g_free(h);
}

unsigned home_stale_s(const home *h)
{
	return stale_s(&h->mount);
}

/* ---- repositories ---- */

static bool harvest(
    struct home *h, struct repository *r, const struct desk *d, GError **error)
{
	(void)h;
	return repository_harvest(r, d, error);
}

bool home_harvest(home *h, GError **error)
{
	h->harvest_at = clock_now();
	return state_find(h, error) &&
	       state_each(h, "first harvest", harvest, error);
}

static bool still_stands(const struct home *h, struct repository *r)
{
	int folder = r->stamp ? layout_open(h->root, r->folder) : -1;
	bool stands = folder >= 0 && stamp_holds(r->stamp, folder);

	if (folder >= 0)
		ignore(close(folder));
	/* Nobody looks a third time. */
	g_clear_pointer(&r->stamp, stamp_free);
	return stands;
}

static bool sweep(
    struct home *h, struct repository *r, const struct desk *d, GError **error)
{
	/* What a harvest complained of may be gone: the next one tells. */
	g_ptr_array_set_size(r->flaws, 0);
	r->vanished = false;
	return repository_sweep(r, d, h->site.local, error);
}

static bool sweep_again(
    struct home *h, struct repository *r, const struct desk *d, GError **error)
{
	return !state_is_kept(r) || still_stands(h, r) ||
	       repository_sweep_again(r, d, error);
}

bool home_sweep(home *h, GError **error)
{
	h->sweep_started_at = clock_now();
	bool good = state_find(h, error) &&
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

bool home_save(home *h, GError **error)
{
	bool good = state_each(h, "second harvest", harvest_rest, error) &&
		    state_each(h, "caches and folders", state_finish, error) &&
		    (!h->still || still_save_pinned(h, error)) &&
		    others_save(h, error);

	h->saved_at = clock_now();
	return good;
}
