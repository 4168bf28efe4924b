/*
 * The home at another place: home_move().
 */
#include <errno.h>
#include <fcntl.h>

#include "backup/home/home.h"
#include "backup/home/stale.h"
#include "backup/home/state.h"
#include "base/error.h"
#include "bitbucket/home.h"

enum { TICK_S = 2 }; /* of a file system's clock */

/*
 * What has not been written to since before the point must look the same in a
 * snapshot that was made after it.
 */
static bool is_of_now(const struct home *h, int root, const char *folder,
    int64_t point, GError **error)
{
	static const char *const names[] = {
	    HOME_REPOSITORIES, HOME_PROPERTIES, "config"};

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		struct stat live, shown;
		if (fstatat(h->root, names[i], &live, AT_SYMLINK_NOFOLLOW) !=
			0 ||
		    live.st_mtim.tv_sec >= point - TICK_S)
			continue;
		if (fstatat(root, names[i], &shown, AT_SYMLINK_NOFOLLOW) == 0 &&
		    shown.st_mtim.tv_sec == live.st_mtim.tv_sec)
			continue;
		return fail(error, GONOGO_ERROR_DATA,
		    "%s shows %s of another moment, not the home as it is "
		    "now\n"
		    "hint: does [snapshot] mount show the snapshot that was "
		    "just made, and is it of this home?",
		    folder, names[i]);
	}
	return true;
}

static bool is_another(
    const struct home *h, int root, const char *folder, GError **error)
{
	struct stat live, shown;

	if (fstat(h->root, &live) != 0 || fstat(root, &shown) != 0)
		return fail_errno(error, "%s", folder);
	if (live.st_dev != shown.st_dev || live.st_ino != shown.st_ino)
		return true;
	return fail(error, GONOGO_ERROR_DATA,
	    "%s is the live home itself, not a snapshot of it\n"
	    "hint: [snapshot] mount has to print where the snapshot shows it",
	    folder);
}

bool home_move(home *h, const char *folder, int64_t point, GError **error)
{
	g_autofree char *place =
	    g_build_filename(folder, HOME_REPOSITORIES, NULL);
	g_auto(fs_mount) mount = {0};

	if (!home_check(folder, error))
		return false;
	int root = fs_open_folder(folder, error);
	if (root < 0)
		return false;
	if (!is_another(h, root, folder, error) ||
	    !is_of_now(h, root, folder, point, error) ||
	    !fs_mount_of(place, &mount, error)) {
		ignore(close(root));
		return false;
	}
	ignore(close(h->root));
	h->root = h->site.root = root;
	fs_mount_clear(&h->mount);
	h->mount = mount;
	mount = (struct fs_mount){0};
	/* A snapshot stands still: its folders tell all. */
	h->site.local = true;
	state_renumber(h);
	return true;
}
