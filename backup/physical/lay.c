#include "backup/physical/lay.h"

#include <errno.h>
#include <fcntl.h>

#include "backup/physical/cut.h"
#include "backup/physical/own_manifest.h"
#include "backup/physical/recovery.h"
#include "backup/physical/sites.h"
#include "backup/restore/place.h"
#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/pool.h"
#include "port/fs.h"
#include "port/ustar.h"

static const char control[] = "global/pg_control";
static const char control_later[] = "global/pg_control.incomplete";

struct laying {
	const struct lay *l;
	struct lay_counts *counts;
	struct sites sites;
	GHashTable *came;     /* path -> struct cut_file */
	struct place *places; /* of each worker: one for each site */
	pool *workers;

	/* The archive that is read just now: */
	const struct site *site;
	const struct db_file *part;
	ustar *tar;
	struct place *place;
	struct entry entry; /* of the member */
	hash *sum;          /* of its content */
	int fd;             /* its file; -1: none */
	bool later;         /* a worker lays it */
	GPtrArray *folders; /* struct entry */
};

/* A file that a worker lays by itself: an object is its content. */
struct task {
	const struct db_file *part;
	unsigned site;
	struct entry entry;
};

static void task_free(void *job)
{
	struct task *t = job;

	entry_clear(&t->entry);
	g_free(t);
}

static void came_free(void *member)
{
	struct cut_file *f = member;

	g_free(f->path);
	g_free(f);
}

static void laying_clear(struct laying *y)
{
	sites_clear(&y->sites);
	g_clear_pointer(&y->came, g_hash_table_unref);
	g_clear_pointer(&y->folders, g_ptr_array_unref);
	g_clear_pointer(&y->sum, hash_free);
	entry_clear(&y->entry);
}

/* ---- before ---- */

bool lay_check(const struct lay *l, GError **error)
{
	g_auto(sites) all = {0};
	uint64_t bytes = 0;

	if (!snapshot_is_physical(&l->set->snapshot))
		return fail(error, GONOGO_ERROR_USAGE,
		    "set %s holds rows, not the files of a server\n"
		    "hint: --database URL restores them",
		    l->set->id);
	if (!sites_open(&all, l, error) || !sites_check(&all, l, error))
		return false;
	for (guint i = 0; i < all.files->len; i++) {
		const struct db_file *f = g_ptr_array_index(all.files, i);
		bytes += f->bytes;
	}
	return fs_has_room(l->target, bytes, "the data folder", error);
}

/* ---- an archive's members ---- */

static void note_came(struct laying *y, const char *sha256)
{
	struct cut_file *f = g_new0(struct cut_file, 1);
	const char *path = y->entry.path;

	if (g_str_equal(path, control_later))
		path = control;
	f->path =
	    g_str_equal(y->site->archive, PHYSICAL_BASE)
		? g_strdup(path)
		: g_strdup_printf("pg_tblspc/%s/%s", y->site->archive, path);
	f->bytes = y->entry.bytes;
	g_strlcpy(f->sha256, sha256, sizeof f->sha256);
	g_hash_table_replace(y->came, f->path, f);
	y->counts->files++;
	y->counts->bytes += y->entry.bytes;
}

static void fill_entry(struct laying *y, const struct ustar_member *m)
{
	static const int64_t second = 1000000000;
	struct entry *e = &y->entry;

	entry_clear(e);
	*e = (struct entry){
	    .path = g_strdup(
		g_str_equal(m->name, control) ? control_later : m->name),
	    .kind = m->kind == USTAR_FOLDER ? ENTRY_FOLDER : ENTRY_FILE,
	    .mode = m->mode,
	    .uid = y->l->owned ? y->l->uid : geteuid(),
	    .gid = y->l->owned ? y->l->gid : getegid(),
	    .bytes = m->bytes,
	    .mtime_ns = MIN(m->mtime, G_MAXINT64 / second) * second,
	};
}

static bool take_member(
    const struct ustar_member *m, void *user, GError **error)
{
	struct laying *y = user;

	y->fd = -1;
	y->later = false;
	fill_entry(y, m);
	/* Where the old server had a tablespace is nobody's business here. */
	if (m->kind == USTAR_LINK)
		return g_str_has_prefix(m->name, "pg_tblspc/") ||
		       sites_fail(y->l, "a link that no server sends", error);
	if (m->kind == USTAR_FOLDER) {
		if (*m->name)
			g_ptr_array_add(y->folders, entry_copy(&y->entry));
		return true;
	}
	y->fd = place_file(y->place, &y->entry, error);
	return y->fd >= 0;
}

