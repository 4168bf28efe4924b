#include "report/flaws.h"

#include "base/exits.h"
#include "base/log.h"
#include "report/render/escape.h"

GPtrArray *flaws_new(void)
{
	return g_ptr_array_new_with_free_func(g_free);
}

void flaws_add(GPtrArray *flaws, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	g_ptr_array_add(flaws, g_strdup_vprintf(format, arguments));
	va_end(arguments);
}

int flaws_tell(const GPtrArray *flaws)
{
	for (guint i = 0; i < flaws->len; i++) {
		g_autofree char *text =
		    escape_visible(g_ptr_array_index(flaws, i));
		log_warn("%s", text);
	}
	return flaws->len > 0 ? EXITS_INVALID : EXITS_DONE;
}
