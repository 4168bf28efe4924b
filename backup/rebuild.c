#include "backup/rebuild.h"

#include "backup/choice.h"
#include "backup/restore/alternates.h"
#include "backup/restore/lay.h"
#include "backup/restore/place.h"
#include "backup/store/object.h"
#include "backup/unpack.h"
#include "base/error.h"
#include "base/file.h"
#include "base/stop.h"
#include "bitbucket/home.h"

struct rebuild {
	const struct rebuild_options *o;
	struct place place;
	GPtrArray *later; /* groups whose links and folders are to come */
	struct rebuild_counts counts;
	bool refused; /* by the target: what failed at last */
};

rebuild *rebuild_open(const struct rebuild_options *options, GError **error)
{
	g_autoptr(rebuild) r = g_new0(struct rebuild, 1);

	r->o = options;
	r->later = g_ptr_array_new();
	return place_open(
		   &r->place, options->target, options->allow_setuid, error)
		   ? g_steal_pointer(&r)
		   : NULL;
}

void rebuild_close(rebuild *r)
{
	if (!r)
		return;
	place_close(&r->place);
	g_ptr_array_unref(r->later);
	g_free(r);
}

const struct rebuild_counts *rebuild_counts(const rebuild *r)
{
	return &r->counts;
}

bool rebuild_was_refused(const rebuild *r)
{
	return r->refused;
}

/* Gives GOOD; what is false is a failure of the target, unless the set asked
 * for what can't be. */
static bool placed(struct rebuild *r, bool good, GError **error)
{
	r->refused = !good && error &&
		     g_error_matches(*error, GONOGO_ERROR, GONOGO_ERROR_SYSTEM);
	return good;
}

/* ---- what is wanted ---- */

/* What a process of another day left behind: it would stop git. */
static bool is_stale_lock(const struct entry *e)
{
	uint64_t id;
	const char *rest;

	return e->kind == ENTRY_FILE &&
	       home_in_repository(e->path, &id, &rest) &&
	       (g_str_has_suffix(rest, ".lock") || g_str_equal(rest, "gc.pid"));
}

static bool wants(const struct entry *e, void *user)
{
	struct rebuild *r = user;

	return (!r->o->paths || choice_has_path(r->o->paths, e->path)) &&
	       !is_stale_lock(e);
}

/* ---- files ---- */

static bool end_file(struct rebuild *r, int fd, bool written,
    const struct entry *e, GError **error)
{
	bool good = place_end_file(&r->place, fd, written, e, error);

	r->counts.files += good;
	r->counts.bytes += good ? e->bytes : 0;
	return written ? placed(r, good, error) : good;
}

static bool write_small(const struct entry *e, const void *bytes, size_t length,
    void *user, GError **error)
{
	g_autofree char *moved = NULL;
	struct rebuild *r = user;

	if (r->o->new_home && alternates_is(e)) {
		moved = alternates_move(bytes, length, r->o->new_home);
		bytes = moved;
		length = strlen(moved);
	}
	int fd = place_file(&r->place, e, error);
	return placed(r, fd >= 0, error) &&
	       end_file(r, fd,
		   placed(r, file_write_fd(fd, e->path, bytes, length, error),
		       error),
		   e, error);
}

/* In a scratch folder that is only read a link to the object will do. */
static bool link_object(
    struct rebuild *r, const struct entry *e, GError **error)
{
	g_autofree char *name = object_path(e->sha256, "");
	g_autofree char *path = store_file(r->o->store, name);

	return placed(r, place_stand_in(&r->place, e, path, error), error);
}

static bool write_big(struct rebuild *r, const struct entry *e, GError **error)
{
	const struct object_source from = {
	    e->sha256, e->suffix, e->base, e->bytes};

	if (r->o->link_objects && !*e->suffix)
		return link_object(r, e, error);
	int fd = place_file(&r->place, e, error);
	if (!placed(r, fd >= 0, error))
		return false;
	struct lay to = {.fd = fd, .name = e->path};
	bool whole = lay_object(r->o->store, &from, &to, error);
	r->refused = to.refused;
	return end_file(r, fd, whole, e, error);
}

/* ---- a group ---- */

typedef bool (*maker)(struct rebuild *, const struct entry *, GError **);

static bool make_hard_link(
    struct rebuild *r, const struct entry *e, GError **error)
{
	return placed(r, place_hard_link(&r->place, e, error), error);
}

static bool make_link(struct rebuild *r, const struct entry *e, GError **error)
{
	return placed(r, place_link(&r->place, e, error), error);
}

static bool make_folder(
    struct rebuild *r, const struct entry *e, GError **error)
{
	return placed(r, place_folder(&r->place, e, error), error);
}

static bool make_each(struct rebuild *r, const GPtrArray *entries,
    enum entry_kind kind, maker make, GError **error)
{
	/* From the last to the first: what is in a folder, then the folder. */
	for (guint i = entries->len; i-- > 0;) {
		const struct entry *e = g_ptr_array_index(entries, i);
		if (e->kind != kind || (kind == ENTRY_FILE && !e->suffix) ||
		    !wants(e, r))
			continue;
		if (stop_requested(error) || !make(r, e, error))
			return false;
	}
	return true;
}

static guint count_kind(const GPtrArray *entries, enum entry_kind kind)
{
	guint count = 0;

	for (guint i = 0; i < entries->len; i++) {
		const struct entry *e = g_ptr_array_index(entries, i);
		count += e->kind == kind;
	}
	return count;
}

static void count_left_out(struct rebuild *r, const GPtrArray *entries)
{
	for (guint i = 0; i < entries->len; i++)
		r->counts.left_out +=
		    is_stale_lock(g_ptr_array_index(entries, i));
}

/* A repository keeps to its own folder: without links it is done at once. */
static bool ends_now(
    const struct manifest_group *group, const GPtrArray *entries)
{
	return group->repository && count_kind(entries, ENTRY_LINK) == 0;
}

bool rebuild_group(
    rebuild *r, const struct manifest_group *group, GError **error)
{
	const struct unpack unpack = {r->o->store, wants, write_small, r};
	g_autoptr(GPtrArray) entries =
	    manifest_entries(r->o->manifest, group, error);
	bool good =
	    entries && unpack_group(&unpack, group, entries, error) &&
	    make_each(r, entries, ENTRY_FILE, write_big, error) &&
	    make_each(r, entries, ENTRY_HARD_LINK, make_hard_link, error);

	if (good)
		count_left_out(r, entries);
	if (good && ends_now(group, entries))
		good = make_each(r, entries, ENTRY_FOLDER, make_folder, error);
	else
		g_ptr_array_add(r->later, (gpointer)group);
	if (!good)
		g_prefix_error(error, "%s: ", group->name);
	return good;
}

static bool make_later(
    struct rebuild *r, enum entry_kind kind, maker make, GError **error)
{
	for (guint i = 0; i < r->later->len; i++) {
		const struct manifest_group *group =
		    g_ptr_array_index(r->later, i);
		g_autoptr(GPtrArray) entries =
		    manifest_entries(r->o->manifest, group, error);
		if (entries && make_each(r, entries, kind, make, error))
			continue;
		g_prefix_error(error, "%s: ", group->name);
		return false;
	}
	return true;
}

bool rebuild_links(rebuild *r, GError **error)
{
	return make_later(r, ENTRY_LINK, make_link, error);
}

bool rebuild_folders(rebuild *r, GError **error)
{
	bool good = make_later(r, ENTRY_FOLDER, make_folder, error);

	g_ptr_array_set_size(r->later, 0);
	return good;
}