static bool take_content(
    const void *bytes, size_t length, void *user, GError **error)
{
	struct laying *y = user;

	hash_add(y->sum, bytes, length);
	return file_write_fd(y->fd, y->entry.path, bytes, length, error);
}

static bool end_member(void *user, GError **error)
{
	struct laying *y = user;
	int fd = y->fd;

	if (fd < 0)
		return true;
	y->fd = -1;
	if (y->later) {
		note_came(y, y->part->sha256);
		ignore(close(fd));
		return true;
	}
	g_autofree char *sum = hash_end_hex(y->sum);
	note_came(y, sum);
	return place_end_file(y->place, fd, true, &y->entry, error);
}

/* ---- big files, by workers ---- */

static bool write_bytes(
    const void *bytes, size_t length, void *user, GError **error)
{
	return file_write_fd(*(int *)user, "a file", bytes, length, error);
}

static bool lay_file(void *job, unsigned worker, void *user, GError **error)
{
	const struct task *t = job;
	struct laying *y = user;
	struct place *place = &y->places[worker * y->sites.all->len + t->site];
	const struct object_source from = {
	    t->part->sha256, t->part->suffix, NULL, t->part->bytes};
	int fd = fs_open_beneath(
	    place->root, t->entry.path, O_WRONLY | O_NOFOLLOW, 0);

	if (fd < 0)
		return fail_errno(error, "%s", t->entry.path);
	bool good = object_pour(y->l->store, &from, write_bytes, &fd, error);
	return place_end_file(place, fd, good, &t->entry, error);
}

/* Is PART all of the member that has just begun? */
static bool is_whole(const struct laying *y, const struct db_file *part)
{
	return y->fd >= 0 && part->bytes > 0 && part->bytes == y->entry.bytes &&
	       ustar_left(y->tar) == part->bytes;
}

static bool lay_later(struct laying *y, GError **error)
{
	struct task *t = g_new0(struct task, 1);
	struct entry *copy = entry_copy(&y->entry);

	t->part = y->part;
	t->site = y->site->number;
	t->entry = *copy;
	g_free(copy);
	y->later = true;
	pool_push(y->workers, t);
	return ustar_pass(y->tar, error);
}

/* ---- archives ---- */

static bool add_bytes(
    const void *bytes, size_t length, void *user, GError **error)
{
	struct laying *y = user;

	return ustar_add(y->tar, bytes, length, error);
}

static bool lay_part(struct laying *y, GError **error)
{
	const struct object_source from = {
	    y->part->sha256, y->part->suffix, NULL, y->part->bytes};

	return is_whole(y, y->part)
		   ? lay_later(y, error)
		   : object_pour(y->l->store, &from, add_bytes, y, error);
}

static bool lay_archive(struct laying *y, const struct site *s, GError **error)
{
	static const struct ustar_takers takers = {
	    take_member, take_content, end_member, NULL};
	g_autoptr(ustar) tar = ustar_new(&takers, y);

	y->site = s;
	y->tar = tar;
	y->fd = -1;
	/* The last row is ours; the workers have theirs before it. */
	y->place = &y->places[y->l->jobs * y->sites.all->len + s->number];
	bool good = true;
	for (guint i = 0; good && i < s->parts->len; i++) {
		y->part = g_ptr_array_index(s->parts, i);
		good = lay_part(y, error);
	}
	if (y->fd >= 0)
		ignore(close(y->fd));
	y->tar = NULL;
	good = good && ustar_end(tar, error);
	/* With the mode of each, when all is in it but what comes later. */
	for (guint i = y->folders->len; good && i-- > 0;)
		good = place_folder(
		    y->place, g_ptr_array_index(y->folders, i), error);
	g_ptr_array_set_size(y->folders, 0);
	return good;
}

