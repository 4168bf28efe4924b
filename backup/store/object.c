#include "backup/store/object.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "backup/store/delta.h"
#include "base/error.h"
#include "base/file.h"
#include "port/compress.h"
#include "port/fs.h"

enum {
	PROBE = 64 * 1024,  /* of a file tell whether it shrinks */
	STEP = 1024 * 1024, /* of a file are read at a time */
	LEVEL = 1,
	STREAM_THREADS = 2,
};
/* So much may wait for its final name; a crash loses no more work. */
static const uint64_t BATCH = 1u << 30;

struct used {
	char key[HASH_HEX + 5]; /* name and suffix */
	struct object object;
	unsigned number; /* its name in the run's folder, until it is settled */
};

struct objects {
	store *store;
	char *folder;
	const parent *before;
	bool distrusting;
	GMutex settling;   /* one batch at a time; before `mutex` */
	bool lost;         /* a batch could not be made durable */
	GMutex mutex;      /* for what follows */
	GHashTable *used;  /* key -> struct used */
	uint64_t added;    /* bytes */
	GPtrArray *staged; /* borrowed from `used` */
	uint64_t staged_bytes;
	unsigned numbers;
};

struct object_draft {
	objects *objects;
	enum object_form form;
	unsigned number;
	char *path;
	int fd;
	hash *plain, *stored;
	compress *packer;  /* NULL: verbatim */
	GByteArray *probe; /* the first bytes until the form is decided */
	uint64_t bytes, stored_bytes;
	uint64_t behind;         /* of those: what the disk has begun with */
	char base[HASH_HEX + 1]; /* "": it resembles none */
};

char *object_path(const char *sha256, const char *suffix)
{
	return g_strdup_printf("objects/%.2s/%s%s", sha256, sha256, suffix);
}

objects *objects_new(store *s, const char *folder, GError **error)
{
	if (!fs_make_folders(folder, 0700, error))
		return NULL;
	struct objects *o = g_new0(struct objects, 1);
	o->store = s;
	o->folder = g_strdup(folder);
	g_mutex_init(&o->mutex);
	g_mutex_init(&o->settling);
	o->used = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
	o->staged = g_ptr_array_new();
	return o;
}

void objects_free(objects *o)
{
	if (!o)
		return;
	g_ptr_array_unref(o->staged);
	g_hash_table_unref(o->used);
	g_mutex_clear(&o->mutex);
	g_mutex_clear(&o->settling);
	g_free(o->folder);
	g_free(o);
}

void objects_rest_on(objects *o, const parent *before)
{
	o->before = before;
}

void objects_distrust(objects *o)
{
	o->distrusting = true;
}

static char *staged_path(const struct objects *o, unsigned number)
{
	return g_strdup_printf("%s/%u", o->folder, number);
}

/* ---- one object on its way ---- */

static bool put(const void *bytes, size_t length, void *user, GError **error)
{
	struct object_draft *d = user;

	d->stored_bytes += length;
	if (d->packer)
		hash_add(d->stored, bytes, length);
	if (!file_write_fd(d->fd, d->path, bytes, length, error))
		return false;
	file_write_behind(d->fd, d->stored_bytes, &d->behind);
	return true;
}

static void press(struct object_draft *d)
{
	d->packer = d->form == OBJECT_STREAM
			? compress_new_wide(LEVEL, STREAM_THREADS, put, d)
			: compress_new(LEVEL, put, d);
	d->stored = hash_new();
}

object_draft *object_begin(objects *o, enum object_form form, GError **error)
{
	g_mutex_lock(&o->mutex);
	unsigned number = o->numbers++;
	g_mutex_unlock(&o->mutex);
	g_autofree char *path = staged_path(o, number);
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0) {
		fail_errno(error, "%s", path);
		return NULL;
	}
	struct object_draft *d = g_new0(struct object_draft, 1);
	d->objects = o;
	d->form = form;
	d->number = number;
	d->path = g_steal_pointer(&path);
	d->fd = fd;
	d->plain = hash_new();
	if (form == OBJECT_PROBE)
		d->probe = g_byte_array_new();
	else if (form != OBJECT_VERBATIM)
		press(d);
	return d;
}

void object_resembles(object_draft *d, const char *base)
{
	g_strlcpy(d->base, base, sizeof d->base);
}

static bool pass(
    struct object_draft *d, const void *bytes, size_t length, GError **error)
{
	return d->packer ? compress_add(d->packer, bytes, length, error)
			 : put(bytes, length, d, error);
}

/* The form is decided; what has waited for that goes on its way. */
static bool decide(struct object_draft *d, GError **error)
{
	g_autoptr(GByteArray) probe = g_steal_pointer(&d->probe);

	if (compress_pays(probe->data, probe->len))
		press(d);
	return pass(d, probe->data, probe->len, error);
}

