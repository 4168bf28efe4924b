#include <fcntl.h>
#include <sys/statfs.h>

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

bool fs_has_inodes(
    const char *path, uint64_t count, const char *what, GError **error)
{
	g_autofree char *there = fs_nearest_folder(path);
	struct statfs status;

	if (statfs(there, &status) != 0)
		return fail_errno(error, "%s", there);
	/* Where they are made as they are needed nobody counts them. */
	if (status.f_files == 0 || (uint64_t)status.f_ffree >= count)
		return true;
	return fail(error, GONOGO_ERROR_SYSTEM,
	    "%s: no space: %s needs up to %" G_GUINT64_FORMAT
	    " files and folders, free are %" G_GUINT64_FORMAT
	    "\nhint: name a place on a volume with more inodes",
	    path, what, count, (uint64_t)status.f_ffree);
}

/* The mount's number, as the kernel counts them: device numbers are shared by
 * bind mounts, and on btrfs they are not those of the mount. */
static bool mount_number(const char *path, uint64_t *number, GError **error)
{
	int fd = open(path, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return fail_errno(error, "%s", path);
	g_autofree char *info = g_strdup_printf("/proc/self/fdinfo/%d", fd);
	g_autofree char *text = file_read(info, LIMIT_SETTINGS, NULL, error);
	ignore(close(fd));
	if (!text)
		return false;
	const char *found = strstr(text, "mnt_id:");
	if (!found)
		return fail(error, GONOGO_ERROR_DATA, "%s: no mnt_id", info);
	*number = g_ascii_strtoull(found + strlen("mnt_id:"), NULL, 10);
	return true;
}

/*
 * 36 35 98:0 /root /point rw,noatime shared:1 - ext3 /dev/root rw,errors=x
 * What stands behind " - " is type, source, options.  Spaces and the like are
 * written as \040.
 */
static bool parse_mount(
    const char *line, uint64_t number, struct fs_mount *mount)
{
	const char *behind = strstr(line, " - ");

	if (!behind || g_ascii_strtoull(line, NULL, 10) != number)
		return false;
	g_auto(GStrv) left = g_strsplit(line, " ", 7);
	g_auto(GStrv) right = g_strsplit(behind + 3, " ", 3);
	if (g_strv_length(left) < 6 || g_strv_length(right) < 3)
		return false;
	mount->point = g_strcompress(left[4]);
	mount->filesystem = g_strdup(right[0]);
	mount->source = g_strcompress(right[1]);
	mount->options = g_strconcat(left[5], ",", right[2], NULL);
	return true;
}

/* In a chroot the mounts above it are hidden: the kernel tells the kind of
 * file system still, and nothing is known of its options. */
static bool hidden_mount(
    const char *path, struct fs_mount *mount, GError **error)
{
	struct fs_space space = {0};

	if (!fs_space(path, &space, error))
		return false;
	*mount = (struct fs_mount){.filesystem = g_strdup(space.filesystem)};
	return true;
}

bool fs_mount_of(const char *path, struct fs_mount *mount, GError **error)
{
	uint64_t number = 0;
	if (!mount_number(path, &number, error))
		return false;
	g_autofree char *text =
	    file_read("/proc/self/mountinfo", LIMIT_DOCUMENT, NULL, error);
	if (!text)
		return false;
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

	for (char **line = lines; *line; line++)
		if (parse_mount(*line, number, mount))
			return true;
	return hidden_mount(path, mount, error);
}

void fs_mount_clear(struct fs_mount *mount)
{
	g_free(mount->point);
	g_free(mount->filesystem);
	g_free(mount->source);
	g_free(mount->options);
	*mount = (struct fs_mount){0};
}
