#include "backup/home/stale.h"

enum {
	NFS_DEFAULT_S = 60, /* acregmax and acdirmax when not given */
	NFS_LONGEST_S = 3600,
	OTHER_S = 2, /* other file systems over a network: about a second */
};

/* The number behind "NAME=" among the options; OTHERWISE: not given. */
static unsigned number(
    const char *options, const char *name, unsigned otherwise)
{
	g_auto(GStrv) words = g_strsplit(options, ",", -1);
	size_t length = strlen(name);
	unsigned found = otherwise;

	for (char **word = words; *word; word++)
		if (strncmp(*word, name, length) == 0 && (*word)[length] == '=')
			found = (unsigned)MIN(
			    g_ascii_strtoull(*word + length + 1, NULL, 10),
			    NFS_LONGEST_S);
	return found;
}

static bool has(const char *options, const char *wanted)
{
	g_auto(GStrv) words = g_strsplit(options, ",", -1);

	return g_strv_contains((const char *const *)words, wanted);
}

static unsigned nfs(const char *options)
{
	unsigned both = number(options, "actimeo", NFS_DEFAULT_S);
	unsigned files = number(options, "acregmax", both);
	unsigned folders = number(options, "acdirmax", both);
	unsigned longest = MAX(files, folders);

	if (has(options, "noac"))
		longest = 0;
	/* Names are looked up again when their folder's time changed, which
	 * has the resolution of the server's clock. */
	if (longest == 0 && !has(options, "lookupcache=none"))
		longest = 1;
	return longest;
}

unsigned stale_s(const struct fs_mount *mount)
{
	static const char *const others[] = {"cifs", "smb", "ceph", "fuse",
	    "9p", "afs", "lustre", "0x" /* has no name here */};

	if (g_str_has_prefix(mount->filesystem, "nfs"))
		return nfs(mount->options ? mount->options : "");
	for (size_t i = 0; i < G_N_ELEMENTS(others); i++)
		if (g_str_has_prefix(mount->filesystem, others[i]))
			return OTHER_S;
	return 0;
}
