#include "audit/collect/versions.h"

#include "audit/collect/versions_check.h"
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

/* A date that versions_check() has seen. */
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
	if (!versions_check(root, error)) {
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

/* A version of the pack, which versions_check() has seen. */
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

static void add_conditions(struct note *note, const json *list)
{
	json_each (row, list) {
		struct condition *c = shape_add(&condition_shape, &note->when);
		c->fact = g_strdup(json_text(row, "fact"));
		c->op = g_strdup(json_text(row, "op"));
		c->value = g_strdup(json_text(row, "value"));
		c->seen = g_strdup(json_text(row, "seen"));
	}
}

static void add_note(
    GPtrArray **list, const json *row, const char *at, const char *text)
{
	struct note *note = shape_add(&note_shape, list);

	note->id = g_strdup(json_text(row, "id"));
	note->at = g_strdup(at);
	note->text = g_strdup(text);
	note->source = g_strdup(json_text(row, "source"));
	note->severity = g_strdup(json_text(row, "severity"));
	add_conditions(note, json_find(row, "when"));
}

static void know_notes(
    const versions *v, const struct step *step, struct knowledge *out)
{
	json_each (row, json_find(v->root, "upgrade_notes")) {
		const char *at = json_text(row, "at");
		struct version version = version_of(at);
		if (is_on_the_way(step, &version))
			add_note(&out->notes, row, at, json_text(row, "text"));
	}
	/* They name no range of versions, so they concern every step. */
	json_each (row, json_find(v->root, "known_regressions")) {
		g_autofree char *text = g_strconcat(
		    json_text(row, "id"), ": ", json_text(row, "text"), NULL);
		add_note(
		    &out->regressions, row, json_text(row, "affects"), text);
	}
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
