#include "backup/home/layout.h"

#include <fcntl.h>
#include <inttypes.h>

#include "backup/home/refs.h"
#include "bitbucket/home.h"
#include "port/fs.h"

static const char hex[] = "0123456789abcdef";

bool layout_is_fan(const char *name)
{
	return strlen(name) == 2 && strspn(name, hex) == 2;
}

bool layout_is_loose(const char *name)
{
	return strlen(name) == OID_HEX - 2 && strspn(name, hex) == OID_HEX - 2;
}

bool layout_is_pack(const char *name, size_t *stem)
{
	static const char *const ends[] = {
	    ".pack", ".idx", ".rev", ".bitmap", ".mtimes", ".promisor"};
	static const char start[] = "pack-";
	size_t length = strlen(start);

	if (!g_str_has_prefix(name, start))
		return false;
	length += strspn(name + length, hex);
	for (size_t i = 0; i < G_N_ELEMENTS(ends); i++)
		if (g_str_equal(name + length, ends[i])) {
			*stem = length;
			return true;
		}
	return false;
}

/* Half of something, or a mark of who works here now. */
static bool is_passing(const char *path, const char *name)
{
	return g_str_has_suffix(name, ".lock") || g_str_equal(path, "gc.pid") ||
	       (g_str_has_prefix(path, "objects/") &&
		   (g_str_has_prefix(name, "tmp_") ||
		       g_str_has_prefix(name, "incoming-") ||
		       g_str_has_prefix(name, ".tmp-")));
}

enum layout layout_of(const char *path)
{
	g_autofree char *name = g_path_get_basename(path);
	size_t stem;

	if (is_passing(path, name))
		return LAYOUT_SKIP;
	if (refs_is_packed(path))
		return LAYOUT_PACKED;
	if (!g_str_has_prefix(path, "objects/") ||
	    g_str_equal(path, "objects/info/alternates"))
		return LAYOUT_MUTABLE;
	g_auto(GStrv) parts = g_strsplit(path, "/", 4);
	if (g_strv_length(parts) == 3 &&
	    ((layout_is_fan(parts[1]) && layout_is_loose(parts[2])) ||
		(g_str_equal(parts[1], "pack") &&
		    layout_is_pack(parts[2], &stem))))
		return LAYOUT_OBJECT;
	return LAYOUT_CACHE;
}

int layout_open(int root, uint64_t id)
{
	g_autofree char *path =
	    g_strdup_printf(HOME_REPOSITORIES "/%" PRIu64, id);

	return fs_open_beneath(
	    root, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
}
