#include "backup/verify/records.h"

#include "base/error.h"
#include "base/log.h"
#include "port/fs.h"

#define RECORD "record" /* the kind of these flaws */

static void check_hash(struct verify *v, const char *name, const char *wanted)
{
	g_autofree char *path = g_build_filename(v->set->folder, name, NULL);
	g_autoptr(GError) why = NULL;
	g_autofree char *found = sums_hash(path, &why);

	if (!found)
		flaws_add(&v->flaws, RECORD, name, "%s", why->message);
	else if (g_strcmp0(found, wanted) != 0)
		flaws_add(&v->flaws, RECORD, name,
		    "checksum: not the one that SNAPSHOT.json names");
}

void records_check_own(struct verify *v)
{
	const struct snapshot *s = &v->set->snapshot;
	g_autofree char *path =
	    g_build_filename(v->set->folder, "SNAPSHOT.json", NULL);
	g_autofree char *name =
	    g_strdup_printf("snapshots/%s/SNAPSHOT.json", v->set->id);
	g_autoptr(GError) why = NULL;

	if (v->set->trouble) {
		flaws_add(&v->flaws, RECORD, name, "%s", v->set->trouble);
		return;
	}
	if (!record_check(path, name, &why))
		flaws_add(
		    &v->flaws, RECORD, "SNAPSHOT.json", "%s", why->message);
	check_hash(v, "SHA256SUMS", s->sums_sha256);
	check_hash(v, "MANIFEST.zst", s->manifest_sha256);
	check_hash(v, "EVIDENCE.json", s->evidence_sha256);
	if (list_length(s->features) > 0)
		flaws_add(&v->flaws, RECORD, "SNAPSHOT.json",
		    "a newer gonogo made it: it needs %s",
		    (char *)g_ptr_array_index(s->features, 0));
}

/* A set before this one that was written anew, or has lost its record, shows
 * here; one that is gone takes nothing from this set, which is whole without
 * it. */
bool records_check_chain(struct verify *v, GError **error)
{
	const struct snapshot *s = &v->set->snapshot;
	g_autoptr(GPtrArray) sets = sets_list(v->store, error);

	if (!sets)
		return false;
	if (!s->parent)
		return true;
	for (guint i = 0; i < sets->len; i++) {
		const set *one = g_ptr_array_index(sets, i);
		if (!g_str_equal(one->id, s->parent))
			continue;
		if (g_strcmp0(one->sha256, s->parent_sha256) != 0)
			flaws_add(&v->flaws, "chain", one->id,
			    "its record is not the one that was there when set "
			    "%s was made after it",
			    v->set->id);
		return true;
	}
	if (set_lacks_record(v->store, s->parent))
		flaws_add(&v->flaws, "chain", s->parent,
		    "SNAPSHOT.json: it is not there, and set %s was made "
		    "after it",
		    v->set->id);
	else
		log_warn("set %s, the one before, is no longer in the store",
		    s->parent);
	return true;
}

void records_check_root(struct verify *v)
{
	const struct snapshot *s = &v->set->snapshot;
	g_autofree char *database =
	    g_strdup_printf("snapshots/%s/db/", v->set->id);

	if (!v->manifest || v->set->trouble || !v->stored.files)
		return;
	g_autofree char *digest = sums_digest(&v->stored.sums, database);
	g_autofree char *root = manifest_root(
	    v->manifest, digest, s->evidence_sha256, s->parent_sha256);
	if (g_strcmp0(root, s->root) != 0)
		flaws_add(&v->flaws, RECORD, "SNAPSHOT.json",
		    "the set's lists do not add up to its root");
}

/* ---- what lies in the set's folder and no list names ---- */

struct search {
	struct verify *v;
	const char *prefix;
};

static enum fs_step find_extra(
    const struct fs_entry *e, void *user, GError **error)
{
	static const char *const own[] = {
	    "SNAPSHOT.json", "SNAPSHOT.sha256", "SHA256SUMS", NULL};
	struct search *s = user;
	g_autofree char *path = g_strconcat(s->prefix, e->path, NULL);

	(void)error;
	if (S_ISDIR(e->status.st_mode) || g_strv_contains(own, e->path) ||
	    g_str_has_prefix(e->path, "SNAPSHOT.json.") ||
	    stored_find(&s->v->stored, path))
		return FS_ON;
	flaws_add(&s->v->flaws, FLAW_FILE, path, "not in the set's list");
	return FS_ON;
}

bool records_check_folder(struct verify *v, GError **error)
{
	g_autofree char *prefix = g_strdup_printf("snapshots/%s/", v->set->id);
	struct search search = {v, prefix};
	int folder = fs_open_folder(v->set->folder, error);

	if (folder < 0)
		return false;
	bool good = fs_walk(folder, find_extra, NULL, &search, error);
	ignore(close(folder));
	return good;
}
