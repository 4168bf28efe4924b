#include "backup/drill/repositories.h"

#include <fcntl.h>
#include <inttypes.h>

#include "backup/home/refs.h"
#include "base/error.h"
#include "base/file.h"
#include "base/pool.h"
#include "base/progress.h"
#include "port/fs.h"
#include "port/git.h"

enum {
	LOOSE_BYTES = 4096,     /* of a loose ref */
	PACKED_BYTES = 1 << 30, /* of a file of packed refs */
};

struct looking {
	struct drill *d;
	GHashTable *chosen; /* struct evidence_repository: git looks at it */
	struct progress progress;
	uint64_t done;
};

/* ---- refs ---- */

struct reading {
	struct refs refs;
	int root;
};

static enum fs_step read_ref(
    const struct fs_entry *entry, void *user, GError **error)
{
	struct reading *r = user;
	bool packed = refs_is_packed(entry->path);
	size_t length = 0;

	if (S_ISDIR(entry->status.st_mode)) {
		g_autofree char *below = g_strconcat(entry->path, "/", NULL);
		return refs_is_loose(below) ? FS_ON : FS_SKIP;
	}
	if (!packed && !refs_is_loose(entry->path))
		return FS_ON;
	int fd = fs_open_beneath(r->root, entry->path, O_RDONLY, 0);
	if (fd < 0) {
		fail_errno(error, "%s", entry->path);
		return FS_STOP;
	}
	g_autofree char *text = file_read_fd(fd, entry->path,
	    packed ? PACKED_BYTES : LOOSE_BYTES, &length, error);
	ignore(close(fd));
	if (!text)
		return FS_STOP;
	if (packed)
		refs_add_packed(&r->refs, text, length);
	else
		refs_add_loose(&r->refs, entry->path, text, length);
	return FS_ON;
}

/* Counts the refs and the different objects that they name. */
static bool count_refs(
    const char *folder, uint64_t *names, uint64_t *tips, GError **error)
{
	struct reading r = {.root = fs_open_folder(folder, error)};

	if (r.root < 0)
		return false;
	bool good = fs_walk(r.root, read_ref, NULL, &r, error);
	ignore(close(r.root));
	if (good) {
		g_autoptr(GPtrArray) lines = refs_lines(&r.refs);
		g_autoptr(GArray) oids = refs_tips(&r.refs);
		*names = lines->len;
		*tips = oids->len;
	}
	refs_clear(&r.refs);
	return good;
}

static bool check_refs(struct drill *d, const struct evidence_repository *r,
    const char *title, const char *folder, GError **error)
{
	uint64_t names = 0, tips = 0;
	GError *why = NULL;

	/* Of one that was never swept there is nothing to compare with. */
	if (!r->refs.known || !r->tips.known)
		return true;
	if (!count_refs(folder, &names, &tips, &why))
		return flaws_take(&d->flaws, "repository", title, why, error);
	if (names != (uint64_t)r->refs.value || tips != (uint64_t)r->tips.value)
		flaws_add(&d->flaws, "repository", title,
		    "it came back with %" PRIu64 " refs and %" PRIu64
		    " tips; %" PRId64 " and %" PRId64 " were saved",
		    names, tips, r->refs.value, r->tips.value);
	g_autoptr(GMutexLocker) held = g_mutex_locker_new(&d->mutex);
	d->proof.refs.value += (int64_t)names;
	return true;
}

/* ---- objects ---- */

static bool check_objects(
    struct drill *d, const char *title, const char *folder, GError **error)
{
	g_autofree char *found = NULL;
	GError *why = NULL;

	if (!git_fsck(folder, false, &found, &why))
		return flaws_take(&d->flaws, "repository", title, why, error);
	if (found)
		flaws_add(
		    &d->flaws, "repository", title, "git fsck: %s", found);
	g_autoptr(GMutexLocker) held = g_mutex_locker_new(&d->mutex);
	d->proof.repositories.value++;
	return true;
}

/* ---- all of them ---- */

static bool look_at(void *job, unsigned worker, void *user, GError **error)
{
	const struct evidence_repository *r = job;
	struct looking *l = user;
	struct drill *d = l->d;
	g_autofree char *title = drill_title(r->id, r->project, r->slug);
	g_autofree char *folder = drill_repository(d, r->id);

	(void)worker;
	if (!g_file_test(folder, G_FILE_TEST_IS_DIR)) {
		flaws_add(&d->flaws, "repository", title,
		    "the backup saw it, and it did not come back");
		return true;
	}
	if (!check_refs(d, r, title, folder, error) ||
	    (g_hash_table_contains(l->chosen, r) &&
		!check_objects(d, title, folder, error)))
		return false;
	g_autoptr(GMutexLocker) held = g_mutex_locker_new(&d->mutex);
	progress_show(&l->progress, ++l->done);
	return true;
}

/* Those that the set has: not what went while it was made. */
static GPtrArray *repositories_of(const struct drill *d)
{
	GPtrArray *all = g_ptr_array_new();

	for (guint i = 0; i < list_length(d->how->repositories); i++) {
		struct evidence_repository *r =
		    g_ptr_array_index(d->how->repositories, i);
		if (r->result != REPOSITORY_DELETED)
			g_ptr_array_add(all, r);
	}
	return all;
}

static void choose(struct looking *l, const GPtrArray *all)
{
	struct drill *d = l->d;
	g_autofree const char **names = g_new0(const char *, all->len + 1);
	g_autofree bool *chosen = g_new0(bool, all->len + 1);

	for (guint i = 0; i < all->len; i++) {
		const struct evidence_repository *r = all->pdata[i];
		names[i] = r->id;
		chosen[i] = true;
	}
	if (d->sample.share) {
		uint64_t count =
		    sample_choose(&d->sample, names, all->len, chosen);
		d->proof.sample = (struct proof_sample){
		    .level = g_strdup(proof_level_names[PROOF_DEEP]),
		    .share = g_strdup(d->sample.share),
		    .seed = number_of((int64_t)d->sample.seed),
		    .groups = number_of((int64_t)count),
		    .groups_of = number_of(all->len),
		};
	}
	for (guint i = 0; i < all->len; i++)
		if (chosen[i])
			g_hash_table_add(l->chosen, all->pdata[i]);
}

bool repositories_check(struct drill *d, GError **error)
{
	g_autoptr(GPtrArray) all = repositories_of(d);
	g_autoptr(GHashTable) chosen = g_hash_table_new(NULL, NULL);
	struct looking l = {.d = d, .chosen = chosen};

	d->proof.repositories = d->proof.refs = number_of(0);
	choose(&l, all);
	progress_start(
	    &l.progress, "looking at repositories", "repositories", all->len);
	pool *workers = pool_new(d->jobs, look_at, NULL, &l);
	for (guint i = 0; i < all->len; i++)
		pool_push(workers, all->pdata[i]);
	bool good = pool_end(workers, error);
	progress_end(&l.progress);
	return good;
}
