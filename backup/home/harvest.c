#include <errno.h>
#include <fcntl.h>

#include "backup/home/before.h"
#include "backup/home/layout.h"
#include "backup/home/settle.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "port/fs.h"

enum { ROUNDS = 10 }; /* then a repository does not stand still */

struct harvest {
	struct repository *repository;
	const struct desk *desk;
	int folder;        /* of the repository */
	char *have;        /* folder of what the copy has */
	GHashTable *known; /* "objects/ab/...": saved, or tried in vain */
	before *before;    /* of the first harvest; NULL: none */
	const struct entry *base; /* its largest pack; NULL: none */
	GArray *loose;            /* struct oid: saved in this harvest */
	hash *shelf;              /* of folders of objects, in this round */
	int64_t newest;           /* of their times */
	unsigned found;           /* new ones in this round */
	bool vanished;            /* in this round: look again */
};

static void saved(const struct entry *e, const void *bytes, void *user)
{
	struct harvest *h = user;
	const char *name = repository_inside(e->path) + strlen("objects/");
	struct oid oid;

	(void)bytes;
	/* What was taken over is told by the frames of then. */
	if (name[2] != '/')
		return;
	g_autofree char *hex = g_strdup_printf("%.2s%s", name, name + 3);
	if (oid_parse(hex, &oid))
		g_array_append_val(h->loose, oid);
}

static void flawed(const char *path, const char *why, void *user)
{
	struct harvest *h = user;

	repository_flaw(h->repository, "%s: %s", repository_inside(path), why);
}

static void harmed(const char *path, void *user)
{
	struct harvest *h = user;

	g_ptr_array_add(h->repository->harm,
	    g_strdup_printf("%s: its own checksum is wrong: git fsck it",
		repository_inside(path)));
}

static void vanished(const char *path, void *user)
{
	struct harvest *h = user;

	g_hash_table_remove(h->known, repository_inside(path));
	h->vanished = true;
}

/* What earlier sittings have saved. */
static bool load_known(struct harvest *h, GError **error)
{
	g_autoptr(GPtrArray) entries =
	    group_entries(h->desk->site->groups, h->repository->group, error);

	for (guint i = 0; entries && i < entries->len; i++) {
		const struct entry *e = g_ptr_array_index(entries, i);
		if (e->kind == ENTRY_FILE)
			g_hash_table_add(
			    h->known, g_strdup(repository_inside(e->path)));
	}
	return entries != NULL;
}

static char *set_path(const struct harvest *h, const char *known)
{
	return g_build_filename(h->repository->folder, known, NULL);
}

/*
 * A pack that git has touched to keep it: its name is the sum of its bytes,
 * which its last bytes say, too.  Its new times go into the set, its bytes are
 * there.
 */
static bool is_touched_pack(
    struct harvest *h, int folder, const char *name, const struct entry *e)
{
	unsigned char tail[OID_BYTES];
	struct stat status;
	struct oid oid;

	if (!e || !e->suffix || !g_str_has_suffix(name, ".pack") ||
	    !oid_parse(name + strlen("pack-"), &oid))
		return false;
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return false;
	bool same = fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
		    (uint64_t)status.st_size == e->bytes &&
		    e->bytes >= OID_BYTES &&
		    file_read_at(fd, name, tail, OID_BYTES,
			e->bytes - OID_BYTES, NULL) &&
		    memcmp(tail, oid.bytes, OID_BYTES) == 0 &&
		    objects_reuse(h->desk->site->objects, e);
	if (same) {
		g_autoptr(entry) now = entry_copy(e);
		g_clear_pointer(&now->xattrs, g_bytes_unref);
		now->xattrs = fs_xattrs(fd);
		entry_stat(now, &status);
		/* Never fails: nothing is written yet. */
		ignore(saver_pass_on(h->desk->saver, now, NULL, NULL));
	}
	ignore(close(fd));
	return same;
}

/* Is it what it was in the set before? */
static bool is_same(
    struct harvest *h, int folder, const char *name, const char *path)
{
	const struct entry *e = before_find(h->before, path);
	struct stat status;

