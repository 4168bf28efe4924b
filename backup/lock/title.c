#include "backup/lock/title.h"

#include <inttypes.h>
#include <sys/prctl.h>

#include "base/error.h"
#include "base/file.h"

enum { ARG_START = 48, STAT_LIMIT = 4096 }; /* fields: proc(5), from 1 */

/* Where the kernel reads our arguments from. */
static bool find_arguments(char **start, size_t *length)
{
	g_autofree char *text =
	    file_read("/proc/self/stat", STAT_LIMIT, NULL, NULL);
	/* The name, field 2, may hold blanks and brackets. */
	const char *rest = text ? strrchr(text, ')') : NULL;
	uintptr_t from = 0, to = 0;

	if (!rest)
		return false;
	g_auto(GStrv) fields = g_strsplit(rest + 1, " ", -1);
	/* fields[0] is empty, fields[1] is field 3. */
	if (g_strv_length(fields) <= ARG_START - 1)
		return false;
	from = (uintptr_t)g_ascii_strtoull(fields[ARG_START - 2], NULL, 10);
	to = (uintptr_t)g_ascii_strtoull(fields[ARG_START - 1], NULL, 10);
	if (from == 0 || to <= from)
		return false;
	*start = (char *)from;
	*length = to - from;
	return true;
}

void title_set(const char *name, const char *text)
{
	char *start = NULL;
	size_t length = 0;

	ignore(prctl(PR_SET_NAME, name));
	if (!find_arguments(&start, &length))
		return;
	memset(start, 0, length);
	g_strlcpy(start, text, length);
}
