#include "backup/records.h"

#include "backup/store/sums.h"
#include "base/error.h"

static bool is_as_written(
    const char *path, const char *wanted, const char *says, GError **error)
{
	g_autofree char *found = sums_hash(path, error);

	if (!found)
		return false;
	return g_strcmp0(found, wanted) == 0 ||
	       fail(error, GONOGO_ERROR_DATA,
		   "%s: its bytes are not those that %s says\n"
		   "hint: `backup verify` names all that is harmed; an earlier "
		   "set may be whole",
		   path, says);
}

static bool check_listed(const store *s, const struct set *set,
    const struct sums *sums, GError **error)
{
	g_autofree char *mine = g_strdup_printf("snapshots/%s/", set->id);

	for (guint i = 0; i < sums->lines->len; i++) {
		const struct sum *one =
		    &g_array_index(sums->lines, struct sum, i);
		if (!g_str_has_prefix(one->path, mine))
			continue;
		g_autofree char *path = store_file(s, one->path);
		if (!is_as_written(path, one->sha256, "SHA256SUMS", error))
			return false;
	}
	return true;
}

static bool check_manifest(const struct set *set, GError **error)
{
	g_autofree char *path =
	    g_build_filename(set->folder, "MANIFEST.zst", NULL);

	return is_as_written(
	    path, set->snapshot.manifest_sha256, "SNAPSHOT.json", error);
}

bool records_check(const store *s, const struct set *set, GError **error)
{
	g_autofree char *record =
	    g_build_filename(set->folder, "SNAPSHOT.json", NULL);
	g_autofree char *name =
	    g_strdup_printf("snapshots/%s/SNAPSHOT.json", set->id);
	g_autofree char *list =
	    g_build_filename(set->folder, "SHA256SUMS", NULL);
	g_auto(sums) sums = {0};

	if (record_check(record, name, error) &&
	    is_as_written(
		list, set->snapshot.sums_sha256, "SNAPSHOT.json", error) &&
	    sums_read(&sums, list, error) &&
	    check_listed(s, set, &sums, error) && check_manifest(set, error))
		return true;
	g_prefix_error(error, "set %s: ", set->id);
	return false;
}
