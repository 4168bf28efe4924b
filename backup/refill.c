#include "backup/refill.h"

#include <fcntl.h>

#include "backup/db/files.h"
#include "backup/handover.h"
#include "backup/restore/lay.h"
#include "base/error.h"
#include "base/log.h"
#include "port/fs.h"

static GPtrArray *read_files(const struct set *set, GError **error)
{
	g_autofree char *list = g_build_filename(set->folder, DB_FILES, NULL);

	return db_files_read(list, error);
}

bool refill_check(
    const struct set *set, const struct db_login *l, GError **error)
{
	uint64_t bytes = 0;

	if (!set->snapshot.database.kind)
		return fail(error, GONOGO_ERROR_USAGE,
		    "set %s holds no database\nhint: --to DIR restores what "
		    "it holds",
		    set->id);
	g_autoptr(GPtrArray) files = read_files(set, error);
	if (!files)
		return false;
	for (guint i = 0; i < files->len; i++) {
		const struct db_file *file = g_ptr_array_index(files, i);
		bytes += file->bytes;
	}
	if (!fs_has_room(g_get_tmp_dir(), bytes, "the dump", error)) {
		g_prefix_error(error, "TMPDIR is ");
		return false;
	}
	return load_check(l, error);
}

static bool lay_file(const store *s, const struct db_file *file,
    const char *folder, GError **error)
{
	g_autofree char *path = g_build_filename(folder, file->name, NULL);
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return fail_errno(error, "%s", path);
	const struct object_source from = {
	    file->sha256, file->suffix, NULL, file->bytes};
	bool good = lay_object(s, &from, fd, path, error);
	if (close(fd) != 0 && good)
		good = fail_errno(error, "closing %s", path);
	return good;
}

/* Puts the dump's files into SCRATCH as load_run() wants them. */
static bool lay_dump(
    const store *s, const struct set *set, const char *scratch, GError **error)
{
	g_autofree char *toc = g_build_filename(set->folder, DB_TOC, NULL);
	g_autofree char *dump = g_build_filename(scratch, "dump", NULL);
	g_autoptr(GPtrArray) files = read_files(set, error);

	if (!files || !fs_make_folders(dump, 0700, error) ||
	    !handover(dump, "toc.dat", toc, error))
		return false;
	for (guint i = 0; i < files->len; i++) {
		const struct db_file *file = g_ptr_array_index(files, i);
		bool large = g_str_equal(file->name, DB_LARGE);
		if (!lay_file(s, file, large ? scratch : dump, error))
			return false;
	}
	return true;
}

bool refill_run(const store *s, const struct set *set, const struct db_login *l,
    struct load_report *report, GError **error)
{
	g_autofree char *scratch =
	    g_build_filename(g_get_tmp_dir(), "gonogo-restore-XXXXXX", NULL);
	g_autofree char *tables =
	    g_build_filename(set->folder, DB_TABLES, NULL);
	g_autoptr(GError) ignored = NULL;

	if (!g_mkdtemp(scratch))
		return fail_errno(error, "%s", scratch);
	bool good = lay_dump(s, set, scratch, error) &&
		    load_run(l, scratch, tables, 0, report, error);
	if (!fs_remove_tree(scratch, &ignored))
		log_warn("%s", ignored->message);
	return good;
}