	return e && fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
	       (before_same(h->before, path, &status) ||
		   is_touched_pack(h, folder, name, e));
}

/*
 * The object that a new pack may resemble: when git packs all anew, the large
 * pack that was there.  One that is much smaller holds what was pushed.
 */
static const char *base_of(const struct harvest *h, int fd, const char *name)
{
	struct stat status;

	if (!h->base || !g_str_has_suffix(name, ".pack") ||
	    fstat(fd, &status) != 0 ||
	    (uint64_t)status.st_size < h->base->bytes / 2)
		return NULL;
	return *h->base->base ? h->base->base : h->base->sha256;
}

/* Takes NAME of the open FOLDER, which the repository calls PLACE. */
static bool take(struct harvest *h, int folder, const char *place,
    const char *name, GError **error)
{
	g_autofree char *known = g_strdup_printf("%s/%s", place, name);
	g_autofree char *tee = NULL;

	if (g_hash_table_contains(h->known, known))
		return true;
	g_autofree char *path = set_path(h, known);
	if (is_same(h, folder, name, path)) {
		g_hash_table_add(h->known, g_steal_pointer(&known));
		return true;
	}
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 && (errno == ENOENT || errno == ESTALE)) {
		h->vanished = true;
		return true;
	}
	h->found++;
	g_hash_table_add(h->known, g_steal_pointer(&known));
	if (fd < 0) {
		repository_flaw(h->repository, "%s: %s",
		    repository_inside(path), g_strerror(errno));
		return true;
	}
	if (g_str_has_suffix(name, ".idx"))
		tee = g_build_filename(h->have, name, NULL);
	const struct saver_file file = {.fd = fd,
	    .path = path,
	    .class = SAVER_OBJECTS,
	    .tee = tee,
	    .base = base_of(h, fd, name)};
	return saver_file(h->desk->saver, &file, error);
}

