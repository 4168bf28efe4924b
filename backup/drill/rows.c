#include "backup/drill/rows.h"

#include <inttypes.h>

#include "backup/db/files.h"
#include "backup/db/tables.h"
#include "base/error.h"
#include "base/log.h"
#include "bitbucket/home.h"
#include "bitbucket/schema.h"
#include "port/fs.h"
#include "port/git.h"

/* ---- tables ---- */

static const struct table *find_table(const tables *saved, const char *name)
{
	for (guint i = 0; i < list_length(saved->tables); i++) {
		const struct table *t = g_ptr_array_index(saved->tables, i);
		if (g_str_equal(t->name, name))
			return t;
	}
	return NULL;
}

bool rows_check_tables(struct drill *d, GError **error)
{
	g_autofree char *path =
	    g_build_filename(d->set->folder, DB_TABLES, NULL);
	g_auto(tables) saved = {0};
	GError *why = NULL;

	if (!tables_read(&saved, path, &why))
		return flaws_take(&d->flaws, "database", DB_TABLES, why, error);
	for (guint i = 0; i < list_length(d->how->tables); i++) {
		const struct evidence_table *seen =
		    g_ptr_array_index(d->how->tables, i);
		const struct table *t = find_table(&saved, seen->name);
		if (!t)
			flaws_add(&d->flaws, "table", seen->name,
			    "the backup counted it, and the set does not "
			    "hold it");
		else if (t->rows != (uint64_t)seen->rows.value ||
			 g_strcmp0(t->sha256, seen->sha256) != 0)
			flaws_add(&d->flaws, "table", seen->name,
			    "the backup counted %" PRId64 " rows in it, the "
			    "set holds %" PRIu64 "%s",
			    seen->rows.value, t->rows,
			    t->rows == (uint64_t)seen->rows.value ? " others"
								  : "");
	}
	if (list_length(saved.tables) > list_length(d->how->tables))
		flaws_add(&d->flaws, "database", DB_TABLES,
		    "it has %u tables, the backup counted %u",
		    list_length(saved.tables), list_length(d->how->tables));
	return true;
}

/* ---- rows and folders ---- */

static char *row_title(const struct repository_row *row)
{
	return g_strdup_printf("%" PRIu64 " (%s/%s)", row->id,
	    row->project ? row->project : "?", row->slug ? row->slug : "?");
}

static bool has_folder(const struct drill *d, uint64_t id)
{
	g_autofree char *name = g_strdup_printf("%" PRIu64, id);
	g_autofree char *folder = drill_repository(d, name);

	return g_file_test(folder, G_FILE_TEST_IS_DIR);
}

static void check_rows(struct drill *d, const GPtrArray *rows)
{
	const struct evidence_check *known = &d->how->check;

	for (guint i = 0; i < rows->len; i++) {
		const struct repository_row *row = rows->pdata[i];
		g_autofree char *title = row_title(row);
		if (row->place != PLACE_SHARED_HOME || has_folder(d, row->id))
			continue;
		if (drill_is_known(known->rows_without_folder, title) ||
		    drill_is_known(known->deleted_after_point, title))
			log_say("%s: has a row and no folder, as the set says",
			    title);
		else
			flaws_add(&d->flaws, "row", title,
			    "the restored database has the repository, the "
			    "restored home has no folder of it");
	}
	if (known->rows.known && (uint64_t)known->rows.value != rows->len)
		flaws_add(&d->flaws, "database", "repository",
		    "%u repositories have a row; %" PRId64
		    " had one when it was saved",
		    rows->len, known->rows.value);
}

/* The number in the evidence's list of titles may stand with other words. */
static bool is_listed(const GPtrArray *titles, const char *id)
{
	g_autofree char *start = g_strconcat(id, " ", NULL);

	for (guint i = 0; i < list_length(titles); i++) {
		const char *title = g_ptr_array_index(titles, i);
		if (g_str_equal(title, id) || g_str_has_prefix(title, start))
			return true;
	}
	return false;
}

static bool check_folders(
    struct drill *d, const GPtrArray *rows, GError **error)
{
	g_autofree char *path =
	    g_build_filename(d->home, HOME_REPOSITORIES, NULL);
	g_autoptr(GHashTable) known =
	    g_hash_table_new(g_int64_hash, g_int64_equal);
	int fd = fs_open_folder(path, error);
	g_autoptr(GPtrArray) names = fd >= 0 ? fs_names(fd) : NULL;

	if (fd < 0)
		return false;
	ignore(close(fd));
	if (!names)
		return fail_errno(error, "%s", path);
	for (guint i = 0; i < rows->len; i++) {
		struct repository_row *row = rows->pdata[i];
		g_hash_table_add(known, &row->id);
	}
	for (guint i = 0; i < names->len; i++) {
		const char *name = g_ptr_array_index(names, i);
		guint64 id;
		if (!g_ascii_string_to_unsigned(
			name, 10, 1, G_MAXINT64, &id, NULL) ||
		    g_hash_table_contains(known, &id) ||
		    is_listed(d->how->check.folders_without_row, name))
			continue;
		flaws_add(&d->flaws, "row", name,
		    "the restored home has the repository's folder, the "
		    "restored database has no row of it");
	}
	return true;
}

