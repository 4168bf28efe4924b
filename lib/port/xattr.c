#include <errno.h>
#include <sys/xattr.h>

#include "base/error.h"
#include "port/fs.h"

/*
 * They travel as one block: for each, its name with a NUL, the value's length
 * as 32 bits in the host's order, the value.
 */
static bool is_kept(const char *name)
{
	return g_str_has_prefix(name, "user.") ||
	       g_str_has_prefix(name, "system.posix_acl_");
}

void fs_xattr_add(
    GByteArray *block, const char *name, const void *value, size_t length)
{
	uint32_t size = (uint32_t)length;

	g_byte_array_append(
	    block, (const guint8 *)name, (guint)strlen(name) + 1);
	g_byte_array_append(block, (const guint8 *)&size, sizeof size);
	g_byte_array_append(block, value, size);
}

GBytes *fs_xattrs(int fd)
{
	char names[64 * 1024];
	ssize_t length = flistxattr(fd, names, sizeof names);
	g_autoptr(GByteArray) block = NULL;

	for (ssize_t at = 0; at < length;) {
		const char *name = names + at;
		at += (ssize_t)strlen(name) + 1;
		if (!is_kept(name))
			continue;
		if (!block)
			block = g_byte_array_new();
		char value[64 * 1024]; /* the kernel's own limit */
		ssize_t size = fgetxattr(fd, name, value, sizeof value);
		if (size >= 0) /* else it vanished, or is not ours to read */
			fs_xattr_add(block, name, value, (size_t)size);
	}
	return block && block->len
		   ? g_byte_array_free_to_bytes(g_steal_pointer(&block))
		   : NULL;
}

bool fs_xattr_next(GBytes *xattrs, size_t *at, struct fs_xattr *xattr)
{
	gsize size = 0;
	const char *block = xattrs ? g_bytes_get_data(xattrs, &size) : NULL;
	uint32_t length;

	if (*at >= size)
		return false;
	const char *end = memchr(block + *at, 0, size - *at);
	if (!end || (size_t)(block + size - end - 1) < sizeof length)
		return false;
	memcpy(&length, end + 1, sizeof length);
	const char *value = end + 1 + sizeof length;
	if ((size_t)(block + size - value) < length)
		return false;
	*xattr = (struct fs_xattr){block + *at, value, length};
	*at = (size_t)(value - block) + length;
	return true;
}

bool fs_set_xattrs(int fd, GBytes *xattrs, GError **error)
{
	struct fs_xattr x;
	bool good = true;

	for (size_t at = 0; fs_xattr_next(xattrs, &at, &x);)
		if (is_kept(x.name) &&
		    fsetxattr(fd, x.name, x.value, x.length, 0) != 0 && good)
			good = fail_errno(error, "attribute %s", x.name);
	return good;
}
