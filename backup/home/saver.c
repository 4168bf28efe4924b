#include "backup/home/saver.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/uio.h>

#include "backup/home/seal.h"
#include "base/error.h"
#include "base/file.h"
#include "port/fs.h"

enum {
	SMALL = 1 << 20,       /* larger files become objects */
	BUDGET = 16 << 20,     /* contents that wait to be written */
	FRAME_BYTES = 8 << 20, /* of contents, then a new frame */
	FRAME_FILES = 1024,    /* the same */
	STEP = 1 << 20,
	TRIES = 3, /* of a file that changes, or can't be read */
};
/* A file that is wanted whole: packed refs of millions of refs. */
static const uint64_t WHOLE_LIMIT = 1u << 30;

struct item {
	int fd;
	char *tee, *base;
	enum saver_class class;
	bool whole;
	bool cold; /* it was not in memory when we came */
	struct stat status;
	struct entry entry;
	char *bytes; /* once it was read, of a small or whole file */
};

struct saver {
	objects *objects;
	packer *packer;
	throttle *rate;
	unsigned max_open;
	char *buffer; /* STEP bytes */
	/* The sitting: */
	group *group;
	enum frame_kind kind;
	const struct saver_hooks *hooks;
	GPtrArray *open;    /* struct item: pinned */
	GPtrArray *ready;   /* struct item: read */
	GPtrArray *links;   /* struct item: behind the files */
	GPtrArray *folders; /* struct item: behind all that is in them */
	GHashTable *firsts; /* "dev:inode" -> path */
	GHashTable *lost;   /* paths of `firsts` that could not be read */
	uint64_t ready_bytes, frame_bytes;
	unsigned frame_files;
};

static void item_free(gpointer data)
{
	struct item *i = data;

	if (!i)
		return;
	if (i->fd >= 0)
		ignore(close(i->fd));
	entry_clear(&i->entry);
	g_free(i->tee);
	g_free(i->base);
	g_free(i->bytes);
	g_free(i);
}

saver *saver_new(objects *o, packer *p, throttle *rate, unsigned max_open)
{
	struct saver *s = g_new0(struct saver, 1);

	s->objects = o;
	s->packer = p;
	s->rate = rate;
	s->max_open = MAX(max_open, 8);
	s->buffer = g_malloc(STEP);
	s->open = g_ptr_array_new_with_free_func(item_free);
	s->ready = g_ptr_array_new_with_free_func(item_free);
	s->links = g_ptr_array_new_with_free_func(item_free);
	s->folders = g_ptr_array_new_with_free_func(item_free);
	s->firsts =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	s->lost = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	return s;
}

void saver_free(saver *s)
{
	if (!s)
		return;
	g_ptr_array_unref(s->open);
	g_ptr_array_unref(s->ready);
	g_ptr_array_unref(s->links);
	g_ptr_array_unref(s->folders);
	g_hash_table_unref(s->firsts);
	g_hash_table_unref(s->lost);
	g_free(s->buffer);
	g_free(s);
}

void saver_abandon(saver *s)
{
	g_ptr_array_set_size(s->open, 0);
	g_ptr_array_set_size(s->ready, 0);
	g_ptr_array_set_size(s->links, 0);
	g_ptr_array_set_size(s->folders, 0);
	g_hash_table_remove_all(s->firsts);
	g_hash_table_remove_all(s->lost);
	s->ready_bytes = s->frame_bytes = 0;
	s->frame_files = 0;
}

void saver_begin(
    saver *s, group *g, enum frame_kind kind, const struct saver_hooks *hooks)
{
	saver_abandon(s);
	s->group = g;
	s->kind = kind;
	s->hooks = hooks;
	packer_begin(s->packer, g, kind);
}

static void flawed(const struct saver *s, const struct item *i, const char *why)
{
	if (s->hooks->flawed)
		s->hooks->flawed(i->entry.path, why, s->hooks->user);
}

static void vanished(const struct saver *s, const struct item *i)
{
	if (s->hooks->vanished)
		s->hooks->vanished(i->entry.path, s->hooks->user);
}

/* ---- writing ---- */

static bool next_frame(struct saver *s, GError **error)
{
	s->frame_bytes = 0;
	s->frame_files = 0;
	if (!packer_end(s->packer, error))
		return false;
	packer_begin(s->packer, s->group, s->kind);
	return true;
}

