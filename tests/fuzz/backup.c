/* Readers of a store, of a database dump, of git repositories and of the lock.
 */
#include "tests/fuzz/fuzz.h"

#include <string.h>
#include <unistd.h>

#include "backup/db/contents.h"
#include "backup/db/files.h"
#include "backup/db/tables.h"
#include "backup/home/cache.h"
#include "backup/home/layout.h"
#include "backup/home/lender.h"
#include "backup/home/refs.h"
#include "backup/lock/record.h"
#include "backup/store/frames.h"
#include "backup/store/line.h"
#include "backup/store/manifest.h"
#include "backup/store/set.h"
#include "backup/store/sums.h"
#include "base/error.h"
#include "port/fs.h"

/* ---- the store ---- */

static char *entry_text(const struct entry *e)
{
	GString *out = g_string_new(NULL);

	entry_write(e, out);
	return g_string_free(out, FALSE);
}

static void entry_line(const char *bytes, size_t length)
{
	g_auto(entry) one = {0}, quick = {0}, again = {0}, packed = {0};
	bool good = CALL(entry_read(&one, bytes, length, "x", &error));
	size_t at = 0;

	/* What the quick way knows the thorough one does, and the same. */
	if (line_scan(&quick, bytes, length)) {
		HOLDS(good);
		g_autofree char *a = entry_text(&one), *b = entry_text(&quick);
		HOLDS(g_str_equal(a, b));
	}
	if (!good)
		return;
	g_autofree char *text = entry_text(&one);
	HOLDS(CALL(entry_read(&again, text, strlen(text) - 1, "x", &error)));
	g_autofree char *second = entry_text(&again);
	HOLDS(g_str_equal(text, second));
	g_autoptr(GByteArray) bag = g_byte_array_new();
	entry_pack(&one, bag);
	HOLDS(entry_unpack(&packed, bag, &at) && at == bag->len);
	g_autofree char *third = entry_text(&packed);
	HOLDS(g_str_equal(text, third));
}

/* Opens it and reads all that it says it has. */
static void read_manifest(void)
{
	g_autoptr(manifest) m = NULL;

	if (!CALL((m = manifest_read(fuzz_folder(), &error))))
		return;
	for (guint i = 0; i < m->groups->len; i++) {
		const struct manifest_group *g =
		    g_ptr_array_index(m->groups, i);
		g_autoptr(GPtrArray) entries = NULL;
		g_autofree char *lines = NULL;
		HOLDS(manifest_group(m, g->name));
		ignore(CALL((entries = manifest_entries(m, g, &error))));
		ignore(CALL((lines = manifest_lines(m, g, &error))));
	}
}

/* The index of a manifest, which is packed here; it names no entries. */
static void manifest_index(const char *bytes, size_t length)
{
	g_autofree char *path =
	    g_build_filename(fuzz_folder(), "MANIFEST.zst", NULL);
	g_autoptr(frames) f = NULL;
	char sha256[HASH_HEX + 1];
	uint64_t offset, size;

	ignore(unlink(path));
	HOLDS(CALL((f = frames_create(path, 1, &error))));
	HOLDS(CALL(frames_add(f, "{}\n", 3, &error)));
	HOLDS(CALL(frames_end(f, &offset, &size, &error)));
	HOLDS(CALL(frames_add(f, bytes, length, &error)));
	HOLDS(CALL(frames_end(f, &offset, &size, &error)));
	HOLDS(CALL(frames_finish(f, sha256, &size, &error)));
	read_manifest();
}

/* The file itself: frames, and the table at its end. */
static void manifest_file(const char *bytes, size_t length)
{
	g_autofree char *path = fuzz_put("MANIFEST.zst", bytes, length);
	g_autoptr(GByteArray) plain = NULL;
	int fd = fuzz_file(bytes, length);

	read_manifest();
	if (CALL((plain = frames_read(fd, "x", 0, length, 1 << 20, &error))))
		HOLDS(plain->len <= 1 << 20);
	ignore(close(fd));
}

static void checksums(const char *bytes, size_t length)
{
	g_autofree char *path = fuzz_put("SHA256SUMS", bytes, length);
	g_auto(sums) one = {0}, two = {0};
	size_t size = 0;

	if (!CALL(sums_read(&one, path, &error)))
		return;
	HOLDS(CALL(sums_write(&one, path, &error)));
	g_autofree char *text = fuzz_get("SHA256SUMS", &size);
	HOLDS(CALL(sums_read(&two, path, &error)));
	HOLDS(CALL(sums_write(&two, path, &error)));
	g_autofree char *again = fuzz_get("SHA256SUMS", &size);
	HOLDS(g_str_equal(text, again));
}

/* A record with its checksum; and the store's own, which it is taken for. */
static void record(const char *bytes, size_t length)
{
	g_autofree char *path = fuzz_put("r.json", bytes, length);
	g_autofree char *sum = fuzz_put("r.sha256", bytes, length);
	g_autofree char *form = fuzz_put("STORE.json", bytes, length);
	g_autofree char *lock = fuzz_put("lock.json", bytes, length);
	g_auto(lock_record) locked = {0};
	g_autoptr(store) s = NULL;
	bool found = false;

	HOLDS(!CALL(record_check(path, "r.json", &error)));
	if (CALL((s = store_open(fuzz_folder(), STORE_READ, &error))))
		HOLDS(store_uuid(s));
	ignore(CALL(lock_record_load(fuzz_folder(), &locked, &found, &error)));
}

/* ---- a dump ---- */

