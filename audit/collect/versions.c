#include "audit/collect/versions.h"

#include "base/clock.h"
#include "base/error.h"
#include "bitbucket/version.h"
#include "port/yaml.h"

struct versions {
	json *root;
	struct number as_of, stale_after;
};

void versions_free(versions *v)
{
	if (!v)
		return;
	json_free(v->root);
	g_free(v);
}

/* ---- is it whole? ---- */

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

static bool check_note(const json *note, GError **error)
{
	struct version version = {0};
	const char *text = NULL;

	return check_version(json_text(note, "at"), &version, error) &&
	       json_string(note, "text", &text, error);
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

static bool check_whole(const json *root, GError **error)
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
	       check_each(root, "known_regressions", check_regression, error);
}

/* A date that check_whole() has seen. */
static struct number date_of(const json *object, const char *path)
{
	const char *text = json_text(object, path);
	int64_t seconds = 0;

	if (!text || !clock_parse(text, &seconds, NULL))
		return (struct number){0};
	return number_of(seconds);
}

versions *versions_read(
    const char *text, size_t length, const char *name, GError **error)
{
	g_autoptr(json) root = yaml_parse(text, length, name, error);

	if (!root)
		return NULL;
	if (!check_whole(root, error)) {
		g_prefix_error(error, "%s: ", name);
		return NULL;
	}
	struct versions *v = g_new0(struct versions, 1);
	v->as_of = date_of(root, "as_of");
	v->stale_after = date_of(root, "stale_after");
	v->root = g_steal_pointer(&root);
	return v;
}

void versions_pack(const versions *v, struct pack *out)
{
	out->name = g_strdup(json_text(v->root, "name"));
	out->version = g_strdup(json_text(v->root, "version"));
	out->as_of = v->as_of;
	out->stale_after = v->stale_after;
}

/* ---- questions ---- */

/* A version of the pack, which check_whole() has seen. */
static struct version version_of(const char *text)
{
	struct version version = {0};

	ignore(!version_parse(text, &version, NULL));
	return version;
}

static const json *find_line(const versions *v, const struct version *version)
{
	json_each (line, json_find(v->root, "lines")) {
		struct version here = version_of(json_text(line, "line"));
		if (version_same_line(&here, version))
			return line;
	}
	return NULL;
}

static void fill_release(
    const json *line, const json *release, struct release *out)
{
	out->version = g_strdup(json_key(release));
	out->line = g_strdup(json_text(line, "line"));
	out->released_at = date_of(release, "");
}

/* Gives the row of VERSION in *out; false: the pack does not list it. */
static bool find_release(
    const versions *v, const struct version *version, struct release *out)
{
	const json *line = find_line(v, version);

	json_each (release, json_find(line, "releases")) {
		struct version here = version_of(json_key(release));
		if (version_compare(&here, version) == 0) {
			fill_release(line, release, out);
			return true;
		}
	}
	return false;
}

static void find_newest(const json *line, struct release *out)
{
	const json *newest = NULL;

	json_each (release, json_find(line, "releases")) {
		struct version here = version_of(json_key(release));
		struct version best =
		    newest ? version_of(json_key(newest)) : here;
		if (!newest || version_compare(&here, &best) > 0)
			newest = release;
	}
	if (newest)
		fill_release(line, newest, out);
}

/* Ranges are half open: introduced <= VERSION < fixed. */
static bool affects(const json *advisory, const struct version *version)
{
	json_each (range, json_find(advisory, "ranges")) {
		struct version from =
		    version_of(json_text(range, "introduced"));
		struct version to = version_of(json_text(range, "fixed"));
		if (version_compare(&from, version) <= 0 &&
		    version_compare(version, &to) < 0)
			return true;
	}
	return false;
}

/* The step that is asked about. */
struct step {
	bool from_known, to_known;
	struct version from, to;
};