static bool write_item(struct saver *s, struct item *i, GError **error)
{
	const void *small = i->entry.suffix ? NULL : i->bytes;

	if (!packer_add(s->packer, &i->entry, small, error))
		return false;
	if (s->hooks->saved)
		s->hooks->saved(&i->entry, i->bytes, s->hooks->user);
	s->frame_bytes += small ? i->entry.bytes : 0;
	return (s->frame_bytes < FRAME_BYTES &&
		   ++s->frame_files < FRAME_FILES) ||
	       next_frame(s, error);
}

static int by_path(gconstpointer a, gconstpointer b)
{
	return strcmp((*(struct item *const *)a)->entry.path,
	    (*(struct item *const *)b)->entry.path);
}

static bool write_ready(struct saver *s, GError **error)
{
	g_ptr_array_sort(s->ready, by_path);
	for (guint i = 0; i < s->ready->len; i++)
		if (!write_item(s, g_ptr_array_index(s->ready, i), error))
			return false;
	g_ptr_array_set_size(s->ready, 0);
	s->ready_bytes = 0;
	return true;
}

/* ---- reading ---- */

enum result { READ_WELL, READ_CHANGED, READ_BADLY, READ_GONE, STORE_FAILED };

/* Where the bytes of a file go while they are read. */
struct flow {
	object_draft *draft; /* or */
	char *bytes;
	hash *sum; /* of the bytes; the draft has its own */
	seal *seal;
	int tee;
};

static bool pass(struct flow *f, const char *from, uint64_t at, size_t length,
    GError **error)
{
	if (f->seal)
		seal_add(f->seal, from, length);
	if (f->tee >= 0 &&
	    !file_write_fd(f->tee, "a copy", from, length, error))
		return false;
	if (f->draft)
		return object_write(f->draft, from, length, error);
	memcpy(f->bytes + at, from, length);
	hash_add(f->sum, from, length);
	return true;
}

/* Reads what was there when the file was opened, no more. */
static enum result read_all(
    struct saver *s, const struct item *i, struct flow *f, GError **error)
{
	uint64_t size = i->entry.bytes;
	int tries = TRIES;

	for (uint64_t at = 0; at < size;) {
		size_t step = (size_t)MIN((uint64_t)STEP, size - at);
		ssize_t got = pread(i->fd, s->buffer, step, (off_t)at);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && errno == ESTALE)
			return READ_GONE;
		if (got < 0 && --tries == 0)
			return READ_BADLY;
		if (got < 0)
			continue;
		if (got == 0)
			return READ_CHANGED;
		if (!pass(f, s->buffer, at, (size_t)got, error) ||
		    !throttle_take(s->rate, (size_t)got, error))
			return STORE_FAILED;
		at += (uint64_t)got;
	}
	return READ_WELL;
}

static bool has_changed(const struct item *i)
{
	struct stat now;

	if (fstat(i->fd, &now) != 0)
		return true;
	/* git touches an object to keep it; its bytes stay. */
	if (i->class == SAVER_OBJECTS)
		return now.st_size != i->status.st_size;
	if (i->class == SAVER_LOG)
		return now.st_size < i->status.st_size;
	return now.st_size != i->status.st_size ||
	       now.st_mtim.tv_sec != i->status.st_mtim.tv_sec ||
	       now.st_mtim.tv_nsec != i->status.st_mtim.tv_nsec;
}

static enum object_form form_of(const struct item *i)
{
	if ((uint64_t)i->status.st_blocks * 512 < i->entry.bytes)
		return OBJECT_PRESSED; /* holes take no room then */
	return g_str_has_suffix(i->entry.path, ".pack") ? OBJECT_VERBATIM
							: OBJECT_PROBE;
}

static bool is_big(const struct item *i)
{
	return i->entry.bytes > SMALL;
}

static bool open_flow(
    struct saver *s, const struct item *i, struct flow *f, GError **error)
{
	g_autofree char *name = g_path_get_basename(i->entry.path);

	*f = (struct flow){.tee = -1};
	if (i->class == SAVER_OBJECTS && seal_is_on(name))
		f->seal = seal_new();
	if (i->tee) {
		f->tee = open(
		    i->tee, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
		if (f->tee < 0)
			return fail_errno(error, "%s", i->tee);
	}
	if (is_big(i) && !i->whole) {
		f->draft = object_begin(s->objects, form_of(i), error);
		if (f->draft && i->base)
			object_resembles(f->draft, i->base);
		return f->draft != NULL;
	}
	f->bytes = g_malloc(i->entry.bytes + 1);
	f->sum = hash_new();
	return true;
}

/* Frees what is left of a flow; says whether its seal was whole. */
static bool close_flow(struct flow *f)
{
	bool sealed = !f->seal || seal_end(f->seal);

	object_abandon(f->draft);
	hash_free(f->sum);
	g_free(f->bytes);
	if (f->tee >= 0)
		ignore(close(f->tee));
	return sealed;
}

static void become_object(struct item *i, const struct object *object)
{
	i->entry.suffix = object->suffix;
	g_strlcpy(i->entry.base, object->base, sizeof i->entry.base);
	i->entry.stored_bytes = object->stored_bytes;
	g_strlcpy(i->entry.sha256, object->sha256, sizeof i->entry.sha256);
}

/* The content is all there: it becomes an object, or stays in memory. */
static bool keep(
    struct saver *s, struct item *i, struct flow *f, GError **error)
{
	struct object object;

