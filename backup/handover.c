#include "backup/handover.h"

#include "base/file.h"
#include "base/limits.h"
#include "port/fs.h"

bool handover(
    const char *folder, const char *name, const char *from, GError **error)
{
	g_autofree char *to = g_build_filename(folder, name, NULL);
	size_t length = 0;
	g_autofree char *bytes =
	    file_read(from, LIMIT_DOCUMENT, &length, error);

	return bytes && fs_make_folders(folder, 0755, error) &&
	       file_write(to, 0644, bytes, length, error);
}
