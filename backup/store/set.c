#include "backup/store/set.h"

#include <errno.h>
#include <inttypes.h>
#include <sys/stat.h>

#include "backup/store/signed.h"
#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/log.h"

void set_free(struct set *s)
{
	if (!s)
		return;
	snapshot_clear(&s->snapshot);
	g_free(s->id);
	g_free(s->folder);
	g_free(s->sha256);
	g_free(s->trouble);
	g_free(s);
}

/* ---- records with their checksums ---- */

static char *checksum_path(const char *path)
{
	return g_strdup_printf(
	    "%.*s.sha256", (int)(strlen(path) - strlen(".json")), path);
}

static char *checksum_line(const char *text, size_t length, const char *name)
{
	g_autofree char *sha256 = hash_hex(text, length);

	return g_strdup_printf("%s  %s\n", sha256, name);
}

bool record_save(
    const char *path, const char *name, const char *text, GError **error)
{
	g_autofree char *beside = checksum_path(path);
	g_autofree char *line = checksum_line(text, strlen(text), name);

	/* The checksum first: the record's rename is the commit. */
	return file_write(beside, 0600, line, strlen(line), error) &&
	       file_write(path, 0600, text, strlen(text), error);
}

bool record_check(const char *path, const char *name, GError **error)
{
	g_autofree char *beside = checksum_path(path);
	size_t length;
	g_autofree char *text = file_read(path, LIMIT_DOCUMENT, &length, error);
	g_autofree char *said =
	    text ? file_read(beside, LIMIT_SECRET, NULL, error) : NULL;

	if (!said)
		return false;
	g_autofree char *line = checksum_line(text, length, name);
	return g_str_equal(line, said) ||
	       fail(error, GONOGO_ERROR_DATA,
		   "%s: not as %s says: one of them was changed", path, beside);
}

/* ---- finding ---- */

/* The number in front of a name like 000012-...; false: none. */
static bool sequence_of(const char *name, uint64_t *sequence)
{
	char *end;

	*sequence = g_ascii_strtoull(name, &end, 10);
	return g_ascii_isdigit(*name) && *end == '-';
}

static void read_record(struct set *s, const char *path)
{
	g_autoptr(GError) error = NULL;
	size_t length;
	g_autofree char *text =
	    file_read(path, LIMIT_DOCUMENT, &length, &error);
	g_autoptr(json) document =
	    text ? json_parse(text, length, path, &error) : NULL;

	if (text)
		s->sha256 = hash_hex(text, length);
	if (document &&
	    document_read(&snapshot_shape, document, &s->snapshot, &error) &&
	    !g_str_equal(s->snapshot.id, s->id)) {
		snapshot_clear(&s->snapshot);
		fail(&error, GONOGO_ERROR_DATA, "%s: the record of another set",
		    path);
	}
	if (error)
		s->trouble = g_strdup(error->message);
}

static struct set *open_set(const store *s, const char *id, uint64_t sequence)
{
	g_autofree char *name = g_strconcat("snapshots/", id, NULL);
	g_autoptr(set) one = g_new0(struct set, 1);

	one->id = g_strdup(id);
	one->sequence = sequence;
	one->folder = store_file(s, name);
	g_autofree char *path =
	    g_build_filename(one->folder, "SNAPSHOT.json", NULL);
	/* Without a record it is a run that was cut off: no set. */
	if (access(path, F_OK) != 0 && errno == ENOENT)
		return NULL;
	read_record(one, path);
	return g_steal_pointer(&one);
}

static int by_sequence(gconstpointer a, gconstpointer b)
{
	const struct set *x = *(struct set *const *)a;
	const struct set *y = *(struct set *const *)b;

	return x->sequence < y->sequence ? -1 : x->sequence > y->sequence;
}

static GDir *open_listing(const store *s, const char *name, GError **error)
{
	g_autofree char *path = store_file(s, name);
	GDir *listing = g_dir_open(path, 0, NULL);

	if (!listing)
		fail_errno(error, "%s", path);
	return listing;
}

GPtrArray *sets_list(const store *s, GError **error)
{
	g_autoptr(GDir) listing = open_listing(s, "snapshots", error);
	GPtrArray *sets =
	    g_ptr_array_new_with_free_func((GDestroyNotify)set_free);

	if (!listing) {
		g_ptr_array_unref(sets);
		return NULL;
	}
	for (const char *name; (name = g_dir_read_name(listing));) {
		uint64_t sequence;
		struct set *one = sequence_of(name, &sequence)
				      ? open_set(s, name, sequence)
				      : NULL;
		if (one)
			g_ptr_array_add(sets, one);
	}
	g_ptr_array_sort(sets, by_sequence);
	return sets;
}