static void contents_list(const char *bytes, size_t length)
{
	g_autoptr(contents) one = NULL, two = NULL;

	if (!CALL((one = contents_parse(bytes, length, "x", &error))))
		return;
	HOLDS(contents_is_known(bytes, length));
	g_autoptr(GByteArray) written = contents_print(one);
	HOLDS(CALL(
	    (two = contents_parse(written->data, written->len, "x", &error))));
	g_autoptr(GByteArray) again = contents_print(two);
	HOLDS(written->len == again->len &&
	      memcmp(written->data, again->data, again->len) == 0);
}

static void dump_lists(const char *bytes, size_t length)
{
	g_autofree char *path = fuzz_put("list.tsv", bytes, length);
	g_autoptr(GPtrArray) files = NULL, again = NULL;
	g_auto(tables) t = {0}, u = {0};
	size_t size = 0;
	int fd = fuzz_file(bytes, length);
	struct table rows = {0};

	ignore(CALL(table_measure_file(&rows, fd, "x", &error)));
	ignore(close(fd));
	if (CALL(tables_read(&t, path, &error))) {
		HOLDS(CALL(tables_write(&t, path, &error)));
		g_autofree char *one = fuzz_get("list.tsv", &size);
		HOLDS(CALL(tables_read(&u, path, &error)));
		HOLDS(CALL(tables_write(&u, path, &error)));
		g_autofree char *two = fuzz_get("list.tsv", &size);
		HOLDS(g_str_equal(one, two));
	}
	g_free(fuzz_put("list.tsv", bytes, length));
	if (CALL((files = db_files_read(path, &error)))) {
		HOLDS(CALL(db_files_write(files, path, &error)));
		g_autofree char *one = fuzz_get("list.tsv", &size);
		HOLDS(CALL((again = db_files_read(path, &error))));
		HOLDS(CALL(db_files_write(again, path, &error)));
		g_autofree char *two = fuzz_get("list.tsv", &size);
		HOLDS(g_str_equal(one, two));
	}
}

/* ---- git ---- */

/* Packed refs; and loose ones and their logs, a line each. */
static void git_refs(const char *bytes, size_t length)
{
	static const char *const names[] = {"HEAD", "refs/heads/a",
	    "refs/heads/a/b", "logs/refs/heads/a", "stash-refs/x"};
	g_auto(refs) r = {0};
	const char *line = bytes, *end = bytes + length;

	refs_add_packed(&r, bytes, length);
	for (size_t i = 0; i < G_N_ELEMENTS(names) && line < end; i++) {
		const char *stop = memchr(line, '\n', (size_t)(end - line));
		size_t part = (size_t)((stop ? stop : end) - line);
		if (g_str_has_prefix(names[i], "logs/"))
			refs_add_log(&r, names[i], line, part);
		else
			refs_add_loose(&r, names[i], line, part);
		line = stop ? stop + 1 : end;
	}
	g_autoptr(GPtrArray) lines = refs_lines(&r);
	g_autoptr(GArray) tips = refs_tips(&r);
	HOLDS(tips->len <= lines->len);
	ignore(refs_conflict(&r));
	ignore(refs_logs_agree(&r));
}

static void alternates(const char *bytes, size_t length)
{
	const struct site s = {
	    .kind = &home_shared, .path = "/home/x", .real = "/home/x"};
	g_auto(GStrv) lines = NULL;
	g_autofree char *text = fuzz_text(bytes, length);

	lines = g_strsplit(text, "\n", 100);
	for (char **line = lines; *line; line++) {
		g_autofree char *id =
		    **line ? lender_find(&s, "data/repositories/7", *line)
			   : NULL;
		HOLDS(!id || strspn(id, "0123456789") == strlen(id));
	}
	ignore(layout_of(text));
}

static void pack_index(const char *bytes, size_t length)
{
	static const char sum[] =
	    "pack-0123456789012345678901234567890123456789.idx";
	g_autofree char *path = fuzz_put(sum, bytes, length);
	g_autoptr(have) h = NULL;
	struct oid oid = {{0}};

	if (!CALL((h = have_open(fuzz_folder(), &error))))
		return;
	for (int first = 0; first < 256; first++) {
		oid.bytes[0] = (unsigned char)first;
		ignore(have_object(h, &oid));
	}
	/* And any that it seems to hold. */
	for (size_t at = 0; at + OID_BYTES <= MIN(length, 4096); at += 4) {
		memcpy(oid.bytes, bytes + at, OID_BYTES);
		ignore(have_object(h, &oid));
	}
}

static bool has_pack(const char *name, void *user)
{
	(void)user;
	return strlen(name) % 2 == 0;
}

static bool has_all(const struct oid *oids, size_t length, void *user)
{
	(void)user;
	return length == 0 || oids[length - 1].bytes[0] != 1;
}

static void git_caches(const char *bytes, size_t length)
{
	int fd = fuzz_file(bytes, length);
	char sum[OID_HEX + 1] = "";

	ignore(cache_packs_are_whole(fd, has_pack, NULL, sum));
	HOLDS(strlen(sum) == 0 || strlen(sum) == OID_HEX);
	ignore(cache_graph_is_whole(fd, has_all, NULL));
	ignore(close(fd));
}

const struct fuzz_reader fuzz_readers[] = {
    {"entry", entry_line},
    {"manifest-index", manifest_index},
    {"manifest", manifest_file},
    {"checksums", checksums},
    {"record", record},
    {"toc", contents_list},
    {"dump-lists", dump_lists},
    {"git-refs", git_refs},
    {"alternates", alternates},
    {"pack-index", pack_index},
    {"git-caches", git_caches},
    {0},
};