/* ---- pull requests ---- */

/* Which commits each repository is to be asked for: id -> set of hashes. */
static void want(GHashTable *wanted, uint64_t id, const char *hash)
{
	g_autofree char *name = g_strdup_printf("%" PRIu64, id);
	GHashTable *hashes = g_hash_table_lookup(wanted, name);

	if (!hash)
		return;
	if (!hashes) {
		hashes = g_hash_table_new(g_str_hash, g_str_equal);
		g_hash_table_insert(wanted, g_steal_pointer(&name), hashes);
	}
	g_hash_table_add(hashes, (gpointer)hash);
}

/* Keeps of HASHES those that the repository has. */
static bool ask(
    const struct drill *d, const char *id, GHashTable *hashes, GError **error)
{
	static const char *const words[] = {
	    "cat-file", "--batch-check=%(objectname)", NULL};
	g_autofree char *folder = drill_repository(d, id);
	g_autoptr(GString) input = g_string_new(NULL);
	g_auto(process_result) r = {0};
	GHashTableIter iter;
	gpointer hash;

	if (!g_file_test(folder, G_FILE_TEST_IS_DIR)) {
		g_hash_table_remove_all(hashes);
		return true;
	}
	g_hash_table_iter_init(&iter, hashes);
	while (g_hash_table_iter_next(&iter, &hash, NULL))
		g_string_append_printf(input, "%s\n", (const char *)hash);
	if (!git_run(folder, words, input->str, &r, error))
		return false;
	/* What it lacks is answered with "HASH missing". */
	g_auto(GStrv) lines = g_strsplit(r.out, "\n", -1);
	for (char **line = lines; *line; line++) {
		char *space = strchr(*line, ' ');
		if (!space)
			continue;
		*space = '\0';
		g_hash_table_remove(hashes, *line);
	}
	if (r.code != 0)
		g_hash_table_remove_all(hashes);
	return true;
}

static bool has_commit(GHashTable *found, uint64_t id, const char *hash)
{
	g_autofree char *name = g_strdup_printf("%" PRIu64, id);
	GHashTable *hashes = g_hash_table_lookup(found, name);

	return hash && hashes && g_hash_table_contains(hashes, hash);
}

static bool is_told(const struct drill *d, const char *subject)
{
	for (guint i = 0; i < list_length(d->set->snapshot.flaws); i++) {
		const struct flaw *f =
		    g_ptr_array_index(d->set->snapshot.flaws, i);
		if (g_strcmp0(f->subject, subject) == 0)
			return true;
	}
	return false;
}

static void check_pull(
    struct drill *d, const struct pull_row *pull, GHashTable *found)
{
	const char *const hashes[] = {pull->from_hash, pull->to_hash};
	g_autofree char *subject =
	    g_strdup_printf("pull request %" PRIu64, pull->id);

	/* Of a repository that did not come back enough is said. */
	if (is_told(d, subject) || !has_folder(d, pull->from_repository) ||
	    !has_folder(d, pull->to_repository))
		return;
	for (size_t i = 0; i < G_N_ELEMENTS(hashes); i++)
		if (!has_commit(found, pull->from_repository, hashes[i]) &&
		    !has_commit(found, pull->to_repository, hashes[i]))
			flaws_add(&d->flaws, "row", subject,
			    "its commit %s is in neither of its restored "
			    "repositories",
			    hashes[i] ? hashes[i] : "(none)");
}

static bool check_pulls(struct drill *d, const GPtrArray *pulls, GError **error)
{
	g_autoptr(GHashTable) wanted = g_hash_table_new_full(g_str_hash,
	    g_str_equal, g_free, (GDestroyNotify)g_hash_table_unref);
	GHashTableIter iter;
	gpointer id, hashes;

	for (guint i = 0; i < pulls->len; i++) {
		const struct pull_row *p = pulls->pdata[i];
		want(wanted, p->from_repository, p->from_hash);
		want(wanted, p->from_repository, p->to_hash);
		want(wanted, p->to_repository, p->from_hash);
		want(wanted, p->to_repository, p->to_hash);
	}
	g_hash_table_iter_init(&iter, wanted);
	while (g_hash_table_iter_next(&iter, &id, &hashes))
		if (!ask(d, id, hashes, error))
			return false;
	for (guint i = 0; i < pulls->len; i++)
		check_pull(d, pulls->pdata[i], wanted);
	return true;
}

bool rows_check(struct drill *d, const struct db_login *l, GError **error)
{
	g_autoptr(pg) db = db_open_bitbucket(l, error);
	g_autoptr(GPtrArray) rows = db ? schema_repositories(db, error) : NULL;

	if (!rows)
		return false;
	check_rows(d, rows);
	if (!check_folders(d, rows, error))
		return false;
	/* As when it was saved: only where the table is as we know it. */
	if (!d->how->check.pulls.known)
		return true;
	g_autoptr(GPtrArray) pulls = schema_open_pulls(db, error);
	return pulls && check_pulls(d, pulls, error);
}