bool object_write(
    object_draft *d, const void *bytes, size_t length, GError **error)
{
	const char *next = bytes;

	d->bytes += length;
	hash_add(d->plain, bytes, length);
	if (d->probe) {
		size_t step = MIN(length, (size_t)PROBE - d->probe->len);
		g_byte_array_append(
		    d->probe, (const guint8 *)next, (guint)step);
		if (d->probe->len < PROBE)
			return true;
		if (!decide(d, error))
			return false;
		next += step;
		length -= step;
	}
	return length == 0 || pass(d, next, length, error);
}

char *object_sum_so_far(const object_draft *d)
{
	return hash_so_far_hex(d->plain);
}

void object_abandon(object_draft *d)
{
	if (!d)
		return;
	if (d->fd >= 0)
		ignore(close(d->fd));
	if (d->path)
		ignore(unlink(d->path));
	compress_free(d->packer);
	hash_free(d->plain);
	hash_free(d->stored);
	g_clear_pointer(&d->probe, g_byte_array_unref);
	g_free(d->path);
	g_free(d);
}

/* ---- objects in use ---- */

static void write_key(
    char key[HASH_HEX + 5], const char *sha256, const char *suffix)
{
	g_snprintf(key, HASH_HEX + 5, "%s%s", sha256, suffix);
}

/* The object of that name that is in use, in whatever form; NULL: none. */
static struct used *find_used(const struct objects *o, const char *sha256)
{
	static const char *const suffixes[] = {"", ".zst", ".pfd"};
	struct used *found = NULL;
	char key[HASH_HEX + 5];

	for (size_t i = 0; !found && i < G_N_ELEMENTS(suffixes); i++) {
		write_key(key, sha256, suffixes[i]);
		found = g_hash_table_lookup(o->used, key);
	}
	return found;
}

static struct used *use(struct objects *o, const struct object *object)
{
	struct used *u = g_new0(struct used, 1);

	write_key(u->key, object->sha256, object->suffix);
	u->object = *object;
	g_hash_table_replace(o->used, u->key, u);
	return u;
}

/* Lies there a file of so many bytes? */
static bool lies_there(const struct objects *o, const char *sha256,
    const char *suffix, uint64_t *bytes)
{
	g_autofree char *path = object_path(sha256, suffix);
	struct stat status;

	if (fstatat(store_root(o->store), path, &status, AT_SYMLINK_NOFOLLOW) !=
		0 ||
	    !S_ISREG(status.st_mode))
		return false;
	*bytes = (uint64_t)status.st_size;
	return true;
}

/* What the set before says of E's object; false: it can't be used. */
static bool recall(
    const struct objects *o, const struct entry *e, struct object *object)
{
	g_autofree char *path = object_path(e->sha256, e->suffix);
	uint64_t bytes;

	g_strlcpy(object->sha256, e->sha256, sizeof object->sha256);
	g_strlcpy(object->base, e->base, sizeof object->base);
	object->suffix = e->suffix;
	object->bytes = e->bytes;
	object->stored_bytes = e->stored_bytes;
	return lies_there(o, e->sha256, e->suffix, &bytes) &&
	       bytes == e->stored_bytes &&
	       parent_stored(o->before, path, object->stored_sha256);
}

static void use_base(struct objects *o, const char *sha256)
{
	struct object base = {.suffix = ""};

	if (g_hash_table_contains(o->used, sha256) ||
	    !lies_there(o, sha256, "", &base.bytes))
		return;
	g_strlcpy(base.sha256, sha256, sizeof base.sha256);
	g_strlcpy(base.stored_sha256, sha256, sizeof base.stored_sha256);
	base.stored_bytes = base.bytes;
	use(o, &base);
}

bool objects_reuse(objects *o, const struct entry *e)
{
	struct object object = {0};
	uint64_t bytes;
	char key[HASH_HEX + 5];

	write_key(key, e->sha256, e->suffix);
	g_mutex_lock(&o->mutex);
	struct used *u = g_hash_table_lookup(o->used, key);
	bool same = u && u->object.stored_bytes == e->stored_bytes &&
		    g_str_equal(u->object.base, e->base);
	g_mutex_unlock(&o->mutex);
	if (same)
		return true;
	if (u || o->distrusting || !recall(o, e, &object))
		return false;
	if (*e->base && !lies_there(o, e->base, "", &bytes))
		return false;
	g_autoptr(GMutexLocker) held = g_mutex_locker_new(&o->mutex);
	if (!g_hash_table_contains(o->used, key))
		use(o, &object);
	if (*e->base)
		use_base(o, e->base);
	return true;
}