static bool open_places(struct laying *y, GError **error)
{
	guint length = y->sites.all->len;

	y->places = g_new0(struct place, (y->l->jobs + 1) * length);
	for (unsigned w = 0; w <= y->l->jobs; w++)
		for (guint i = 0; i < length; i++) {
			const struct site *s =
			    g_ptr_array_index(y->sites.all, i);
			if (!place_open(&y->places[w * length + i], s->folder,
				false, error))
				return false;
		}
	return true;
}

static bool lay_archives(struct laying *y, GError **error)
{
	bool good = true;
	GError *why = NULL;

	y->workers = pool_new(y->l->jobs, lay_file, task_free, y);
	for (guint i = 0; good && i < y->sites.all->len; i++)
		good = lay_archive(y, g_ptr_array_index(y->sites.all, i), &why);
	bool done = pool_end(y->workers, good ? error : NULL);
	if (why)
		g_propagate_error(error, why);
	return good && done;
}

/* ---- the whole ---- */

static bool check_came(struct laying *y, GError **error)
{
	g_autofree char *path =
	    g_build_filename(y->l->set->folder, PHYSICAL_MANIFEST, NULL);
	g_autofree char *copy =
	    g_build_filename(y->l->target, "backup_manifest", NULL);
	size_t length = 0;
	g_autofree char *text = file_read(path, LIMIT_DOCUMENT, &length, error);
	g_autoptr(own_manifest) m =
	    text ? own_manifest_read(text, length, error) : NULL;

	return m && own_manifest_agrees(m, y->came, error) &&
	       file_write(copy, 0600, text, length, error) &&
	       lay_give(y->l, copy, error);
}

static bool lay_wal(struct laying *y, GError **error)
{
	for (guint i = 0; i < y->sites.files->len; i++) {
		const struct db_file *f = g_ptr_array_index(y->sites.files, i);
		const struct object_source from = {
		    f->sha256, f->suffix, NULL, f->bytes};
		if (part_kind(f->name) == PART_ARCHIVE)
			continue;
		g_autofree char *path =
		    g_build_filename(y->l->target, "pg_wal", f->name, NULL);
		int fd = open(path,
		    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (fd < 0)
			return fail_errno(error, "%s", path);
		bool good =
		    object_pour(y->l->store, &from, write_bytes, &fd, error);
		if (close(fd) != 0 && good)
			good = fail_errno(error, "%s", path);
		if (!good || !lay_give(y->l, path, error))
			return false;
	}
	return true;
}

/* Now a server may start on it. */
static bool end(struct laying *y, GError **error)
{
	const struct place *base =
	    &y->places[((struct site *)g_ptr_array_index(
			    y->sites.all, y->sites.all->len - 1))
			   ->number];

	for (guint i = 0; i < y->sites.all->len; i++)
		if (syncfs(y->places[i].root) != 0)
			return fail_errno(
			    error, "making %s durable", y->l->target);
	if (renameat(base->root, control_later, base->root, control) != 0)
		return fail_errno(error, "%s/%s", y->l->target, control);
	return syncfs(base->root) == 0 ||
	       fail_errno(error, "making %s durable", y->l->target);
}

static bool run(struct laying *y, GError **error)
{
	const struct lay *l = y->l;
	const struct recovery to = {
	    .folder = l->target,
	    .set = l->set->id,
	    .lsn = l->set->snapshot.database.lsn,
	    .no_settings = l->no_settings,
	};

	return sites_open(&y->sites, y->l, error) &&
	       sites_make(&y->sites, y->l, error) && open_places(y, error) &&
	       lay_archives(y, error) && check_came(y, error) &&
	       lay_wal(y, error) && recovery_write(&to, error) &&
	       recovery_give(&to, l->owned, l->uid, l->gid, error) &&
	       end(y, error);
}

bool lay_run(const struct lay *l, struct lay_counts *counts, GError **error)
{
	struct laying y = {.l = l, .counts = counts, .fd = -1};

	y.came =
	    g_hash_table_new_full(g_str_hash, g_str_equal, NULL, came_free);
	y.folders = g_ptr_array_new_with_free_func((GDestroyNotify)entry_free);
	y.sum = hash_new();
	bool good = run(&y, error);
	for (guint i = 0; y.places && i < (l->jobs + 1) * y.sites.all->len; i++)
		if (y.places[i].root > 0)
			place_close(&y.places[i]);
	g_free(y.places);
	laying_clear(&y);
	return good;
}
