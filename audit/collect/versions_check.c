#include "audit/collect/versions_check.h"

#include "audit/rules/condition.h"
#include "base/clock.h"
#include "base/error.h"
#include "bitbucket/version.h"
#include "contract/finding.h"

static bool check_date(const json *object, const char *path, GError **error)
{
	const char *text = NULL;
	int64_t seconds = 0;

	if (!json_string(object, path, &text, error))
		return false;
	if (!clock_parse(text, &seconds, error)) {
		g_prefix_error(error, "%s: ", *path ? path : json_key(object));
		return false;
	}
	return true;
}

static bool check_version(
    const char *text, struct version *version, GError **error)
{
	if (!text)
		return fail(error, GONOGO_ERROR_DATA, "a version is missing");
	return version_parse(text, version, error);
}

static bool check_line(const json *line, GError **error)
{
	const json *releases = NULL;
	struct version of = {0};

	if (!check_version(json_text(line, "line"), &of, error) ||
	    (json_find(line, "eol") && !check_date(line, "eol", error)) ||
	    !json_object(line, "releases", &releases, error))
		return false;
	json_each (release, releases) {
		struct version version = {0};

		if (!check_version(json_key(release), &version, error) ||
		    !check_date(release, "", error))
			return false;
		if (!version_same_line(&of, &version))
			return fail(error, GONOGO_ERROR_DATA,
			    "%s stands in line %s", json_key(release),
			    json_text(line, "line"));
	}
	return true;
}

static bool check_advisory(const json *advisory, GError **error)
{
	struct version version = {0};
	const char *id = NULL;

	if (!json_string(advisory, "id", &id, error) ||
	    !check_date(advisory, "published", error))
		return false;
	json_each (range, json_find(advisory, "ranges"))
		if (!check_version(
			json_text(range, "introduced"), &version, error) ||
		    !check_version(
			json_text(range, "fixed"), &version, error)) {
			g_prefix_error(error, "%s: ", id);
			return false;
		}
	return true;
}

static bool is_severity(const char *text)
{
	return !text || g_strv_contains(severity_names, text);
}

/* A condition that nobody can read would leave its note to a person for ever,
 * and nobody would know that it is the pack's fault. */
static bool check_condition(const json *condition, GError **error)
{
	const char *fact = NULL, *op = NULL, *value = NULL;
	bool needs_value = false;

	return json_string(condition, "fact", &fact, error) &&
	       json_string(condition, "op", &op, error) &&
	       (*fact == '/' || fail(error, GONOGO_ERROR_DATA,
				    "%s: a fact begins with a slash", fact)) &&
	       (condition_op(op, &needs_value) ||
		   fail(error, GONOGO_ERROR_DATA, "no op '%s'", op)) &&
	       (!needs_value || json_string(condition, "value", &value, error));
}

static bool check_note(const json *note, GError **error)
{
	struct version version = {0};
	const char *id = NULL, *text = NULL;

	if (!check_version(json_text(note, "at"), &version, error) ||
	    !json_string(note, "id", &id, error) ||
	    !json_string(note, "text", &text, error))
		return false;
	if (!is_severity(json_text(note, "severity")))
		return fail(error, GONOGO_ERROR_DATA, "%s: no severity '%s'",
		    id, json_text(note, "severity"));
	json_each (condition, json_find(note, "when"))
		if (!check_condition(condition, error)) {
			g_prefix_error(error, "%s: ", id);
			return false;
		}
	return true;
}

/* An answer is to one note alone. */
static bool check_ids(const json *notes, GError **error)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

	json_each (note, notes) {
		const char *id = json_text(note, "id");
		if (!g_hash_table_add(seen, (char *)id))
			return fail(error, GONOGO_ERROR_DATA,
			    "upgrade_notes: %s stands there twice", id);
	}
	return true;
}

static bool check_regression(const json *regression, GError **error)
{
	const char *text = NULL;

	return json_string(regression, "id", &text, error) &&
	       json_string(regression, "text", &text, error);
}

static bool check_each(const json *root, const char *key,
    bool (*check)(const json *row, GError **error), GError **error)
{
	const json *list = NULL;

	if (!json_array(root, key, &list, error))
		return false;
	json_each (row, list)
		if (!check(row, error)) {
			g_prefix_error(error, "%s: ", key);
			return false;
		}
	return true;
}

bool versions_check(const json *root, GError **error)
{
	const char *text = NULL;

	if (g_strcmp0(json_text(root, "schema"), "gonogo.versions/1") != 0)
		return fail(error, GONOGO_ERROR_DATA,
		    "not a pack of schema gonogo.versions/1");
	return json_string(root, "name", &text, error) &&
	       json_string(root, "version", &text, error) &&
	       check_date(root, "as_of", error) &&
	       check_date(root, "stale_after", error) &&
	       check_each(root, "lines", check_line, error) &&
	       check_each(root, "advisories", check_advisory, error) &&
	       check_each(root, "upgrade_notes", check_note, error) &&
	       check_ids(json_find(root, "upgrade_notes"), error) &&
	       check_each(root, "known_regressions", check_regression, error);
}