/* The names in PLACE of the repository; NULL: it is not there, or a flaw. */
static GPtrArray *list(struct harvest *h, const char *place, int *folder)
{
	*folder = openat(
	    h->folder, place, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	GPtrArray *names = *folder < 0 ? NULL : fs_names(*folder);

	if (!names && errno == ESTALE)
		h->vanished = true;
	else if (!names && errno != ENOENT)
		repository_flaw(
		    h->repository, "%s: %s", place, g_strerror(errno));
	return names;
}

/* ---- folders whose times tell that nothing came or went ---- */

static void note_folder(
    struct harvest *h, const char *place, const struct stat *status)
{
	const struct timespec mtime = status->st_mtim, ctime = status->st_ctim;
	const int64_t seen[] = {(int64_t)status->st_ino, mtime.tv_sec,
	    mtime.tv_nsec, ctime.tv_sec, ctime.tv_nsec};

	hash_add(h->shelf, place, strlen(place) + 1);
	hash_add(h->shelf, seen, sizeof seen);
	h->newest = MAX(h->newest, MAX(mtime.tv_sec, ctime.tv_sec));
}

static bool look_at(struct harvest *h, const char *place, struct stat *status)
{
	if (fstatat(h->folder, place, status, AT_SYMLINK_NOFOLLOW) != 0)
		return false;
	note_folder(h, place, status);
	return true;
}

/* Looks at all of them, and nothing else. */
static bool look_at_all(struct harvest *h)
{
	int folder = openat(h->folder, "objects",
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	g_autoptr(GPtrArray) names = folder < 0 ? NULL : fs_names(folder);
	struct stat status;
	bool good = names && look_at(h, "objects", &status);

	for (guint i = 0; good && i < names->len; i++) {
		g_autofree char *place = g_strconcat(
		    "objects/", (char *)g_ptr_array_index(names, i), NULL);
		if (layout_is_fan_path(place))
			good = look_at(h, place, &status);
	}
	if (folder >= 0)
		ignore(close(folder));
	return good && look_at(h, "objects/pack", &status);
}

static void begin_look(struct harvest *h)
{
	unsigned char ignored[HASH_BYTES];

	hash_end(h->shelf, ignored);
	h->newest = 0;
}

/* What is so young may be changed again within one tick of the clock. */
static bool end_look(
    struct harvest *h, int64_t began, unsigned char digest[HASH_BYTES])
{
	enum { TICK_S = 2 };

	hash_end(h->shelf, digest);
	return h->desk->site->local && h->newest < began - TICK_S;
}

/* Is nothing new since the last harvest, by the times of the folders? */
static bool is_untouched(struct harvest *h)
{
	const struct shelf *then = &h->repository->shelf;
	unsigned char digest[HASH_BYTES];

	if (!then->known)
		return false;
	begin_look(h);
	return look_at_all(h) && end_look(h, clock_now(), digest) &&
	       memcmp(digest, then->digest, sizeof digest) == 0;
}

static bool take_fan(struct harvest *h, const char *fan, GError **error)
{
	g_autofree char *place = g_strconcat("objects/", fan, NULL);
	g_autofree char *path = set_path(h, place);
	struct stat status;
	int folder;

	if (look_at(h, place, &status) && h->desk->site->local &&
	    before_same_folder(h->before, path, &status)) {
		h->repository->only_objects = false;
		return true;
	}
	g_autoptr(GPtrArray) names = list(h, place, &folder);
	bool good = true;

	for (guint i = 0; good && names && i < names->len; i++) {
		const char *name = g_ptr_array_index(names, i);
		if (layout_is_loose(name))
			good = take(h, folder, place, name, error);
		else
			h->repository->only_objects = false;
	}
	if (folder >= 0)
		ignore(close(folder));
	return good;
}

static bool take_loose(struct harvest *h, GError **error)
{
	struct stat status;
	int folder;

	ignore(!look_at(h, "objects", &status));
	g_autoptr(GPtrArray) names = list(h, "objects", &folder);
	bool good = true;

	for (guint i = 0; good && names && i < names->len; i++) {
		const char *name = g_ptr_array_index(names, i);
		if (layout_is_fan(name))
			good = take_fan(h, name, error);
	}
	if (folder >= 0)
		ignore(close(folder));
	return good;
}

/*
 * A pack is complete when its index is there, which git writes last.  All
 * files of all new packs are opened before one is read: a repack that comes in
 * between takes away their names, not their bytes.
 */
static bool take_packs(struct harvest *h, GError **error)
{
	static const char place[] = "objects/pack";
	struct stat status;
	int folder;

	ignore(!look_at(h, place, &status));
	g_autoptr(GPtrArray) names = list(h, place, &folder);
	g_autoptr(GHashTable) complete =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	bool good = true;
	size_t stem;

	for (guint i = 0; names && i < names->len; i++) {
		const char *name = g_ptr_array_index(names, i);
		if (layout_is_pack(name, &stem) &&
		    g_str_has_suffix(name, ".idx"))
			g_hash_table_add(complete, g_strndup(name, stem));
	}
	for (guint i = 0; good && names && i < names->len; i++) {
		const char *name = g_ptr_array_index(names, i);
		if (!layout_is_pack(name, &stem))
			continue;
		g_autofree char *base = g_strndup(name, stem);
		if (g_hash_table_contains(complete, base))
			good = take(h, folder, place, name, error);
	}
	if (folder >= 0)
		ignore(close(folder));
	return good;
}

static bool one_round(struct harvest *h, GError **error)
{
	const struct saver_hooks hooks = {saved, flawed, harmed, vanished, h};
	saver *s = h->desk->saver;

	h->found = 0;
	h->vanished = false;
	saver_begin(s, h->repository->group, FRAME_OBJECTS, &hooks);
	/* Loose objects before packs: what is packed in between is in a pack
	 * that is listed after it. */
	return take_loose(h, error) && take_packs(h, error) &&
	       saver_end(s, error);
}

static bool all_rounds(struct harvest *h, GError **error)
{
	h->repository->stirred = h->repository->quiet = false;
	h->repository->only_objects = true;
	for (unsigned round = 1; round <= ROUNDS; round++) {
		struct shelf *seen = &h->repository->shelf;
		int64_t began = clock_now();
		begin_look(h);
		if (!one_round(h, error))
			return false;
		/* What could not be read is asked for again. */
		seen->known = end_look(h, began, seen->digest) &&
			      !h->vanished && h->repository->flaws->len == 0;
		h->repository->stirred |= h->found > 0 || h->vanished;
		h->repository->rounds = MAX(h->repository->rounds, round);
		/* Nothing came since the listing: a look tells, or a round. */
		h->repository->quiet =
		    (h->found == 0 && !h->vanished) || is_untouched(h);
		if (h->repository->quiet)
			return true;
	}
	repository_flaw(h->repository,
	    "it did not stand still: new objects in each of %d rounds", ROUNDS);
	return true;
}

/* ---- what is as it was ---- */

/* The store could not give its bytes: they are read. */
static bool again(const char *path, void *user, GError **error)
{
	struct harvest *h = user;
	const char *known = repository_inside(path);
	g_autofree char *place = g_path_get_dirname(known);
	g_autofree char *name = g_path_get_basename(known);
	int folder = openat(
	    h->folder, place, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	g_hash_table_remove(h->known, known);
	if (folder < 0) {
		h->vanished = true;
		return true;
	}
	bool good = take(h, folder, place, name, error);
	ignore(close(folder));
	return good;
}

static bool tee_index(
    const struct entry *e, const void *bytes, void *user, GError **error)
{
	struct harvest *h = user;
	g_autofree char *name = g_path_get_basename(e->path);

	return !g_str_has_suffix(name, ".idx") ||
	       have_keep(h->have, name, bytes, e->bytes, error);
}

/* After the rounds: what was seen to be the same is taken over. */
static bool take_over(struct harvest *h, GError **error)
{
	const struct saver_hooks hooks = {saved, flawed, harmed, vanished, h};
	const struct before_hooks passing = {again, tee_index, h};
	g_autoptr(before) b = g_steal_pointer(&h->before);
	h->base = NULL;
	group *g = h->repository->group;

	if (!b)
		return true;
	h->repository->steady = before_is_whole(b);
	if (h->repository->steady) {
		before_carry(b, g);
		return true;
	}
	h->vanished = false;
	saver_begin(h->desk->saver, g, FRAME_OBJECTS, &hooks);
	return before_pass_on(b, g, h->desk->saver, &passing, error) &&
	       saver_end(h->desk->saver, error) &&
	       (!h->vanished || all_rounds(h, error));
}

bool repository_harvest(
    struct repository *r, const struct desk *d, GError **error)
{
	struct harvest h = {.repository = r, .desk = d};

	h.folder = layout_open(d->site->root, r->folder);
	if (h.folder < 0) {
		r->vanished = errno == ENOENT || errno == ESTALE;
		if (!r->vanished)
			repository_flaw(r, "%s", g_strerror(errno));
		return true;
	}
	h.have = site_have(d->site, r->id);
	h.known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	h.loose = g_array_new(FALSE, FALSE, sizeof(struct oid));
	h.shelf = hash_new();
	if (is_untouched(&h)) {
		r->stirred = false;
		hash_free(h.shelf);
		g_hash_table_unref(h.known);
		g_array_unref(h.loose);
		g_free(h.have);
		ignore(close(h.folder));
		return true;
	}
	if (r->group->frames->len == 0)
		h.before = before_open(d->site, r->group, FRAME_OBJECTS);
	h.base = before_largest(h.before, ".pack");
	bool good = fs_make_folders(h.have, 0700, error) &&
		    load_known(&h, error) &&
		    (!r->swept || settle_prepare(d->site, r, error)) &&
		    all_rounds(&h, error) && take_over(&h, error) &&
		    have_add_loose(h.have, (struct oid *)h.loose->data,
			h.loose->len, error);
	before_close(h.before);
	hash_free(h.shelf);
	g_array_unref(h.loose);
	g_hash_table_unref(h.known);
	g_free(h.have);
	ignore(close(h.folder));
	return good;
}