bool objects_check(objects *o, GError **error)
{
	g_autoptr(GArray) used = objects_used(o);

	for (guint i = 0; i < used->len; i++) {
		const struct object *one =
		    &g_array_index(used, struct object, i);
		uint64_t bytes;
		if (!lies_there(o, one->sha256, one->suffix, &bytes) ||
		    bytes != one->stored_bytes)
			return fail(error, GONOGO_ERROR_DATA,
			    "objects/%.2s/%s%s is not there any more, or of "
			    "another length: somebody changes the store",
			    one->sha256, one->sha256, one->suffix);
	}
	return true;
}

/*
 * Looks for the object among those of earlier runs, in either form.  What lies
 * there is durable and whole, since it got its name after that; of a pressed
 * one only reading tells its stored bytes.
 */
static bool find_stored(
    const struct objects *o, struct object *object, bool *found, GError **error)
{
	static const char *const suffixes[] = {"", ".zst"};

	*found = false;
	for (size_t i = 0; i < G_N_ELEMENTS(suffixes); i++) {
		g_autofree char *path =
		    object_path(object->sha256, suffixes[i]);
		struct stat status;
		/* Of pressed bytes nobody knows what they should be. */
		if (*suffixes[i] && o->distrusting)
			continue;
		int fd = openat(store_root(o->store), path,
		    O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
		if (fd < 0 && errno == ENOENT)
			continue;
		if (fd < 0)
			return fail_errno(error, "%s", path);
		g_autofree char *hex = g_strdup(object->sha256);
		bool good =
		    fstat(fd, &status) == 0 || fail_errno(error, "%s", path);
		if (good && (*suffixes[i] || o->distrusting)) {
			g_free(hex);
			hex = hash_fd(fd, error);
			good = hex != NULL;
		}
		ignore(close(fd));
		if (!good)
			return false;
		/* Of another length it is harmed: ours takes its place. */
		if (!*suffixes[i] &&
		    ((uint64_t)status.st_size != object->bytes ||
			!g_str_equal(hex, object->sha256)))
			continue;
		object->suffix = suffixes[i];
		object->stored_bytes = (uint64_t)status.st_size;
		g_strlcpy(object->stored_sha256, hex, HASH_HEX + 1);
		*found = true;
		return true;
	}
	return true;
}

/* What waits for its final name, which is taken from O. */
static GPtrArray *take_batch(struct objects *o)
{
	g_autoptr(GMutexLocker) held = g_mutex_locker_new(&o->mutex);
	GPtrArray *batch = g_steal_pointer(&o->staged);

	o->staged = g_ptr_array_new();
	o->staged_bytes = 0;
	return batch;
}

static bool give_name(
    const struct objects *o, const struct used *u, GError **error)
{
	g_autofree char *name = object_path(u->object.sha256, u->object.suffix);
	g_autofree char *to = store_file(o->store, name);
	g_autofree char *from = staged_path(o, u->number);
	g_autofree char *folder = g_path_get_dirname(to);

	if (mkdir(folder, 0700) != 0 && errno != EEXIST)
		return fail_errno(error, "%s", folder);
	return rename(from, to) == 0 ||
	       fail_errno(error, "renaming %s to %s", from, to);
}

/* One barrier for all of the batch.  When it fails, bytes may be lost and
 * nobody knows which: nothing of the batch gets its name, nor is it asked for
 * again. */
static bool settle_batch(
    const struct objects *o, const GPtrArray *batch, GError **error)
{
	if (o->lost)
		return fail(error, GONOGO_ERROR_SYSTEM,
		    "%s: objects were lost before", store_path(o->store));
	if (batch->len == 0)
		return true;
	if (syncfs(store_root(o->store)) != 0)
		return fail_errno(
		    error, "making %s durable", store_path(o->store));
	for (guint i = 0; i < batch->len; i++)
		if (!give_name(o, g_ptr_array_index(batch, i), error))
			return false;
	return true;
}

/* Other workers go on meanwhile: what they add is of the next batch. */
bool objects_settle(objects *o, GError **error)
{
	g_autoptr(GMutexLocker) alone = g_mutex_locker_new(&o->settling);
	g_autoptr(GPtrArray) batch = take_batch(o);
	bool good = settle_batch(o, batch, error);

	o->lost = o->lost || !good;
	return good;
}

bool objects_are_settled(objects *o)
{
	g_autoptr(GMutexLocker) alone = g_mutex_locker_new(&o->settling);
	g_autoptr(GMutexLocker) held = g_mutex_locker_new(&o->mutex);

	return o->staged->len == 0 && !o->lost;
}

/* A new object becomes its difference from another, where that pays. */
static bool lean(struct object_draft *d, struct object *object, GError **error)
{
	const struct objects *o = d->objects;
	g_autofree char *base = object_path(d->base, "");
	struct delta_result made;

	if (!*d->base || *object->suffix || o->distrusting ||
	    !store_has(o->store, "pfd") || g_str_equal(d->base, object->sha256))
		return true;
	if (!delta_make(o->store, d->path, object->sha256, base, &made, error))
		return false;
	if (made.stored_bytes == 0)
		return true;
	object->suffix = ".pfd";
	object->stored_bytes = made.stored_bytes;
	g_strlcpy(object->base, d->base, sizeof object->base);
	g_strlcpy(object->stored_sha256, made.stored_sha256,
	    sizeof object->stored_sha256);
	return true;
}

/* Takes the object of D, whose bytes are in the store (FOUND) or in its file,
 * among the used ones; a second of its kind goes.  *full: a batch is. */
static void add(
    struct object_draft *d, struct object *object, bool found, bool *full)
{
	struct objects *o = d->objects;
	g_autoptr(GMutexLocker) held = g_mutex_locker_new(&o->mutex);
	struct used *u = find_used(o, object->sha256);

	if (u) {
		*object = u->object;
		return; /* abandoned by the caller with its file */
	}
	u = use(o, object);
	if (*object->base)
		use_base(o, object->base);
	if (found)
		return;
	o->added += object->stored_bytes;
	u->number = d->number;
	g_clear_pointer(&d->path, g_free);
	g_ptr_array_add(o->staged, u);
	o->staged_bytes += object->stored_bytes;
	*full = o->staged_bytes >= BATCH;
}

static bool keep(struct object_draft *d, struct object *object, GError **error)
{
	struct objects *o = d->objects;
	bool found, full = false;

	/* Asked before the lock: it may have to read a large file. */
	if (!find_stored(o, object, &found, error) ||
	    (!found && !lean(d, object, error)))
		return false;
	add(d, object, found, &full);
	return !full || objects_settle(o, error);
}

bool object_end(object_draft *draft, struct object *out, GError **error)
{
	g_autoptr(object_draft) d = draft;
	struct object object = {.suffix = ""};

	/* Of nothing zstd makes no frame. */
	if (d->bytes == 0)
		g_clear_pointer(&d->packer, compress_free);
	if ((d->probe && !decide(d, error)) ||
	    (d->packer && !compress_end_frame(d->packer, error)))
		return false;
	int fd = d->fd;
	d->fd = -1;
	/* The disk begins now, so that the barrier has less to wait for. */
	ignore(sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE));
	if (close(fd) != 0)
		return fail_errno(error, "closing %s", d->path);
	g_autofree char *plain = hash_end_hex(d->plain);
	g_autofree char *stored =
	    d->packer ? hash_end_hex(d->stored) : g_strdup(plain);
	g_strlcpy(object.sha256, plain, sizeof object.sha256);
	g_strlcpy(object.stored_sha256, stored, sizeof object.stored_sha256);
	if (d->packer)
		object.suffix = ".zst";
	object.bytes = d->bytes;
	object.stored_bytes = d->stored_bytes;
	if (!keep(d, &object, error))
		return false;
	*out = object;
	return true;
}

