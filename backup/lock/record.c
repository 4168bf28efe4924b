#include "backup/lock/record.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>

#include "base/draft.h"
#include "base/error.h"
#include "base/file.h"
#include "port/fs.h"

static const struct field lock_record_fields[] = {
    {"url", FIELD_STRING, offsetof(struct lock_record, url), .must = true},
    {"user", FIELD_STRING, offsetof(struct lock_record, user)},
    {"host", FIELD_STRING, offsetof(struct lock_record, host)},
    {"pid", FIELD_NUMBER, offsetof(struct lock_record, pid)},
    {"at", FIELD_TIME, offsetof(struct lock_record, at)},
    {"until", FIELD_TIME, offsetof(struct lock_record, until)},
    {"unlock_token", FIELD_STRING, offsetof(struct lock_record, unlock_token)},
    {"cancel_token", FIELD_STRING, offsetof(struct lock_record, cancel_token)},
    {0},
};
static const struct shape lock_record_shape = {
    "lock", sizeof(struct lock_record), lock_record_fields};

static void wipe(char *text)
{
	if (text)
		explicit_bzero(text, strlen(text));
}

void lock_record_clear(struct lock_record *r)
{
	wipe(r->unlock_token);
	wipe(r->cancel_token);
	shape_clear(&lock_record_shape, r);
}

char *lock_folder(const char *state_dir)
{
	g_autofree char *absolute = g_canonicalize_filename(state_dir, NULL);

	return g_build_filename(absolute, "lock", NULL);
}

static char *record_path(const char *folder)
{
	return g_build_filename(folder, "lock.json", NULL);
}

static bool fail_held(
    const char *folder, const struct lock_record *r, GError **error)
{
	if (!r->url)
		return fail(error, GONOGO_ERROR_BUSY,
		    "%s: another backup with a lock is running", folder);
	return fail(error, GONOGO_ERROR_BUSY,
	    "%s: the backup with pid %" G_GINT64_FORMAT
	    " on %s holds the lock of %s\n"
	    "hint: wait for it, or stop it with `kill %" G_GINT64_FORMAT
	    "`: it unlocks Bitbucket on its way out",
	    folder, r->pid.value, r->host ? r->host : "this host", r->url,
	    r->pid.value);
}

/* While the backup lives, its watchdog holds on. */
static bool lives(const struct lock_record *r)
{
	return r->url && r->host && r->pid.known &&
	       g_str_equal(r->host, g_get_host_name()) &&
	       (kill((pid_t)r->pid.value, 0) == 0 || errno == EPERM);
}

/* Gives up on a backup that lives, or on any after WAIT_MS. */
static bool wait_for_hold(
    int fd, const char *folder, unsigned wait_ms, GError **error)
{
	const unsigned step_ms = 100;

	for (unsigned waited_ms = 0;; waited_ms += step_ms) {
		g_auto(lock_record) r = {0};
		bool found = false;

		if (flock(fd, LOCK_EX | LOCK_NB) == 0)
			return true;
		if (errno != EWOULDBLOCK)
			return fail_errno(error, "flock of %s", folder);
		/* None, or not to be read: then who holds it is not known. */
		ignore(!lock_record_load(folder, &r, &found, NULL));
		if (waited_ms >= wait_ms || lives(&r))
			return fail_held(folder, &r, error);
		g_usleep(step_ms * 1000);
	}
}

bool lock_folder_hold(
    const char *folder, unsigned wait_ms, int *fd, GError **error)
{
	if (!fs_make_folders(folder, 0700, error))
		return false;
	int folder_fd = fs_open_folder(folder, error);
	if (folder_fd < 0)
		return false;
	if (!wait_for_hold(folder_fd, folder, wait_ms, error)) {
		ignore(close(folder_fd));
		return false;
	}
	*fd = folder_fd;
	return true;
}

bool lock_record_save(
    const char *folder, const struct lock_record *r, GError **error)
{
	g_autofree char *path = record_path(folder);
	g_autoptr(json) document = document_write(&lock_record_shape, r);
	char *text = json_pretty(document);
	bool saved = file_write(path, 0600, text, strlen(text), error);

	wipe(text);
	g_free(text);
	return saved;
}

bool lock_record_load(
    const char *folder, struct lock_record *r, bool *found, GError **error)
{
	g_autofree char *path = record_path(folder);

	if (access(path, F_OK) != 0 && errno == ENOENT) {
		*found = false;
		return true;
	}
	if (!document_load(&lock_record_shape, path, r, error))
		return false;
	*found = true;
	return true;
}

bool lock_record_remove(const char *folder, GError **error)
{
	g_autofree char *path = record_path(folder);

	if (unlink(path) != 0 && errno != ENOENT)
		return fail_errno(error, "removing %s", path);
	return draft_sync_folder(path, error);
}
