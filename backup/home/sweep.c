#include <errno.h>
#include <fcntl.h>
#include <limits.h>

#include "backup/home/before.h"
#include "backup/home/layout.h"
#include "backup/home/lender.h"
#include "backup/home/recall.h"
#include "backup/home/repository.h"
#include "backup/home/trace.h"
#include "base/error.h"
#include "base/file.h"
#include "bitbucket/home.h"
#include "port/fs.h"

enum {
	TRIES = 5,          /* then the refs never stand still */
	LOOSE_BYTES = 8192, /* a loose ref is one line */
};
static const size_t PACKED_BYTES = 1u << 30;

static const char *const packed_names[] = {"packed-refs", "stash-packed-refs"};

/* What tells whether a file of packed refs was replaced. */
struct stamp {
	ino_t inode;
	off_t size;
	struct timespec mtime;
};

struct sweep {
	struct repository *repository;
	const struct desk *desk;
	int folder;
	struct refs refs;
	char *alternates;  /* text of the file; NULL: none */
	bool reading_only; /* refs alone, nothing is saved */
	bool stale;        /* NFS took away what was listed or opened */
	bool stamped;      /* a stamp is wanted, and */
	stamp *stamp;      /* on its way; NULL: not, or no more */
	before *before;    /* nothing is read: is all as it was? */
	bool differs;
};

static void look(int folder, struct stamp stamps[2])
{
	for (size_t i = 0; i < G_N_ELEMENTS(packed_names); i++) {
		struct stat status = {0};
		ignore(fstatat(
		    folder, packed_names[i], &status, AT_SYMLINK_NOFOLLOW));
		stamps[i] = (struct stamp){
		    status.st_ino, status.st_size, status.st_mtim};
	}
}

static bool same(const struct stamp a[2], const struct stamp b[2])
{
	for (size_t i = 0; i < G_N_ELEMENTS(packed_names); i++)
		if (a[i].inode != b[i].inode || a[i].size != b[i].size ||
		    a[i].mtime.tv_sec != b[i].mtime.tv_sec ||
		    a[i].mtime.tv_nsec != b[i].mtime.tv_nsec)
			return false;
	return true;
}

/* ---- what was read is understood ---- */

static void understand_config(struct repository *r, const char *text)
{
	struct repository_config config = {0};

	repository_config_read(text, &config);
	if (config.hierarchy) {
		g_free(r->hierarchy);
		r->hierarchy = g_steal_pointer(&config.hierarchy);
	}
	if (config.project && config.slug) {
		g_free(r->project);
		g_free(r->slug);
		r->project = g_steal_pointer(&config.project);
		r->slug = g_steal_pointer(&config.slug);
	}
	repository_config_clear(&config);
}

static void understand(
    struct sweep *w, const char *rest, const char *bytes, size_t length)
{
	if (refs_is_packed(rest))
		refs_add_packed(&w->refs, bytes, length);
	else if (refs_is_loose(rest))
		refs_add_loose(&w->refs, rest, bytes, length);
	else if (g_str_has_prefix(rest, "logs/"))
		refs_add_log(&w->refs, rest, bytes, length);
	else if (g_str_equal(rest, "objects/info/alternates"))
		w->alternates = g_strndup(bytes, length);
	else if (g_str_equal(rest, "repository-config"))
		understand_config(w->repository, bytes);
	else if (g_str_equal(rest, "reftable/tables.list"))
		repository_flaw(w->repository,
		    "its refs are kept as reftable, which can't be proved");
}

static void saved(const struct entry *e, const void *bytes, void *user)
{
	if (bytes)
		understand(user, repository_inside(e->path), bytes, e->bytes);
}

static void flawed(const char *path, const char *why, void *user)
{
	struct sweep *w = user;

	repository_flaw(w->repository, "%s: %s", repository_inside(path), why);
}

static void vanished(const char *path, void *user)
{
	struct sweep *w = user;

	(void)path;
	w->stale = true;
}

/* ---- reading ---- */

static bool read_ref(struct sweep *w, int fd, const char *rest, GError **error)
{
	size_t limit = refs_is_packed(rest) ? PACKED_BYTES : LOOSE_BYTES;
	g_autoptr(GError) why = NULL;
	size_t length;
	g_autofree char *text = file_read_fd(fd, rest, limit, &length, &why);

	(void)error;
	ignore(close(fd));
	if (text)
		understand(w, rest, text, length);
	else
		repository_flaw(w->repository, "%s", why->message);
	return true;
}

