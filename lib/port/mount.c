#include <errno.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>

#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"
#include "port/fs.h"

bool fs_space(const char *path, struct fs_space *space, GError **error)
{
	static const struct {
		unsigned long magic;
		const char *name;
	} known[] = {
	    {0xef53, "ext4"},
	    {0x58465342, "xfs"},
	    {0x9123683e, "btrfs"},
	    {0x2fc12fc1, "zfs"},
	    {0x6969, "nfs"},
	    {0x01021994, "tmpfs"},
	    {0x794c7630, "overlay"},
	    {0xff534d42, "cifs"},
	    {0x65735546, "fuse"},
	};
	struct statfs status;

	if (statfs(path, &status) != 0)
		return fail_errno(error, "%s", path);
	space->free_bytes = status.f_bavail * (uint64_t)status.f_bsize;
	space->size_bytes = status.f_blocks * (uint64_t)status.f_bsize;
	g_snprintf(space->filesystem, sizeof space->filesystem, "0x%lx",
	    (unsigned long)status.f_type);
	for (size_t i = 0; i < G_N_ELEMENTS(known); i++)
		if (known[i].magic == (unsigned long)status.f_type)
			g_strlcpy(space->filesystem, known[i].name,
			    sizeof space->filesystem);
	return true;
}

bool fs_has_room(
    const char *path, uint64_t bytes, const char *what, GError **error)
{
	g_autofree char *there = fs_nearest_folder(path);
	struct fs_space space = {0};

	if (!fs_space(there, &space, error))
		return false;
	if (space.free_bytes >= bytes)
		return true;
	g_autofree char *need = g_format_size(bytes);
	g_autofree char *have = g_format_size(space.free_bytes);
	return fail(error, GONOGO_ERROR_SYSTEM,
	    "%s: no space: %s needs up to %s, free are %s\n"
	    "hint: make room there, or name a place on a larger volume",
	    path, what, need, have);
}

/* Spaces and the like stand as \040 in /proc/self/mountinfo. */
static char *plain(const char *field)
{
	return g_strcompress(field);
}

/*
 * 36 35 98:0 /root /point rw,noatime shared:1 - ext3 /dev/root rw,errors=x
 * Field 3 is the device; what stands behind " - " is type, source, options.
 */
bool fs_mount_of(const char *path, struct fs_mount *mount, GError **error)
{
	struct stat status;
	if (stat(path, &status) != 0)
		return fail_errno(error, "%s", path);
	g_autofree char *device = g_strdup_printf(
	    "%u:%u", major(status.st_dev), minor(status.st_dev));
	g_autofree char *text =
	    file_read("/proc/self/mountinfo", LIMIT_DOCUMENT, NULL, error);
	if (!text)
		return false;
	g_autofree char *real = realpath(path, NULL);
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	g_auto(fs_mount) best = {0};

	for (char **line = lines; *line; line++) {
		char *behind = strstr(*line, " - ");
		if (!behind)
			continue;
		g_auto(GStrv) left = g_strsplit(*line, " ", 7);
		g_auto(GStrv) right = g_strsplit(behind + 3, " ", 3);
		if (g_strv_length(left) < 6 || g_strv_length(right) < 3 ||
		    !g_str_equal(left[2], device))
			continue;
		/* Bind mounts share a device: the longest point above wins. */
		g_autofree char *point = plain(left[4]);
		size_t length = strlen(point);
		bool above =
		    real && g_str_has_prefix(real, point) &&
		    (length == 1 || real[length] == '/' || !real[length]);
		if (best.point && (!above || length < strlen(best.point)))
			continue;
		fs_mount_clear(&best);
		best.point = g_steal_pointer(&point);
		best.filesystem = g_strdup(right[0]);
		best.source = plain(right[1]);
		best.options = g_strconcat(left[5], ",", right[2], NULL);
	}
	if (!best.point)
		return fail(error, GONOGO_ERROR_DATA,
		    "%s: its mount (device %s) is not in /proc/self/mountinfo",
		    path, device);
	*mount = best;
	best = (struct fs_mount){0};
	return true;
}

void fs_mount_clear(struct fs_mount *mount)
{
	g_free(mount->point);
	g_free(mount->filesystem);
	g_free(mount->source);
	g_free(mount->options);
	*mount = (struct fs_mount){0};
}
