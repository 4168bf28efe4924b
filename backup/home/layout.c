#include "backup/home/layout.h"

#include <fcntl.h>

#include "backup/home/refs.h"
#include "port/fs.h"

static const char hex[] = "0123456789abcdef";

bool layout_is_fan(const char *name)
{
	return strlen(name) == 2 && strspn(name, hex) == 2;
}

bool layout_is_fan_path(const char *path)
{
	static const char place[] = "objects/";

	return g_str_has_prefix(path, place) &&
	       layout_is_fan(path + strlen(place));
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

/* PATH is below objects/. */
static bool is_object(const char *path, const char *name)
{
	const char *folder = path + strlen("objects/");
	size_t length = (size_t)(name - folder), stem;

	/* "ab/" or "pack/", and a name right behind it. */
	if (length == 3)
		return strspn(folder, hex) == 2 && layout_is_loose(name);
	return length == 5 && g_str_has_prefix(folder, "pack/") &&
	       layout_is_pack(name, &stem);
}

enum layout layout_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;

	if (is_passing(path, name))
		return LAYOUT_SKIP;
	if (refs_is_packed(path))
		return LAYOUT_PACKED;
	if (!g_str_has_prefix(path, "objects/") ||
	    g_str_equal(path, "objects/info/alternates"))
		return LAYOUT_MUTABLE;
	return is_object(path, name) ? LAYOUT_OBJECT : LAYOUT_CACHE;
}

int layout_open(int root, const char *folder)
{
	return fs_open_beneath(
	    root, folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
}