/* A record without versions concerns whatever is older than the record. */
static bool may_concern(const json *advisory, const struct release *current)
{
	struct number published = date_of(advisory, "published");

	return !json_find(advisory, "ranges") && current->released_at.known &&
	       current->released_at.value <= published.value;
}

static void know_advisories(
    const versions *v, const struct step *step, struct knowledge *out)
{
	json_each (row, json_find(v->root, "advisories")) {
		bool now = step->from_known && affects(row, &step->from);
		bool then = step->to_known && affects(row, &step->to);
		bool maybe = may_concern(row, &out->current);

		if (!now && !then && !maybe)
			continue;
		struct advisory *a =
		    shape_add(&advisory_shape, &out->advisories);
		a->id = g_strdup(json_text(row, "id"));
		a->issue = g_strdup(json_text(row, "issue"));
		a->severity = g_strdup(json_text(row, "severity"));
		a->text = g_strdup(json_text(row, "kind"));
		if (step->to_known && !maybe)
			a->fixed_by_target = flag_of(!then);
	}
}

static bool is_on_the_way(
    const struct step *step, const struct version *version)
{
	return step->from_known && step->to_known &&
	       version_compare(&step->from, version) < 0 &&
	       version_compare(version, &step->to) <= 0;
}

static void add_note(GPtrArray **list, const json *row, const char *at)
{
	struct note *note = shape_add(&note_shape, list);
	const char *id = json_text(row, "id");
	const char *text = json_text(row, "text");

	note->at = g_strdup(at);
	note->text = id ? g_strconcat(id, ": ", text, NULL) : g_strdup(text);
	note->source = g_strdup(json_text(row, "source"));
}

static void know_notes(
    const versions *v, const struct step *step, struct knowledge *out)
{
	json_each (row, json_find(v->root, "upgrade_notes")) {
		const char *at = json_text(row, "at");
		struct version version = version_of(at);
		if (is_on_the_way(step, &version))
			add_note(&out->notes, row, at);
	}
	/* They name no range of versions, so they concern every step. */
	json_each (row, json_find(v->root, "known_regressions"))
		add_note(&out->regressions, row, json_text(row, "affects"));
}

/* A bug-fix step often has no note; that is recorded, not assumed. */
static void know_unread(
    const versions *v, const struct step *step, struct knowledge *out)
{
	const json *read = json_find(v->root, "notes_read");

	json_each (line, json_find(v->root, "lines"))
		json_each (release, json_find(line, "releases")) {
			const char *text = json_key(release);
			struct version version = version_of(text);
			if (is_on_the_way(step, &version) &&
			    !(read && json_member(read, text)))
				strings_add(&out->unread, text);
		}
}

static struct flag flag_at(const json *line, const char *key)
{
	const char *text = json_text(line, key);

	if (g_strcmp0(text, "yes") == 0 || g_strcmp0(text, "no") == 0)
		return flag_of(*text == 'y');
	return (struct flag){0};
}

static void know_line(const json *line, struct knowledge *out)
{
	find_newest(line, &out->newest_of_line);
	out->line_ends_at = date_of(line, "eol");
	out->long_term = flag_at(line, "lts");
	out->server_licence_allowed = flag_at(line, "server_licence_allowed");
	out->java = g_strdup(json_text(line, "supported_platforms.java"));
}

void versions_know(const versions *v, const char *current, const char *target,
    struct knowledge *out)
{
	struct step step = {0};

	if (current) {
		step.from_known = version_parse(current, &step.from, NULL);
		out->current_listed =
		    flag_of(step.from_known &&
			    find_release(v, &step.from, &out->current));
	}
	if (target) {
		step.to_known = version_parse(target, &step.to, NULL);
		out->target_listed = flag_of(
		    step.to_known && find_release(v, &step.to, &out->target));
	}
	const struct version *of = target ? &step.to : &step.from;
	const json *line = find_line(v, of);
	if (line)
		know_line(line, out);
	know_advisories(v, &step, out);
	know_notes(v, &step, out);
	know_unread(v, &step, out);
}
