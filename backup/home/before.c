#include "backup/home/before.h"

#include <fcntl.h>

#include "base/error.h"
#include "base/log.h"

struct before {
	const struct site *site;
	const struct manifest_group *from;
	enum frame_kind kind;
	GPtrArray *entries;   /* struct entry, by path */
	GByteArray *marks;    /* for each: 1, it is the same */
	guint length, marked; /* of that kind */
};

static bool is_of_kind(const struct before *b, const struct entry *e)
{
	const struct manifest_frame *f =
	    g_ptr_array_index(b->from->frames, e->frame);

	return f->kind == b->kind;
}

before *before_open(const struct site *s, const group *g, enum frame_kind kind)
{
	g_autoptr(GError) why = NULL;

	if (!s->before || !g->before)
		return NULL;
	g_autoptr(GPtrArray) all =
	    manifest_entries(s->before->manifest, g->before, &why);
	if (!all) {
		log_warn(
		    "%s: it is read anew: %s", g->before->name, why->message);
		return NULL;
	}
	struct before *b = g_new0(struct before, 1);
	b->site = s;
	b->from = g->before;
	b->kind = kind;
	b->entries = g_steal_pointer(&all);
	for (guint i = 0; i < b->entries->len; i++)
		b->length += is_of_kind(b, g_ptr_array_index(b->entries, i));
	b->marks = g_byte_array_new();
	g_byte_array_set_size(b->marks, b->entries->len);
	memset(b->marks->data, 0, b->marks->len);
	return b;
}

void before_close(before *b)
{
	if (!b)
		return;
	g_ptr_array_unref(b->entries);
	g_byte_array_unref(b->marks);
	g_free(b);
}

static int by_path(const void *path, const void *entry)
{
	return strcmp(path, (*(struct entry *const *)entry)->path);
}

static struct entry **find(const before *b, const char *path)
{
	return b->entries->len
		   ? bsearch(path, b->entries->pdata, b->entries->len,
			 sizeof(struct entry *), by_path)
		   : NULL;
}

const struct entry *before_find(const before *b, const char *path)
{
	struct entry **found = b ? find(b, path) : NULL;

	return found ? *found : NULL;
}

const struct entry *before_largest(const before *b, const char *suffix)
{
	const struct entry *found = NULL;

	for (guint i = 0; b && i < b->entries->len; i++) {
		const struct entry *e = g_ptr_array_index(b->entries, i);
		if (e->suffix && !g_str_equal(e->suffix, ".zst") &&
		    g_str_has_suffix(e->path, suffix) &&
		    (!found || e->bytes > found->bytes))
			found = e;
	}
	return found;
}

static bool same_entry(
    const before *b, const struct entry *e, const struct entry *now)
{
	/* A hard link looks like the file that it is. */
	enum entry_kind kind =
	    e->kind == ENTRY_HARD_LINK ? ENTRY_FILE : e->kind;

	return kind == now->kind &&
	       (e->kind != ENTRY_FILE || e->bytes == now->bytes) &&
	       e->mtime_ns == now->mtime_ns && e->ctime_ns == now->ctime_ns &&
	       e->inode == now->inode &&
	       groups_device(b->site->groups, e->device) == now->device &&
	       e->mode == now->mode && e->uid == now->uid &&
	       e->gid == now->gid &&
	       parent_is_settled(b->site->before, e->ctime_ns);
}

static bool is_stored(const before *b, const struct entry *e)
{
	return parent_has_frame(b->site->before,
		   g_ptr_array_index(b->from->frames, e->frame)) &&
	       (!e->suffix || objects_reuse(b->site->objects, e));
}

static void mark_at(struct before *b, size_t at)
{
	b->marked += !b->marks->data[at] &&
		     is_of_kind(b, g_ptr_array_index(b->entries, at));
	b->marks->data[at] = 1;
}

/* The same entry, which is marked; NULL: it is not the same. */
static struct entry *mark(before *b, const char *path, const struct entry *now)
{
	struct entry **found = b ? find(b, path) : NULL;

	if (!found || !same_entry(b, *found, now) || !is_stored(b, *found))
		return NULL;
	mark_at(b, (size_t)((void **)found - b->entries->pdata));
	return *found;
}

static struct entry entry_of(const struct stat *status)
{
	struct entry now = {.bytes = (uint64_t)status->st_size};

	entry_stat(&now, status);
	now.kind = S_ISDIR(status->st_mode)   ? ENTRY_FOLDER
		   : S_ISLNK(status->st_mode) ? ENTRY_LINK
					      : ENTRY_FILE;
	return now;
}

bool before_same(before *b, const char *path, const struct stat *status)
{
	const struct entry now = entry_of(status);

	return mark(b, path, &now) != NULL;
}

bool before_stands(
    before *b, int folder, const char *path, before_seen seen, void *user)
{
	size_t length = strlen(path);
	bool any = false;

	for (guint i = 0; i < b->entries->len; i++) {
		const struct entry *e = g_ptr_array_index(b->entries, i);
		const struct manifest_frame *f =
		    g_ptr_array_index(b->from->frames, e->frame);
		const char *rest = e->path + length;
		struct stat status;
		if (f->kind == FRAME_OBJECTS)
			continue;
		rest += *rest == '/';
		if (fstatat(folder, rest, &status,
			AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH) != 0)
			return false;
		const struct entry now = entry_of(&status);
		if (!same_entry(b, e, &now) || !is_stored(b, e))
			return false;
		mark_at(b, i);
		any = any || *rest == 0;
		seen(rest, &status, user);
	}
	/* Without the repository's own folder nobody knows its names. */
	return any;
}