bool set_lacks_record(const store *s, const char *id)
{
	g_autofree char *name =
	    g_strdup_printf("snapshots/%s/SNAPSHOT.json", id);
	g_autofree char *record = store_file(s, name);
	g_autofree char *folder = g_path_get_dirname(record);

	return g_file_test(folder, G_FILE_TEST_IS_DIR) &&
	       access(record, F_OK) != 0 && errno == ENOENT;
}

static bool has_proof(const store *s, uint64_t sequence)
{
	g_autoptr(GDir) listing = open_listing(s, "verify", NULL);
	uint64_t of;

	for (const char *name; listing && (name = g_dir_read_name(listing));)
		if (sequence_of(name, &of) && of == sequence)
			return true;
	return false;
}

bool set_was_whole(const store *s, const char *id)
{
	g_autoptr(GPtrArray) sets = sets_list(s, NULL);
	uint64_t sequence;

	for (guint i = 0; sets && i < sets->len; i++) {
		const struct set *one = g_ptr_array_index(sets, i);
		if (g_strcmp0(one->snapshot.parent, id) == 0)
			return true;
	}
	return sequence_of(id, &sequence) && has_proof(s, sequence);
}

GPtrArray *sets_without_record(const store *s, GError **error)
{
	g_autoptr(GDir) listing = open_listing(s, "snapshots", error);
	uint64_t sequence;

	if (!listing)
		return NULL;
	GPtrArray *ids = g_ptr_array_new_with_free_func(g_free);
	for (const char *name; (name = g_dir_read_name(listing));)
		if (sequence_of(name, &sequence) && set_lacks_record(s, name))
			g_ptr_array_add(ids, g_strdup(name));
	return ids;
}

static bool is_named(const char *id, const char *name)
{
	char *end;
	uint64_t own, sequence = g_ascii_strtoull(name, &end, 10);

	return g_str_equal(id, name) ||
	       (g_ascii_isdigit(*name) && !*end && sequence_of(id, &own) &&
		   sequence == own);
}

/* NAME is no set's. */
static bool no_such_set(const store *s, const char *name, GError **error)
{
	g_autoptr(GPtrArray) ids = sets_without_record(s, NULL);

	for (guint i = 0; ids && name && i < ids->len; i++) {
		const char *id = g_ptr_array_index(ids, i);
		if (is_named(id, name))
			return fail(error, GONOGO_ERROR_DATA,
			    "%s/snapshots/%s/SNAPSHOT.json: it is not there: a "
			    "run that was cut off, or a set that has lost its "
			    "record\n"
			    "hint: `backup list` shows the sets that are whole",
			    store_path(s), id);
	}
	return fail(error, GONOGO_ERROR_USAGE,
	    "%s: no set '%s'\nhint: `backup list` shows them", store_path(s),
	    name ? name : "latest");
}

struct set *set_find_any(const store *s, const char *name, GError **error)
{
	g_autoptr(GPtrArray) sets = sets_list(s, error);
	bool newest = !name || g_str_equal(name, "latest");

	if (!sets)
		return NULL;
	for (guint i = sets->len; i-- > 0;) {
		const struct set *one = g_ptr_array_index(sets, i);
		if (newest || is_named(one->id, name))
			return g_ptr_array_steal_index(sets, i);
	}
	no_such_set(s, newest ? NULL : name, error);
	return NULL;
}

struct set *set_find(const store *s, const char *name, GError **error)
{
	g_autoptr(set) one = set_find_any(s, name, error);

	if (!one || !one->trouble)
		return g_steal_pointer(&one);
	fail(error, GONOGO_ERROR_DATA,
	    "the record of set %s can't be read: %s\n"
	    "hint: `verify` of another set shows whether the store is sound; "
	    "the files can still be restored with restore.sh",
	    one->id, one->trouble);
	return NULL;
}

struct set *set_find_held(const store *s, const char *name, GError **error)
{
	g_autoptr(set) one = set_find(s, name, error);

	if (!one || !snapshot_is_asserted(&one->snapshot))
		return g_steal_pointer(&one);
	const char *provider = one->snapshot.assertion.provider;
	fail(error, GONOGO_ERROR_USAGE,
	    "set %s is asserted by %s: nothing of it lies in this store\n"
	    "hint: `verify %s` tells where it lies; `list` shows the sets that "
	    "can be restored from here",
	    one->id, provider ? provider : "others", one->id);
	return NULL;
}

bool sets_next(const store *s, uint64_t *sequence, GError **error)
{
	static const char *const places[] = {"snapshots", "verify", "trash"};
	uint64_t highest = 0, one;

	for (size_t i = 0; i < G_N_ELEMENTS(places); i++) {
		g_autoptr(GDir) listing = open_listing(s, places[i], error);
		if (!listing)
			return false;
		for (const char *name; (name = g_dir_read_name(listing));)
			if (sequence_of(name, &one))
				highest = MAX(highest, one);
	}
	*sequence = highest + 1;
	return true;
}