/* ---- whole objects ---- */

bool objects_add_fd(objects *o, int fd, const char *name, enum object_form form,
    struct object *out, GError **error)
{
	g_autoptr(object_draft) d = object_begin(o, form, error);
	g_autofree char *buffer = g_malloc(STEP);

	if (!d)
		return false;
	for (;;) {
		ssize_t got = read(fd, buffer, STEP);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return fail_errno(error, "reading %s", name);
		if (got == 0)
			return object_end(g_steal_pointer(&d), out, error);
		if (!object_write(d, buffer, (size_t)got, error))
			return false;
	}
}

bool objects_add_bytes(objects *o, const void *bytes, size_t length,
    enum object_form form, struct object *out, GError **error)
{
	g_autoptr(object_draft) d = object_begin(o, form, error);

	return d && object_write(d, bytes, length, error) &&
	       object_end(g_steal_pointer(&d), out, error);
}

static int by_name(gconstpointer a, gconstpointer b)
{
	const struct object *x = a, *y = b;
	int order = strcmp(x->sha256, y->sha256);

	return order ? order : strcmp(x->suffix, y->suffix);
}

uint64_t objects_added(objects *o)
{
	g_autoptr(GMutexLocker) held = g_mutex_locker_new(&o->mutex);

	return o->added;
}

GArray *objects_used(objects *o)
{
	g_autoptr(GMutexLocker) held = g_mutex_locker_new(&o->mutex);
	GArray *all = g_array_new(FALSE, FALSE, sizeof(struct object));
	GHashTableIter iter;
	gpointer value;

	g_hash_table_iter_init(&iter, o->used);
	while (g_hash_table_iter_next(&iter, NULL, &value))
		g_array_append_val(all, ((struct used *)value)->object);
	g_array_sort(all, by_name);
	return all;
}
