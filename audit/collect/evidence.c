#include "audit/collect/evidence.h"

#include "audit/collect/versions.h"
#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/limits.h"
#include "contract/proof.h"
#include "contract/snapshot.h"

static int by_name(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Gives the sorted names in FOLDER with PREFIX and SUFFIX; none: empty. */
static GPtrArray *list(
    const char *folder, const char *prefix, const char *suffix)
{
	GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir)))
		if (g_str_has_prefix(name, prefix) &&
		    g_str_has_suffix(name, suffix))
			g_ptr_array_add(names, g_strdup(name));
	g_ptr_array_sort(names, by_name);
	return names;
}

/* Names FILE of the bundle, as a source without a time of its own. */
static struct source *add_source(
    struct facts *f, const char *what, char *file, const char *sha256)
{
	struct source *s = shape_add(&source_shape, &f->sources);

	s->what = g_strdup(what);
	s->file = file;
	s->sha256 = g_strdup(sha256);
	return s;
}

bool evidence_document(const char *bundle, const char *what,
    const struct shape *shape, void *into, const char *why, struct facts *f,
    struct source **source, GError **error)
{
	g_autofree char *file = g_strdup_printf("%s/%s.json", what, what);
	g_autofree char *path = g_build_filename(bundle, file, NULL);
	size_t length = 0;

	*source = NULL;
	if (!g_file_test(path, G_FILE_TEST_EXISTS)) {
		facts_add_unseen(f, what, "%s", why)->kind = UNSEEN_NOT_ASKED;
		return true;
	}
	g_autofree char *text = file_read(path, LIMIT_DOCUMENT, &length, error);
	g_autoptr(json) document =
	    text ? json_parse(text, length, path, error) : NULL;
	if (!document || !document_read(shape, document, into, error)) {
		g_prefix_error(error, "%s: ", path);
		return false;
	}
	g_autofree char *sha256 = hash_hex(text, length);
	*source = add_source(f, what, g_steal_pointer(&file), sha256);
	return true;
}

/* ---- packs ---- */

static bool read_pack(
    const char *path, const char *current, struct facts *f, GError **error)
{
	size_t length = 0;
	g_autofree char *text = file_read(path, LIMIT_PACK, &length, error);
	g_autofree char *name = g_path_get_basename(path);
	g_autoptr(versions) v =
	    text ? versions_read(text, length, name, error) : NULL;

	if (!v)
		return false;
	struct pack *pack = shape_add(&pack_shape, &f->packs);
	versions_pack(v, pack);
	pack->sha256 = hash_hex(text, length);
	add_source(f, "pack.versions", g_strconcat("packs/", name, NULL),
	    pack->sha256);
	versions_know(v, current, f->plan.target, &f->knowledge);
	return true;
}

bool evidence_packs(
    const char *bundle, const char *current, struct facts *f, GError **error)
{
	g_autofree char *folder = g_build_filename(bundle, "packs", NULL);
	g_autoptr(GPtrArray) names =
	    list(folder, "bitbucket-versions", ".yaml");

	if (names->len > 1)
		return fail(error, GONOGO_ERROR_DATA,
		    "%s: more than one version pack", folder);
	if (!names->len) {
		facts_add_unseen(
		    f, "pack.versions", "no version pack in the bundle");
		return true;
	}
	g_autofree char *path =
	    g_build_filename(folder, g_ptr_array_index(names, 0), NULL);
	return read_pack(path, current, f, error);
}

/* ---- backup ---- */

/* Does it have PART, or says whoever has it that it does? */
static bool holds(
    const struct snapshot *s, const char *part, enum asserted_part asserted)
{
	if (snapshot_is_asserted(s))
		return assertion_has(&s->assertion, asserted);
	return snapshot_has(s, part) &&
	       (asserted != ASSERTED_DATABASE || s->database.kind);
}

/* It is told as `asserted_by`, and weighed by a rule of its own. */
static bool is_assertion(const struct flaw *f)
{
	return g_str_equal(f->kind, SNAPSHOT_PART_ASSERTED);
}

static void add_set(const struct snapshot *s, struct backup_set *set)
{
	set->id = g_strdup(s->id);
	set->mode = g_strdup(s->mode);
	set->status = g_strdup(snapshot_status_names[s->status]);
	set->cluster = g_strdup(s->cluster);
	set->server_id = g_strdup(s->server_id);
	set->made_at = s->ended_at;
	set->point_at = s->point_at;
	set->version = g_strdup(s->version);
	set->repositories = s->home.repositories;
	if (!holds(s, SNAPSHOT_PART_HOME, ASSERTED_HOME))
		strings_add(&set->lacks, SNAPSHOT_PART_HOME);
	if (!holds(s, SNAPSHOT_PART_DATABASE, ASSERTED_DATABASE))
		strings_add(&set->lacks, SNAPSHOT_PART_DATABASE);
	for (guint i = 0; i < list_length(s->flaws); i++) {
		const struct flaw *f = g_ptr_array_index(s->flaws, i);
		if (is_assertion(f))
			continue;
		g_autofree char *text = g_strdup_printf(
		    "%s %s: %s", f->kind, f->subject, f->why ? f->why : "?");
		strings_add(&set->flaws, text);
	}
	set->degraded = number_of(list_length(set->flaws));
	if (!snapshot_is_asserted(s))
		return;
	set->asserted_by =
	    g_strdup(s->assertion.provider ? s->assertion.provider : "nobody");
	set->restore_tested_at = s->assertion.restore_tested_at;
}