/* ---- proofs ---- */

static char *proof_name(const struct set *one, uint64_t number)
{
	return g_strdup_printf(
	    "verify/%06" PRIu64 "-%" PRIu64 ".json", one->sequence, number);
}

/* The highest number of the set's proofs; 0: none.  A proof of which only the
 * checksum is left keeps its number. */
static bool newest_number(
    const store *s, const struct set *one, uint64_t *number, GError **error)
{
	g_autoptr(GDir) listing = open_listing(s, "verify", error);
	uint64_t sequence;

	*number = 0;
	if (!listing)
		return false;
	for (const char *name; (name = g_dir_read_name(listing));)
		if ((g_str_has_suffix(name, ".json") ||
			g_str_has_suffix(name, ".sha256")) &&
		    sequence_of(name, &sequence) && sequence == one->sequence)
			*number = MAX(*number,
			    g_ascii_strtoull(strchr(name, '-') + 1, NULL, 10));
	return true;
}

bool set_check_proofs(
    const store *s, const struct set *one, GPtrArray *harmed, GError **error)
{
	uint64_t newest;

	if (!newest_number(s, one, &newest, error))
		return false;
	for (uint64_t number = 1; number <= newest; number++) {
		g_autofree char *name = proof_name(one, number);
		g_autofree char *path = store_file(s, name);
		g_autoptr(GError) why = NULL;
		if (!record_check(path, name, &why))
			g_ptr_array_add(harmed, g_strdup(why->message));
	}
	return true;
}

/* A failure counts whoever found it, a pass only if it is signed where it
 * should be. */
static bool is_believed(const store *s, const struct set *one, const char *name,
    const struct proof *proof)
{
	g_autofree char *path = store_file(s, name);
	g_autoptr(GError) why = NULL;

	if (!store_key(s) || proof->outcome != PROOF_PASSED)
		return true;
	g_autofree char *text = file_read(path, LIMIT_DOCUMENT, NULL, &why);
	const struct signed_proof p = {name, text, one->id, one->sha256};
	if (text && signed_check(s, &p, &why))
		return true;
	log_warn("a proof is passed over: %s", why->message);
	return false;
}

/* Reads proof NUMBER of the set, if it is one of this very record. */
static bool read_proof(
    const store *s, const struct set *one, uint64_t number, struct proof *proof)
{
	g_autofree char *name = proof_name(one, number);
	g_autofree char *path = store_file(s, name);
	g_autoptr(GError) harm = NULL;

	if (access(path, F_OK) != 0)
		return false;
	if (!record_check(path, name, &harm) ||
	    !document_load(&proof_shape, path, proof, &harm)) {
		log_warn("a proof is passed over: %s", harm->message);
		return false;
	}
	if (g_strcmp0(proof->set, one->id) == 0 &&
	    g_strcmp0(proof->snapshot_sha256, one->sha256) == 0 &&
	    is_believed(s, one, name, proof))
		return true;
	proof_clear(proof);
	return false;
}

bool set_newest_proof(const store *s, const struct set *one,
    struct proof *proof, bool *found, GError **error)
{
	uint64_t number;

	*found = false;
	if (!newest_number(s, one, &number, error))
		return false;
	for (; number > 0 && !*found; number--)
		*found = read_proof(s, one, number, proof);
	return true;
}

bool set_best_proof(const store *s, const struct set *one, struct proof *best,
    bool *found, GError **error)
{
	uint64_t number;

	*found = false;
	if (!newest_number(s, one, &number, error))
		return false;
	for (bool failed = false; number > 0 && !failed; number--) {
		g_auto(proof) next = {0};
		if (!read_proof(s, one, number, &next))
			continue;
		failed = next.outcome != PROOF_PASSED;
		/* One that is older than a pass is mended by it. */
		if (*found && (failed || next.level <= best->level))
			continue;
		proof_clear(best);
		*best = next;
		next = (struct proof){0};
		*found = true;
	}
	return true;
}

char *set_add_proof(const store *s, const struct set *one,
    const struct proof *proof, GError **error)
{
	uint64_t number;

	if (!newest_number(s, one, &number, error))
		return NULL;
	g_autofree char *name = proof_name(one, number + 1);
	g_autofree char *path = store_file(s, name);
	g_autoptr(json) document = document_write(&proof_shape, proof);
	g_autofree char *text = json_pretty(document);
	const struct signed_proof p = {name, text, one->id, one->sha256};
	return signed_write(s, &p, error) &&
		       record_save(path, name, text, error)
		   ? g_steal_pointer(&path)
		   : NULL;
}
