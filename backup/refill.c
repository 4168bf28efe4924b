#include "backup/refill.h"

#include "backup/db/files.h"
#include "backup/db/vacant.h"
#include "base/error.h"
#include "base/log.h"
#include "port/fs.h"

/* What a load reads; the paths and the list are its own. */
struct source {
	char *toc, *tables;
	GPtrArray *files;
	struct load_source from;
};

static void source_clear(struct source *s)
{
	g_free(s->toc);
	g_free(s->tables);
	g_clear_pointer(&s->files, g_ptr_array_unref);
}
typedef struct source source;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(source, source_clear)

static bool open_source(
    const store *s, const struct set *set, struct source *to, GError **error)
{
	g_autofree char *list = g_build_filename(set->folder, DB_FILES, NULL);

	to->files = db_files_read(list, error);
	if (!to->files)
		return false;
	to->toc = g_build_filename(set->folder, DB_TOC, NULL);
	to->tables = g_build_filename(set->folder, DB_TABLES, NULL);
	to->from = (struct load_source){s, to->toc, to->tables, to->files};
	return true;
}

bool refill_check(
    const struct set *set, const struct db_login *l, GError **error)
{
	g_auto(source) source = {0};
	uint64_t bytes = 0;

	if (!set->snapshot.database.kind)
		return fail(error, GONOGO_ERROR_USAGE,
		    "set %s holds no database\nhint: --to DIR restores what "
		    "it holds",
		    set->id);
	if (!open_source(NULL, set, &source, error) ||
	    !load_room(&source.from, &bytes, error))
		return false;
	if (!fs_has_room(g_get_tmp_dir(), bytes, "the dump", error)) {
		g_prefix_error(error, "TMPDIR is ");
		return false;
	}
	return vacant_check(l, error);
}

bool refill_run(const store *s, const struct set *set, const struct db_login *l,
    unsigned jobs, bool read_back, struct load_report *report, GError **error)
{
	g_autofree char *scratch =
	    g_build_filename(g_get_tmp_dir(), "gonogo-restore-XXXXXX", NULL);
	g_auto(source) source = {0};
	g_autoptr(GError) ignored = NULL;

	if (!g_mkdtemp(scratch))
		return fail_errno(error, "%s", scratch);
	bool good = open_source(s, set, &source, error);
	source.from.read_back = read_back;
	good = good && load_run(l, &source.from, scratch, jobs, report, error);
	if (!fs_remove_tree(scratch, &ignored))
		log_warn("%s", ignored->message);
	return good;
}
