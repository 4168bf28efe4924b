#include "backup/store/store.h"

#include <errno.h>
#include <fcntl.h>

#include "backup/store/claim.h"
#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/share.h"
#include "contract/shape.h"
#include "port/fs.h"

/* STORE.json */
struct record {
	char *made_by, *uuid, *hash;
	struct number format;
	GPtrArray *features; /* what a reader must understand */
};

static const struct field record_fields[] = {
    {"made_by", FIELD_STRING, offsetof(struct record, made_by)},
    {"uuid", FIELD_STRING, offsetof(struct record, uuid), .must = true},
    {"hash", FIELD_STRING, offsetof(struct record, hash), .must = true},
    {"format", FIELD_NUMBER, offsetof(struct record, format), .must = true},
    {"features", FIELD_STRINGS, offsetof(struct record, features)},
    {0},
};
static const struct shape record_shape = {
    "store", sizeof(struct record), record_fields};

struct store {
	char *path;
	int root;
	int claims[2];
	struct record record;
	sign_key *key; /* NULL: proofs are not signed */
};

/* "pfd": objects may be told by their difference from others; its restore.sh
 * knows that. */
static const char *const known_features[] = {"pfd", NULL};

/* The texts come first and STORE.json last: half made is not a store. */
static const char *const texts[] = {"RESTORE.md", "restore.sh"};
static const char *const folders[] = {
    "objects", "segments", "snapshots", "verify", "tmp", "trash", "lock"};

char *store_file(const store *s, const char *name)
{
	return g_build_filename(s->path, name, NULL);
}

static bool is_ours(const char *name)
{
	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
		if (g_str_has_prefix(name, texts[i]))
			return true;
	for (size_t i = 0; i < G_N_ELEMENTS(folders); i++)
		if (g_str_equal(name, folders[i]))
			return true;
	return g_str_equal(name, "STORE.json.partial");
}

/* Is there nothing but what a crash while making a store leaves behind? */
static bool may_become_a_store(const char *path, GError **error)
{
	g_autoptr(GDir) listing = g_dir_open(path, 0, NULL);

	if (!listing)
		return fail_errno(error, "%s", path);
	for (const char *name; (name = g_dir_read_name(listing));)
		if (!is_ours(name))
			return fail(error, GONOGO_ERROR_USAGE,
			    "%s: not a store, and not empty: it has '%s'\n"
			    "hint: name a new or empty folder, or the store",
			    path, name);
	return true;
}

static bool copy_text(const struct store *s, const char *name, GError **error)
{
	g_autofree char *source = g_strconcat("templates/store/", name, NULL);
	g_autofree char *from = share_file(source, error);
	g_autofree char *to = store_file(s, name);
	size_t length;

	if (!from)
		return false;
	g_autofree char *text = file_read(from, LIMIT_TEMPLATE, &length, error);
	return text && file_write(to, 0600, text, length, error);
}

static bool make(struct store *s, GError **error)
{
	if (!may_become_a_store(s->path, error))
		return false;
	for (size_t i = 0; i < G_N_ELEMENTS(folders); i++) {
		g_autofree char *path = store_file(s, folders[i]);
		if (!fs_make_folders(path, 0700, error))
			return false;
	}
	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
		if (!copy_text(s, texts[i], error))
			return false;
	g_autofree char *uuid = g_uuid_string_random();
	g_autofree char *path = store_file(s, "STORE.json");
	g_autoptr(GPtrArray) features = g_ptr_array_new();
	const struct record record = {
	    .made_by = (char *)"gonogo-backup " GONOGO_VERSION,
	    .uuid = uuid,
	    .hash = (char *)"sha256",
	    .format = number_of(1),
	    .features = features,
	};
	for (const char *const *one = known_features; *one; one++)
		g_ptr_array_add(features, (char *)*one);
	return document_save(&record_shape, &record, path, error) &&
	       (chmod(path, 0600) == 0 || fail_errno(error, "%s", path));
}

static bool understood(const struct store *s, GError **error)
{
	const struct record *r = &s->record;

	bool good = r->format.value == 1 && g_str_equal(r->hash, "sha256");

	for (guint i = 0; i < list_length(r->features); i++)
		good = good && g_strv_contains(known_features,
				   g_ptr_array_index(r->features, i));
	if (!good)
		return fail(error, GONOGO_ERROR_DATA,
		    "%s/STORE.json: a store of a newer form (made by %s)\n"
		    "hint: read it with that version or a later one",
		    s->path, r->made_by ? r->made_by : "?");
	return true;
}

static bool has_record(const struct store *s)
{
	return faccessat(s->root, "STORE.json", F_OK, 0) == 0;
}

static bool open_folder(
    struct store *s, enum store_access access, GError **error)
{
	if (access == STORE_WRITE && !fs_make_folders(s->path, 0700, error))
		return false;
	s->root = fs_open_folder(s->path, error);
	if (s->root < 0)
		return false;
	if (access == STORE_READ && !has_record(s))
		return fail(error, GONOGO_ERROR_USAGE,
		    "%s: not a store: no STORE.json\n"
		    "hint: `backup create` makes one; see [store] path",
		    s->path);
	return true;
}

static bool lock(struct store *s, enum store_access access, GError **error)
{
	g_autofree char *folder = store_file(s, "lock");
	g_autofree char *use = store_file(s, "lock/use");
	g_autofree char *write = store_file(s, "lock/write");

	if (access == STORE_WRITE &&
	    (!fs_make_folders(folder, 0700, error) ||
		!claim_alone(write, &s->claims[0], error)))
		return false;
	return claim_shared(use, &s->claims[1], error);
}

bool store_alone(store *s, GError **error)
{
	g_autofree char *use = store_file(s, "lock/use");

	return claim_raise(use, s->claims[1], error);
}

bool store_share(store *s, GError **error)
{
	g_autofree char *use = store_file(s, "lock/use");

	return claim_lower(use, s->claims[1], error);
}

store *store_open(const char *path, enum store_access access, GError **error)
{
	g_autoptr(store) s = g_new0(struct store, 1);

	s->path = g_canonicalize_filename(path, NULL);
	s->root = s->claims[0] = s->claims[1] = -1;
	if (!open_folder(s, access, error))
		return NULL;
	/* Nothing is put into a folder before it is known to be ours. */
	if (!has_record(s) && !may_become_a_store(s->path, error))
		return NULL;
	if (!lock(s, access, error))
		return NULL;
	if (!has_record(s) && !make(s, error))
		return NULL;
	g_autofree char *file = store_file(s, "STORE.json");
	if (!document_load(&record_shape, file, &s->record, error) ||
	    !understood(s, error))
		return NULL;
	return g_steal_pointer(&s);
}

void store_close(store *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < G_N_ELEMENTS(s->claims); i++)
		if (s->claims[i] >= 0)
			ignore(close(s->claims[i]));
	if (s->root >= 0)
		ignore(close(s->root));
	shape_clear(&record_shape, &s->record);
	sign_key_free(s->key);
	g_free(s->path);
	g_free(s);
}

const char *store_path(const store *s)
{
	return s->path;
}

int store_root(const store *s)
{
	return s->root;
}

bool store_has(const store *s, const char *feature)
{
	for (guint i = 0; i < list_length(s->record.features); i++)
		if (g_str_equal(
			g_ptr_array_index(s->record.features, i), feature))
			return true;
	return false;
}

void store_sign_by(store *s, sign_key *key)
{
	sign_key_free(s->key);
	s->key = key;
}

const sign_key *store_key(const store *s)
{
	return s->key;
}

const char *store_uuid(const store *s)
{
	return s->record.uuid;
}
