#include "base/error.h"

#include <errno.h>

GQuark gonogo_error_quark(void)
{
	return g_quark_from_static_string("gonogo-error-quark");
}

bool fail(GError **error, enum gonogo_error code, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	if (error)
		*error = g_error_new_valist(
		    GONOGO_ERROR, (int)code, format, arguments);
	va_end(arguments);
	return false;
}

bool fail_errno(GError **error, const char *format, ...)
{
	int saved = errno;
	va_list arguments;

	va_start(arguments, format);
	g_autofree char *text = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	return fail(
	    error, GONOGO_ERROR_SYSTEM, "%s: %s", text, g_strerror(saved));
}