/*
 * A failure outlives every earlier proof; of what passed since then the
 * deepest look counts, as a quick one later takes nothing away from it.
 */
static bool counts_more(const struct proof *p, const struct proof *best)
{
	if (!best || p->outcome != PROOF_PASSED ||
	    best->outcome != PROOF_PASSED)
		return true;
	return p->level >= best->level;
}

static int by_end(gconstpointer a, gconstpointer b)
{
	const struct proof *left = *(struct proof *const *)a;
	const struct proof *right = *(struct proof *const *)b;

	return (left->ended_at.value > right->ended_at.value) -
	       (left->ended_at.value < right->ended_at.value);
}

static void weigh_proofs(const GPtrArray *proofs, struct backup_set *set)
{
	const struct proof *best = NULL;

	for (guint i = 0; i < list_length(proofs); i++) {
		const struct proof *p = g_ptr_array_index(proofs, i);
		if (counts_more(p, best))
			best = p;
		if (p->level == PROOF_RESTORE && p->outcome == PROOF_PASSED)
			set->rehearsed_at = p->ended_at;
	}
	if (!best)
		return;
	set->proof_level = g_strdup(proof_level_names[best->level]);
	set->proof_outcome = g_strdup(proof_outcome_names[best->outcome]);
	set->proved_at = best->ended_at;
}

static void proof_free(gpointer data)
{
	proof_clear(data);
	g_free(data);
}

/* Is it a finished look at the set ID, whose record hashes to SHA256? */
static bool check_proof(const struct proof *p, const char *path, const char *id,
    const char *sha256, GError **error)
{
	if (g_strcmp0(p->set, id) != 0 ||
	    g_strcmp0(p->snapshot_sha256, sha256) != 0)
		return fail(error, GONOGO_ERROR_DATA,
		    "%s: it is of another backup set", path);
	return p->ended_at.known ||
	       fail(error, GONOGO_ERROR_DATA, "%s: it never ended", path);
}

/* Gives backup/proof*.json of the set, the oldest first. */
static GPtrArray *read_proofs(
    const char *folder, const char *id, const char *sha256, GError **error)
{
	g_autoptr(GPtrArray) names = list(folder, "proof", ".json");
	g_autoptr(GPtrArray) proofs =
	    g_ptr_array_new_with_free_func(proof_free);

	for (guint i = 0; i < names->len; i++) {
		g_autofree char *path =
		    g_build_filename(folder, g_ptr_array_index(names, i), NULL);
		struct proof *p = g_new0(struct proof, 1);
		g_ptr_array_add(proofs, p);
		if (!document_load(&proof_shape, path, p, error) ||
		    !check_proof(p, path, id, sha256, error))
			return NULL;
	}
	g_ptr_array_sort(proofs, by_end);
	return g_steal_pointer(&proofs);
}

bool evidence_backup(const char *bundle, struct facts *f, GError **error)
{
	g_autofree char *folder = g_build_filename(bundle, "backup", NULL);
	g_autofree char *path = g_build_filename(folder, "snapshot.json", NULL);
	g_auto(snapshot) record = {0};
	size_t length = 0;

	if (!g_file_test(path, G_FILE_TEST_EXISTS)) {
		facts_add_unseen(f, "backup", "no backup set in the bundle");
		return true;
	}
	g_autofree char *text = file_read(path, LIMIT_DOCUMENT, &length, error);
	g_autoptr(json) document =
	    text ? json_parse(text, length, path, error) : NULL;
	if (!document ||
	    !document_read(&snapshot_shape, document, &record, error)) {
		g_prefix_error(error, "%s: ", path);
		return false;
	}
	g_autofree char *sha256 = hash_hex(text, length);
	g_autoptr(GPtrArray) proofs =
	    read_proofs(folder, record.id, sha256, error);
	if (!proofs)
		return false;
	struct backup_set *set = shape_add(&backup_set_shape, &f->backup_sets);
	add_set(&record, set);
	weigh_proofs(proofs, set);
	add_source(f, "backup", g_strdup("backup/snapshot.json"), sha256);
	/* Of what others have there is no proof to be had. */
	if (set->asserted_by)
		add_source(f, "backup.assertion", NULL, NULL);
	else if (proofs->len)
		add_source(f, "backup.proof", NULL, NULL);
	else
		facts_add_unseen(
		    f, "backup.proof", "nobody has verified the set");
	return true;
}
