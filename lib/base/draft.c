#include "base/draft.h"

#include <fcntl.h>

#include "base/error.h"

bool draft_open(struct draft *d, const char *path, int mode, GError **error)
{
	g_autofree char *partial = g_strconcat(path, ".partial", NULL);
	int fd = open(partial,
	    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);

	if (fd < 0)
		return fail_errno(error, "%s", partial);
	d->fd = fd;
	d->path = g_strdup(path);
	d->partial = g_steal_pointer(&partial);
	return true;
}

bool draft_sync_folder(const char *path, GError **error)
{
	g_autofree char *folder = g_path_get_dirname(path);
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return fail_errno(error, "%s", folder);
	bool synced = fsync(fd) == 0;
	if (!synced)
		fail_errno(error, "fsync of %s", folder);
	ignore(close(fd));
	return synced;
}

bool draft_commit(struct draft *d, GError **error)
{
	/* A failed fsync is never tried again: the bytes may be lost. */
	if (fsync(d->fd) != 0)
		return fail_errno(error, "fsync of %s", d->partial);
	if (rename(d->partial, d->path) != 0)
		return fail_errno(
		    error, "renaming %s to %s", d->partial, d->path);
	/* It is in place now; there is nothing left to abandon. */
	g_autofree char *path = g_steal_pointer(&d->path);
	g_clear_pointer(&d->partial, g_free);
	if (close(d->fd) != 0)
		return fail_errno(error, "closing %s", path);
	return draft_sync_folder(path, error);
}

void draft_abandon(struct draft *d)
{
	if (!d->path)
		return;
	ignore(close(d->fd));
	ignore(unlink(d->partial));
	g_clear_pointer(&d->path, g_free);
	g_clear_pointer(&d->partial, g_free);
}