/* Holds the file NAME of FOLDER against the set before. */
static bool hold(struct sweep *w, const char *rest, const struct stat *status)
{
	g_autofree char *path =
	    g_build_filename(w->repository->folder, rest, NULL);

	w->differs = w->differs || !before_same(w->before, path, status);
	return !w->differs;
}

/* Takes the file NAME of FOLDER; REST is its path in the repository. */
static bool take_file(struct sweep *w, int folder, const char *name,
    const char *rest, GError **error)
{
	int fd = openat(
	    folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

	/* It went after it was listed: a ref was deleted, or packed. */
	if (fd < 0 && errno == ENOENT)
		return true;
	if (fd < 0 && errno == ESTALE) {
		w->stale = true;
		return true;
	}
	if (fd < 0) {
		repository_flaw(
		    w->repository, "%s: %s", rest, g_strerror(errno));
		return true;
	}
	if (w->reading_only)
		return read_ref(w, fd, rest, error);
	g_autofree char *path =
	    g_build_filename(w->repository->folder, rest, NULL);
	const struct saver_file file = {
	    .fd = fd,
	    .path = path,
	    .class =
		g_str_has_prefix(rest, "logs/") ? SAVER_LOG : SAVER_MUTABLE,
	    .whole = refs_is_packed(rest),
	};
	return saver_file(w->desk->saver, &file, error);
}

static void take_link(struct sweep *w, const struct fs_entry *e)
{
	char target[PATH_MAX];
	ssize_t length =
	    readlinkat(e->folder, e->name, target, sizeof target - 1);
	g_auto(entry) link = {.kind = ENTRY_LINK};

	if (length < 0 || w->reading_only)
		return;
	target[length] = 0;
	link.path = g_build_filename(w->repository->folder, e->path, NULL);
	link.target = g_strdup(target);
	entry_stat(&link, &e->status);
	saver_add(w->desk->saver, &link);
}

/* Objects have a way of their own; only one file in info/ is no object and no
 * cache. */
static bool want(const char *path, void *user)
{
	(void)user;
	return !g_str_has_prefix(path, "objects/") ||
	       g_str_equal(path, "objects/info") ||
	       g_str_equal(path, "objects/info/alternates");
}

static enum fs_step visit(const struct fs_entry *e, void *user, GError **error)
{
	struct sweep *w = user;
	enum layout layout = layout_of(e->path);
	bool wanted = layout == LAYOUT_MUTABLE &&
		      (!w->reading_only || refs_is_loose(e->path));
	bool good = true;

	/* Looked at before it is read or listed: what changes meanwhile shows
	 * in the second look. */
	if (w->stamp)
		stamp_add(w->stamp, e->path, &e->status);
	if (!S_ISDIR(e->status.st_mode) && w->before)
		return layout != LAYOUT_MUTABLE || hold(w, e->path, &e->status)
			   ? FS_ON
			   : FS_STOP;
	if (S_ISDIR(e->status.st_mode))
		return layout == LAYOUT_SKIP ? FS_SKIP : FS_ON;
	if (wanted && S_ISREG(e->status.st_mode))
		good = take_file(w, e->folder, e->name, e->path, error);
	else if (wanted && S_ISLNK(e->status.st_mode))
		take_link(w, e);
	return good ? FS_ON : FS_STOP;
}

static void lost(const char *path, int number, void *user)
{
	struct sweep *w = user;

	g_clear_pointer(&w->stamp, stamp_free);
	if (w->before)
		w->differs = true;
	else if (number == ESTALE)
		w->stale = true;
	else
		repository_flaw(
		    w->repository, "%s: %s", path, g_strerror(number));
}

/* Loose refs first: a ref that is packed meanwhile is in the file that is read
 * after it. */
static bool take_all(struct sweep *w, GError **error)
{
	if (!fs_walk_wanted(w->folder, want, visit, lost, w, error))
		return false;
	for (size_t i = 0; i < G_N_ELEMENTS(packed_names); i++)
		if (!take_file(
			w, w->folder, packed_names[i], packed_names[i], error))
			return false;
	return true;
}

static void begin_stamp(struct sweep *w)
{
	struct stat status;

	g_clear_pointer(&w->stamp, stamp_free);
	if (fstat(w->folder, &status) != 0)
		return;
	w->stamp = stamp_begin();
	stamp_add(w->stamp, "", &status);
}

/* *done: there is nothing that another try could mend. */
static bool try_once(struct sweep *w, bool *steady, bool *done, GError **error)
{
	const struct saver_hooks hooks = {
	    .saved = saved, .flawed = flawed, .vanished = vanished, .user = w};
	struct stamp before[2], after[2];

	refs_clear(&w->refs);
	g_clear_pointer(&w->alternates, g_free);
	w->stale = false;
	look(w->folder, before);
	if (w->stamped)
		begin_stamp(w);
	if (!w->reading_only) {
		group_drop_frames(w->repository->group, FRAME_MUTABLE);
		saver_begin(w->desk->saver, w->repository->group, FRAME_MUTABLE,
		    &hooks);
	}
	if (!take_all(w, error) ||
	    (!w->reading_only && !saver_end(w->desk->saver, error)))
		return false;
	look(w->folder, after);
	*steady = same(before, after) && !refs_conflict(&w->refs) && !w->stale;
	*done = *steady && refs_logs_agree(&w->refs);
	return true;
}

static bool read_steadily(struct sweep *w, GError **error)
{
	bool steady = false, done = false;

	for (int left = TRIES; left > 0 && !done; left--) {
		/* What an unsteady try complained of is asked anew. */
		guint flaws = w->repository->flaws->len;
		if (!try_once(w, &steady, &done, error))
			return false;
		if (!done && left > 1)
			g_ptr_array_set_size(w->repository->flaws, (gint)flaws);
	}
	if (!steady)
		repository_flaw(w->repository,
		    "its refs did not stand still in %d sweeps", TRIES);
	return true;
}

/* ---- nothing is read of what is as it was ---- */

static bool hold_packed(struct sweep *w)
{
	struct stat status;

	for (size_t i = 0; !w->differs && i < G_N_ELEMENTS(packed_names); i++)
		if (fstatat(w->folder, packed_names[i], &status,
			AT_SYMLINK_NOFOLLOW) == 0)
			hold(w, packed_names[i], &status);
		else
			w->differs = errno != ENOENT;
	return !w->differs;
}

static void see(const char *path, const struct stat *status, void *user)
{
	stamp_add(user, path, status);
}

/* By looks at what was there then; where it stands, with a stamp of it. */
static bool stands(struct sweep *w)
{
	struct repository *r = w->repository;
	stamp *seen = stamp_begin();
	bool same = before_stands(w->before, w->folder, r->folder, see, seen);

	stamp_end(seen);
	if (!same || w->reading_only) {
		stamp_free(seen);
		return same;
	}
	stamp_free(r->stamp);
	r->stamp = seen;
	r->same_folders = true;
	return true;
}

/* By a walk, and looks at all that is there now. */
static bool walks(struct sweep *w, bool *same, GError **error)
{
	w->differs = false;
	bool good = fs_walk_wanted(w->folder, want, visit, lost, w, error);

	*same = good && hold_packed(w) && before_is_whole(w->before);
	return good;
}

/* Is every mutable file what it was in the set before, and none missing? */
static bool is_as_before(struct sweep *w, bool *same, GError **error)
{
	*same = false;
	w->before =
	    before_open(w->desk->site, w->repository->group, FRAME_MUTABLE);
	if (!w->before)
		return true;
	bool good = true;
	if (w->desk->site->local)
		*same = stands(w);
	else
		good = walks(w, same, error);
	if (*same && !w->reading_only) {
		group_drop_frames(w->repository->group, FRAME_MUTABLE);
		before_carry(w->before, w->repository->group);
	}
	g_clear_pointer(&w->before, before_close);
	return good;
}

static void add_all(GPtrArray *to, const GPtrArray *from)
{
	g_ptr_array_set_size(to, 0);
	for (guint i = 0; from && i < from->len; i++)
		g_ptr_array_add(to, g_strdup(g_ptr_array_index(from, i)));
}

static void say_again(char **text, const char *then)
{
	g_free(*text);
	*text = g_strdup(then);
}

/* Its refs are those that the set before has proved; what was said of them
 * then is said again. */
static bool rest_on_before(struct sweep *w, bool *rests, GError **error)
{
	struct repository *r = w->repository;
	const struct evidence_repository *then = r->then;

	*rests = false;
	if (r->swept || !then || then->result != REPOSITORY_PROVED ||
	    !then->refs.known || !then->tips.known || !r->group->before)
		return true;
	if (!is_as_before(w, rests, error))
		return false;
	if (!*rests)
		return true;
	r->same_refs = r->swept = true;
	r->refs = (uint64_t)then->refs.value;
	r->tips = (uint64_t)then->tips.value;
	say_again(&r->project, then->project);
	say_again(&r->slug, then->slug);
	say_again(&r->hierarchy, then->hierarchy);
	add_all(r->alternates, r->group->before->alternates);
	add_all(r->group->alternates, r->group->before->alternates);
	return true;
}

/* ---- alternates ---- */

static void note_alternates(struct sweep *w)
{
	struct repository *r = w->repository;
	g_auto(GStrv) lines =
	    g_strsplit(w->alternates ? w->alternates : "", "\n", -1);

	g_ptr_array_set_size(r->alternates, 0);
	g_ptr_array_set_size(r->group->alternates, 0);
	for (char **line = lines; *line; line++) {
		if (!**line || **line == '#')
			continue;
		char *id = lender_find(w->desk->site, r->folder, *line);
		if (!id) {
			repository_flaw(r,
			    "it borrows objects from %s, which is not a "
			    "repository of this home",
			    *line);
			continue;
		}
		g_ptr_array_add(r->alternates, id);
		g_ptr_array_add(r->group->alternates, g_strdup(id));
	}
}

/* ---- the two ways to sweep ---- */

static bool keep(struct sweep *w, GError **error)
{
	struct repository *r = w->repository;
	g_autofree char *folder = site_have(w->desk->site, r->id);

	for (guint i = 0; w->refs.broken && i < w->refs.broken->len; i++)
		repository_flaw(r, "%s: not a ref",
		    (char *)g_ptr_array_index(w->refs.broken, i));
	/* A second sweep that saves: what went since the first? */
	if (r->swept &&
	    !trace_compare(folder, &w->refs, r->moved, r->deleted, error))
		return false;
	r->swept = true;
	return trace_keep(folder, &w->refs, &r->refs, &r->tips, error);
}

static bool open_repository(struct sweep *w)
{
	struct repository *r = w->repository;

	w->folder = layout_open(w->desk->site->root, r->folder);
	if (w->folder >= 0)
		return true;
	r->vanished = errno == ENOENT || errno == ESTALE;
	if (!r->vanished)
		repository_flaw(r, "%s", g_strerror(errno));
	return false;
}

static void close_repository(struct sweep *w)
{
	ignore(close(w->folder));
	refs_clear(&w->refs);
	g_free(w->alternates);
}

bool repository_sweep(
    struct repository *r, const struct desk *d, bool stamped, GError **error)
{
	struct sweep w = {.repository = r, .desk = d, .stamped = stamped};

	if (!open_repository(&w))
		return true;
	bool rests = false;
	r->same_folders = false;
	g_clear_pointer(&r->stamp, stamp_free);
	bool good = rest_on_before(&w, &rests, error) &&
		    (rests || recall_refs(d->site, r, error));
	if (good && !rests) {
		r->same_refs = false;
		good = read_steadily(&w, error);
		if (w.stamp)
			stamp_end(w.stamp);
		r->stamp = g_steal_pointer(&w.stamp);
		if (good)
			note_alternates(&w);
		good = good && keep(&w, error);
	}
	close_repository(&w);
	return good;
}

bool repository_sweep_again(
    struct repository *r, const struct desk *d, GError **error)
{
	struct sweep w = {.repository = r, .desk = d, .reading_only = true};
	g_autofree char *folder = site_have(d->site, r->id);
	guint flaws = r->flaws->len;
	bool same = false;

	if (!open_repository(&w))
		return true;
	bool good =
	    !r->same_refs || (is_as_before(&w, &same, error) &&
				 (same || recall_refs(d->site, r, error)));
	if (!good || same) {
		close_repository(&w);
		g_ptr_array_set_size(r->flaws, (gint)flaws);
		return good;
	}
	good = read_steadily(&w, error);
	/* Refs that are on the move now are in the set as they were. */
	g_ptr_array_set_size(r->flaws, (gint)flaws);
	good =
	    good && trace_compare(folder, &w.refs, r->moved, r->moved, error);
	close_repository(&w);
	return good;
}
