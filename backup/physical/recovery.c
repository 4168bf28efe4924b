#include "backup/physical/recovery.h"

#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"
#include "port/pg_wal.h"

static const char settings_name[] = "postgresql.auto.conf";
static const char signal_name[] = "recovery.signal";

/* Later lines win: no other target of the old server's stays. */
static char *settings_text(const struct recovery *r)
{
	return g_strdup_printf(
	    "\n# Recovery to the point of backup set %s, by gonogo.  All WAL "
	    "that\n# it needs lies in pg_wal.\n"
	    "restore_command = '/bin/false'\n"
	    "recovery_target = ''\n"
	    "recovery_target_name = ''\n"
	    "recovery_target_time = ''\n"
	    "recovery_target_xid = ''\n"
	    "recovery_target_lsn = '%s'\n"
	    "recovery_target_inclusive = off\n"
	    "recovery_target_timeline = 'current'\n"
	    "recovery_target_action = 'promote'\n",
	    r->set, r->lsn);
}

bool recovery_write(const struct recovery *r, GError **error)
{
	g_autofree char *path =
	    g_build_filename(r->folder, settings_name, NULL);
	g_autofree char *mark = g_build_filename(r->folder, signal_name, NULL);
	g_autofree char *before = NULL;
	uint64_t lsn;

	if (!r->lsn || !pg_lsn_read(r->lsn, &lsn, NULL))
		return fail(error, GONOGO_ERROR_DATA,
		    "set %s: it tells no point to recover to", r->set);
	if (!r->no_settings && g_file_test(path, G_FILE_TEST_EXISTS)) {
		before = file_read(path, LIMIT_SETTINGS, NULL, error);
		if (!before)
			return false;
	}
	g_autofree char *ours = settings_text(r);
	g_autofree char *all = g_strconcat(before ? before : "", ours, NULL);
	return file_write(path, 0600, all, strlen(all), error) &&
	       file_write(mark, 0600, "", 0, error);
}

bool recovery_give(
    const struct recovery *r, bool owned, uid_t uid, gid_t gid, GError **error)
{
	const char *const names[] = {settings_name, signal_name};

	for (size_t i = 0; owned && i < G_N_ELEMENTS(names); i++) {
		g_autofree char *path =
		    g_build_filename(r->folder, names[i], NULL);
		if (lchown(path, uid, gid) != 0)
			return fail_errno(error, "%s", path);
	}
	return true;
}