	if (f->draft) {
		if (!object_end(g_steal_pointer(&f->draft), &object, error))
			return false;
		become_object(i, &object);
		return true;
	}
	g_autofree char *hex = hash_end_hex(f->sum);
	g_strlcpy(i->entry.sha256, hex, sizeof i->entry.sha256);
	i->bytes = g_steal_pointer(&f->bytes);
	i->bytes[i->entry.bytes] = 0;
	if (!is_big(i))
		return true;
	if (!objects_add_bytes(s->objects, i->bytes, i->entry.bytes,
		OBJECT_PROBE, &object, error))
		return false;
	become_object(i, &object);
	return true;
}

/* One try, of what i->status tells; READ_CHANGED is kept all the same when
 * KEEP_CHANGED says so. */
static enum result read_once(
    struct saver *s, struct item *i, bool keep_changed, GError **error)
{
	struct flow f;
	enum result result = STORE_FAILED;

	entry_stat(&i->entry, &i->status);
	i->entry.bytes = (uint64_t)i->status.st_size;
	if (open_flow(s, i, &f, error))
		result = read_all(s, i, &f, error);
	/* A file that shrank has not the bytes that its entry would claim. */
	bool whole = result == READ_WELL;
	if (whole && has_changed(i))
		result = READ_CHANGED;
	if (whole && (result == READ_WELL || keep_changed) &&
	    !keep(s, i, &f, error))
		result = STORE_FAILED;
	if (!close_flow(&f) && result == READ_WELL && s->hooks->harmed)
		s->hooks->harmed(i->entry.path, s->hooks->user);
	return result;
}

/* Reads an item; *taken: it is among the ready ones now. */
static bool read_item(
    struct saver *s, struct item *i, bool *taken, GError **error)
{
	enum result result = READ_CHANGED;