bool before_same_entry(before *b, struct entry *now)
{
	const struct entry *then = mark(b, now->path, now);

	if (then && then->xattrs)
		now->xattrs = g_bytes_ref(then->xattrs);
	return then != NULL;
}

bool before_same_folder(before *b, const char *path, const struct stat *status)
{
	g_autofree char *below = g_strconcat(path, "/", NULL);

	if (!b || !before_same(b, path, status))
		return false;
	/* By their paths: first the folder, then what is in it, but for names
	 * with a byte before the slash. */
	struct entry **folder = find(b, path);
	guint first = (guint)((void **)folder - b->entries->pdata), i;
	for (i = first + 1; i < b->entries->len; i++) {
		const struct entry *e = g_ptr_array_index(b->entries, i);
		if (!g_str_has_prefix(e->path, path))
			break;
		if (g_str_has_prefix(e->path, below) && !is_stored(b, e))
			return false;
	}
	for (guint at = first + 1; at < i; at++) {
		const struct entry *e = g_ptr_array_index(b->entries, at);
		if (g_str_has_prefix(e->path, below))
			mark_at(b, at);
	}
	return true;
}

unsigned before_length(const before *b)
{
	return b->length;
}

bool before_is_whole(const before *b)
{
	return b->marked == b->length;
}

void before_carry(const before *b, group *g)
{
	group_carry_all(g, b->kind);
}

/* ---- passing on what is in frames that are not whole ---- */

struct passing {
	struct before *before;
	saver *saver;
	const struct before_hooks *hooks;
	GHashTable *wanted; /* path -> struct entry: of the frame */
};

static bool pass_one(
    struct passing *p, struct entry *e, const void *bytes, GError **error)
{
	if (p->hooks->tee && bytes &&
	    !p->hooks->tee(e, bytes, p->hooks->user, error))
		return false;
	e->device = groups_device(p->before->site->groups, e->device);
	return saver_pass_on(p->saver, e, bytes, error);
}

static bool take_member(const char *path, const void *bytes, size_t length,
    void *user, GError **error)
{
	struct passing *p = user;
	struct entry *e = g_hash_table_lookup(p->wanted, path);

	if (!e || !bytes || length != e->bytes)
		return true;
	g_autofree char *sha256 = hash_hex(bytes, length);
	/* Other bytes than were stored: it is read again. */
	if (!g_str_equal(sha256, e->sha256))
		return true;
	g_hash_table_remove(p->wanted, path);
	return pass_one(p, e, bytes, error);
}

/* Whether the frame could be read to its end is told by what is missing. */
static bool pass_frame(struct passing *p, unsigned place, GError **error)
{
	struct before *b = p->before;
	g_autoptr(GPtrArray) whole = g_ptr_array_new();
	GHashTableIter iter;
	gpointer e;

	g_hash_table_remove_all(p->wanted);
	for (guint i = 0; i < b->entries->len; i++) {
		struct entry *one = g_ptr_array_index(b->entries, i);
		if (one->frame != place || !b->marks->data[i])
			continue;
		if (one->kind == ENTRY_FILE && !one->suffix)
			g_hash_table_insert(
			    p->wanted, one->path + strspn(one->path, "/"), one);
		else
			g_ptr_array_add(whole, one);
	}
	GError *failed = NULL;
	if (g_hash_table_size(p->wanted) > 0 &&
	    !parent_read_frame(b->site->before,
		g_ptr_array_index(b->from->frames, place), take_member, p,
		&failed)) {
		/* Damage is mended by reading; a full store is not. */
		if (!g_error_matches(failed, GONOGO_ERROR, GONOGO_ERROR_DATA)) {
			g_propagate_error(error, failed);
			return false;
		}
		log_warn("%s", failed->message);
		g_error_free(failed);
	}
	g_hash_table_iter_init(&iter, p->wanted);
	while (g_hash_table_iter_next(&iter, NULL, &e))
		if (!p->hooks->again(
			((struct entry *)e)->path, p->hooks->user, error))
			return false;
	for (guint i = 0; i < whole->len; i++)
		if (!pass_one(p, g_ptr_array_index(whole, i), NULL, error))
			return false;
	return true;
}

static bool is_marked_whole(const struct before *b, unsigned place)
{
	for (guint i = 0; i < b->entries->len; i++) {
		const struct entry *e = g_ptr_array_index(b->entries, i);
		if (e->frame == place && !b->marks->data[i])
			return false;
	}
	return true;
}

/* A hard link may be in another frame than its file, behind it: they stay
 * together.  What has changed of one has changed of the other, too. */
static bool has_hard_links(const struct before *b)
{
	for (guint i = 0; i < b->entries->len; i++) {
		const struct entry *e = g_ptr_array_index(b->entries, i);
		if (e->kind == ENTRY_HARD_LINK && is_of_kind(b, e))
			return true;
	}
	return false;
}

bool before_pass_on(before *b, group *g, saver *s,
    const struct before_hooks *hooks, GError **error)
{
	g_autoptr(GHashTable) wanted =
	    g_hash_table_new(g_str_hash, g_str_equal);
	struct passing p = {b, s, hooks, wanted};

	bool together = has_hard_links(b);
	for (guint i = 0; i < b->from->frames->len; i++) {
		const struct manifest_frame *f =
		    g_ptr_array_index(b->from->frames, i);
		if (f->kind != b->kind)
			continue;
		if (!together && is_marked_whole(b, i))
			group_carry(g, i);
		else if (!pass_frame(&p, i, error))
			return false;
	}
	return true;
}
