#include "backup/physical/cut.h"

#include "base/error.h"
#include "port/ustar.h"

/* A larger file is a part of its own; what lies between is cut there. */
static const uint64_t own = 1u << 20, between_most = 64u << 20;

struct cut {
	objects *objects;
	GPtrArray *parts;       /* struct db_file */
	GHashTable *files;      /* path -> struct cut_file */
	GPtrArray *tablespaces; /* struct tablespace */
	uint64_t total;

	char *archive;   /* "base"; NULL: none yet */
	unsigned number; /* of its last part */
	ustar *tar;
	object_draft *part;    /* NULL: none is open */
	uint64_t part_bytes;   /* of it so far */
	bool alone;            /* it is one file's content */
	struct cut_file *file; /* whose content comes; NULL: a folder's */
	hash *sum;             /* of its content, unless it is a part */
};

static void file_free(void *member)
{
	struct cut_file *f = member;

	g_free(f->path);
	g_free(f);
}

cut *cut_new(objects *o)
{
	cut *c = g_new0(struct cut, 1);

	c->objects = o;
	c->parts = db_files_new();
	c->files =
	    g_hash_table_new_full(g_str_hash, g_str_equal, NULL, file_free);
	c->tablespaces = tablespaces_new();
	c->sum = hash_new();
	return c;
}

void cut_free(cut *c)
{
	if (!c)
		return;
	object_abandon(c->part);
	ustar_free(c->tar);
	hash_free(c->sum);
	g_ptr_array_unref(c->parts);
	g_hash_table_unref(c->files);
	g_ptr_array_unref(c->tablespaces);
	if (c->file)
		file_free(c->file);
	g_free(c->archive);
	g_free(c);
}

/* ---- parts ---- */

/* Ends the open part, and gives the checksum of its bytes where asked. */
static bool end_part(cut *c, char *sha256, GError **error)
{
	struct object made;

	if (!c->part)
		return true;
	if (!object_end(g_steal_pointer(&c->part), &made, error))
		return false;
	g_autofree char *name = part_name(c->archive, ++c->number);
	db_files_add(c->parts, made.sha256, made.suffix, made.bytes, name);
	if (sha256)
		g_strlcpy(sha256, made.sha256, HASH_HEX + 1);
	return true;
}

static bool write_part(cut *c, const void *bytes, size_t length, GError **error)
{
	if (!c->part) {
		c->part = object_begin(c->objects, OBJECT_STREAM, error);
		c->part_bytes = 0;
	}
	c->part_bytes += length;
	c->total += length;
	return c->part && object_write(c->part, bytes, length, error);
}

/* What belongs together with what comes before and behind it. */
static bool write_between(
    const void *bytes, size_t length, void *user, GError **error)
{
	cut *c = user;

	return write_part(c, bytes, length, error) &&
	       (c->part_bytes < between_most || end_part(c, NULL, error));
}

/* ---- members ---- */

static char *path_of(const cut *c, const char *name)
{
	return g_str_equal(c->archive, PHYSICAL_BASE)
		   ? g_strdup(name)
		   : g_strdup_printf("pg_tblspc/%s/%s", c->archive, name);
}

static bool take_member(
    const struct ustar_member *m, void *user, GError **error)
{
	cut *c = user;

	if (m->kind != USTAR_FILE)
		return true;
	c->file = g_new0(struct cut_file, 1);
	c->file->path = path_of(c, m->name);
	c->file->bytes = m->bytes;
	c->alone = m->bytes >= own;
	return !c->alone || end_part(c, NULL, error);
}

static bool take_content(
    const void *bytes, size_t length, void *user, GError **error)
{
	cut *c = user;

	if (c->alone)
		return write_part(c, bytes, length, error);
	hash_add(c->sum, bytes, length);
	return write_between(bytes, length, c, error);
}

static bool end_member(void *user, GError **error)
{
	cut *c = user;

	if (!c->file)
		return true;
	if (c->alone) {
		c->alone = false;
		if (!end_part(c, c->file->sha256, error))
			return false;
	} else {
		g_autofree char *sum = hash_end_hex(c->sum);
		g_strlcpy(c->file->sha256, sum, sizeof c->file->sha256);
	}
	if (g_hash_table_contains(c->files, c->file->path))
		return fail(error, GONOGO_ERROR_DATA,
		    "%s: the server sent two files of this name",
		    c->file->path);
	g_hash_table_insert(c->files, c->file->path, c->file);
	c->file = NULL;
	return true;
}

/* ---- archives ---- */

static bool end_archive(cut *c, GError **error)
{
	if (!c->archive)
		return true;
	if (ustar_end(c->tar, error))
		return end_part(c, NULL, error);
	g_prefix_error(error, "%s.tar: ", c->archive);
	return false;
}

bool cut_archive(cut *c, const char *name, const char *folder, GError **error)
{
	static const struct ustar_takers takers = {
	    take_member, take_content, end_member, write_between};

	if (!end_archive(c, error))
		return false;
	g_free(c->archive);
	c->archive = g_strndup(name, strcspn(name, "."));
	c->number = 0;
	ustar_free(c->tar);
	c->tar = ustar_new(&takers, c);
	if (*folder)
		tablespaces_add(c->tablespaces, c->archive, folder);
	return true;
}

bool cut_bytes(cut *c, const void *bytes, size_t length, GError **error)
{
	return ustar_add(c->tar, bytes, length, error);
}

bool cut_end(cut *c, GError **error)
{
	return end_archive(c, error);
}

GPtrArray *cut_parts(cut *c)
{
	return c->parts;
}

GHashTable *cut_files(cut *c)
{
	return c->files;
}

GPtrArray *cut_tablespaces(cut *c)
{
	return c->tablespaces;
}

uint64_t cut_total(const cut *c)
{
	return c->total;
}