	if (i->whole && (uint64_t)i->status.st_size > WHOLE_LIMIT) {
		flawed(s, i, "too large for what it is");
		return true;
	}
	for (int left = TRIES; left > 0 && result == READ_CHANGED; left--)
		result = left < TRIES && fstat(i->fd, &i->status) != 0
			     ? READ_GONE
			     : read_once(s, i, left == 1, error);
	if (result == STORE_FAILED)
		return false;
	if (result == READ_GONE)
		vanished(s, i);
	if (result == READ_BADLY)
		flawed(s, i, "can't be read: input/output error");
	if (result == READ_CHANGED)
		flawed(s, i, "it changed each time it was read");
	*taken = i->bytes || i->entry.suffix;
	return true;
}

static int by_inode(gconstpointer a, gconstpointer b)
{
	const struct stat *x = &(*(struct item *const *)a)->status;
	const struct stat *y = &(*(struct item *const *)b)->status;

	if (x->st_dev != y->st_dev)
		return x->st_dev < y->st_dev ? -1 : 1;
	return x->st_ino < y->st_ino ? -1 : x->st_ino > y->st_ino;
}

/* Its other names, if it has any, can't be links to it. */
static void lose(struct saver *s, const struct item *i)
{
	if (i->status.st_nlink > 1)
		g_hash_table_add(s->lost, g_strdup(i->entry.path));
}

/*
 * Asks for what is not in memory to be read ahead.  A read that does not wait
 * tells whether its first byte is there.
 */
static void ask_for(struct item *i)
{
	char byte;
	const struct iovec room = {&byte, 1};

	i->cold =
	    i->entry.bytes > 0 && preadv2(i->fd, &room, 1, 0, RWF_NOWAIT) != 1;
	if (i->cold && !is_big(i))
		ignore(posix_fadvise(i->fd, 0, 0, POSIX_FADV_WILLNEED));
	else if (i->cold)
		ignore(posix_fadvise(i->fd, 0, 0, POSIX_FADV_SEQUENTIAL));
}

static bool read_open(struct saver *s, GError **error)
{
	g_autoptr(GPtrArray) open = s->open;
	bool good = true;

	s->open = g_ptr_array_new_with_free_func(item_free);
	g_ptr_array_sort(open, by_inode);
	for (guint n = 0; n < open->len; n++)
		ask_for(g_ptr_array_index(open, n));
	for (guint n = 0; good && n < open->len; n++) {
		struct item *i = g_ptr_array_index(open, n);
		bool taken = false;
		good = read_item(s, i, &taken, error);
		/* We read everything once: others need the memory more, but
		 * what was there before us is what git works with. */
		if (i->cold)
			ignore(posix_fadvise(i->fd, 0, 0, POSIX_FADV_DONTNEED));
		ignore(close(i->fd));
		i->fd = -1;
		if (!good || !taken) {
			lose(s, i);
			continue;
		}
		open->pdata[n] = NULL; /* it moves */
		g_ptr_array_add(s->ready, i);
		s->ready_bytes += i->bytes ? i->entry.bytes : 0;
		if (s->ready_bytes >= BUDGET)
			good = write_ready(s, error);
	}
	return good;
}

/* ---- a sitting ---- */

/* Is it another name of a file of this sitting?  Then it becomes a link. */
static bool is_second_name(struct saver *s, struct item *i)
{
	if (i->status.st_nlink < 2)
		return false;
	g_autofree char *key = g_strdup_printf("%lu:%lu",
	    (unsigned long)i->status.st_dev, (unsigned long)i->status.st_ino);
	const char *first = g_hash_table_lookup(s->firsts, key);
	if (!first) {
		g_hash_table_insert(
		    s->firsts, g_steal_pointer(&key), g_strdup(i->entry.path));
		return false;
	}
	entry_stat(&i->entry, &i->status);
	i->entry.kind = ENTRY_HARD_LINK;
	i->entry.target = g_strdup(first);
	i->entry.bytes = 0;
	return true;
}

bool saver_file(saver *s, const struct saver_file *file, GError **error)
{
	struct item *i = g_new0(struct item, 1);

	i->fd = file->fd;
	i->tee = g_strdup(file->tee);
	i->base = g_strdup(file->base);
	i->class = file->class;
	i->whole = file->whole;
	i->entry.path = g_strdup(file->path);
	if (fstat(i->fd, &i->status) != 0) {
		vanished(s, i);
		item_free(i);
		return true;
	}
	i->entry.bytes = (uint64_t)i->status.st_size;
	i->entry.xattrs = fs_xattrs(i->fd);
	if (is_second_name(s, i)) {
		ignore(close(i->fd));
		i->fd = -1;
		g_ptr_array_add(s->links, i);
		return true;
	}
	g_ptr_array_add(s->open, i);
	return s->open->len < s->max_open || read_open(s, error);
}

void saver_add(saver *s, struct entry *e)
{
	struct item *i = g_new0(struct item, 1);

	i->fd = -1;
	i->entry = *e;
	*e = (struct entry){0};
	g_ptr_array_add(
	    i->entry.kind == ENTRY_FOLDER ? s->folders : s->links, i);
}

bool saver_pass_on(
    saver *s, const struct entry *e, const void *bytes, GError **error)
{
	struct item *i = g_new0(struct item, 1);
	g_autofree struct entry *copy = entry_copy(e);

	i->fd = -1;
	i->entry = *copy;
	if (e->kind != ENTRY_FILE) {
		g_ptr_array_add(
		    e->kind == ENTRY_FOLDER ? s->folders : s->links, i);
		return true;
	}
	if (bytes) {
		i->bytes = g_malloc(e->bytes + 1);
		memcpy(i->bytes, bytes, e->bytes);
		i->bytes[e->bytes] = 0;
		s->ready_bytes += e->bytes;
	}
	g_ptr_array_add(s->ready, i);
	return s->ready_bytes < BUDGET || write_ready(s, error);
}

/* A link needs its file before it, and a folder gets the time of its last
 * change when nothing is put into it any more. */
static bool write_behind(
    struct saver *s, const GPtrArray *items, GError **error)
{
	for (guint n = 0; n < items->len; n++) {
		struct item *i = g_ptr_array_index(items, n);
		if (i->entry.kind == ENTRY_HARD_LINK &&
		    g_hash_table_contains(s->lost, i->entry.target))
			flawed(s, i, "its other name could not be read");
		else if (!write_item(s, i, error))
			return false;
	}
	return true;
}

bool saver_end(saver *s, GError **error)
{
	if (!read_open(s, error) || !write_ready(s, error) ||
	    !write_behind(s, s->links, error) ||
	    !write_behind(s, s->folders, error))
		return false;
	bool good = packer_end(s->packer, error);
	saver_abandon(s);
	return good;
}
