#include "backup/verify/flaws.h"

#include "base/error.h"

void flaws_add(struct flaws *f, const char *kind, const char *subject,
    const char *format, ...)
{
	g_autoptr(GMutexLocker) held = g_mutex_locker_new(&f->mutex);
	struct flaw *one = shape_add(&flaw_shape, &f->all);
	va_list arguments;

	va_start(arguments, format);
	one->kind = g_strdup(kind);
	one->subject = g_strdup(subject);
	one->why = g_strdup_vprintf(format, arguments);
	va_end(arguments);
}

bool flaws_take(struct flaws *f, const char *kind, const char *subject,
    GError *why, GError **error)
{
	if (g_error_matches(why, GONOGO_ERROR, GONOGO_ERROR_STOPPED)) {
		g_propagate_error(error, why);
		return false;
	}
	flaws_add(f, kind, subject, "%s", why ? why->message : "unreadable");
	g_clear_error(&why);
	return true;
}

bool flaws_has(struct flaws *f, const char *kind, const char *subject)
{
	g_autoptr(GMutexLocker) held = g_mutex_locker_new(&f->mutex);

	for (guint i = 0; i < list_length(f->all); i++) {
		const struct flaw *one = g_ptr_array_index(f->all, i);
		if (g_str_equal(one->kind, kind) &&
		    g_str_equal(one->subject, subject))
			return true;
	}
	return false;
}
