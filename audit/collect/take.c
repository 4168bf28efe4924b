#include "audit/collect/take.h"

#include "base/clock.h"
#include "base/error.h"

static bool is_absent(const json *value, const char *path)
{
	const json *found = json_find(value, path);

	return !found || json_kind(found) == JSON_NULL;
}

bool must_string(
    const json *value, const char *path, char **out, GError **error)
{
	const char *text = NULL;

	if (!json_string(value, path, &text, error))
		return false;
	if (!*text)
		return fail(error, GONOGO_ERROR_DATA, "%s: empty", path);
	g_free(*out);
	*out = g_strdup(text);
	return true;
}

bool must_number(
    const json *value, const char *path, struct number *out, GError **error)
{
	int64_t number = 0;

	if (!json_i64(value, path, &number, error))
		return false;
	*out = number_of(number);
	return true;
}

bool must_flag(
    const json *value, const char *path, struct flag *out, GError **error)
{
	bool flag = false;

	if (!json_bool(value, path, &flag, error))
		return false;
	*out = flag_of(flag);
	return true;
}

bool take_string(
    const json *value, const char *path, char **out, GError **error)
{
	const char *text = NULL;

	if (is_absent(value, path))
		return true;
	if (!json_string(value, path, &text, error))
		return false;
	g_free(*out);
	*out = *text ? g_strdup(text) : NULL;
	return true;
}

bool take_number(
    const json *value, const char *path, struct number *out, GError **error)
{
	return is_absent(value, path) || must_number(value, path, out, error);
}

bool take_flag(
    const json *value, const char *path, struct flag *out, GError **error)
{
	return is_absent(value, path) || must_flag(value, path, out, error);
}

bool take_time(
    const json *value, const char *path, struct number *out, GError **error)
{
	const char *text = json_text(value, path);
	int64_t seconds = 0;

	if (is_absent(value, path))
		return true;
	if (text) {
		if (!clock_parse(text, &seconds, error)) {
			g_prefix_error(error, "%s: ", path);
			return false;
		}
	} else {
		if (!json_i64(value, path, &seconds, error))
			return false;
		seconds /= 1000;
	}
	*out = number_of(seconds);
	return true;
}
