#include "backup/drill/here.h"

#include "base/file.h"

enum { LINE_BYTES = 1 << 20 };

/* docs/sources.md#process: a JVM that is told Bitbucket's home, or starts its
 * launcher. */
static bool is_bitbucket(const char *line, size_t length)
{
	const char *end = line + length;
	g_autofree char *program = g_path_get_basename(line);

	if (!g_str_has_prefix(program, "java"))
		return false;
	for (const char *word = line; word < end; word += strlen(word) + 1)
		if (g_str_has_prefix(word, "-Dbitbucket.home=") ||
		    g_str_has_prefix(word, "com.atlassian.bitbucket."))
			return true;
	return false;
}

int here_bitbucket(void)
{
	g_autoptr(GDir) processes = g_dir_open("/proc", 0, NULL);

	for (const char *name;
	     processes && (name = g_dir_read_name(processes));) {
		guint64 pid;
		size_t length = 0;
		if (!g_ascii_string_to_unsigned(
			name, 10, 1, G_MAXINT, &pid, NULL))
			continue;
		g_autofree char *path =
		    g_build_filename("/proc", name, "cmdline", NULL);
		g_autofree char *line =
		    file_read(path, LINE_BYTES, &length, NULL);
		if (line && length > 0 && is_bitbucket(line, length))
			return (int)pid;
	}
	return 0;
}
