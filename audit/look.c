/*
 * `gonogo-audit look`: the first ten seconds, without login or settings.
 *
 *     URL             /status and application-properties
 *     folder, zip     the last start in the application logs
 *     version pack    all the rest: it needs no network
 */
#include <inttypes.h>
#include <sys/stat.h>

#include "audit/collect/boot.h"
#include "audit/collect/read_cluster.h"
#include "audit/collect/versions.h"
#include "audit/verbs.h"
#include "base/cli.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/share.h"
#include "bitbucket/rest.h"
#include "bitbucket/version.h"

enum { REPLY_MS = 4000, LOGS_S = 8, DAY = 86400, NAMED = 2 };

struct look {
	const char *at; /* as the user wrote it */
	bool live;
	char *state; /* of the node that answered; NULL: unknown */
	char *version, *build;
	char *seen;         /* when a log says so; NULL: now */
	GPtrArray *passed;  /* logs that were not read; NULL: none */
	struct facts facts; /* packs and knowledge alone */
};

static void look_clear(struct look *l)
{
	g_free(l->state);
	g_free(l->version);
	g_free(l->build);
	g_free(l->seen);
	g_clear_pointer(&l->passed, g_ptr_array_unref);
	facts_clear(&l->facts);
}
typedef struct look look;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(look, look_clear)

/* ---- seeing ---- */

static bool look_at_url(struct look *l, GError **error)
{
	const struct http_options options = {
	    .url = l->at, .timeout_ms = REPLY_MS, .attempts = 1};
	g_autoptr(http) h = http_open(&options, error);

	if (!h)
		return false;
	g_autoptr(json) body =
	    rest_get(h, "/rest/api/latest/application-properties", error);
	if (!body)
		return false;
	if (!read_version(body, &l->version, &l->build, error)) {
		g_prefix_error(error, "%s: ", l->at);
		return false;
	}
	l->live = true;
	l->state = rest_state(h, NULL);
	return true;
}

static bool look_at_files(struct look *l, GError **error)
{
	g_auto(boot) b = {0};

	if (!boot_find(l->at, LOGS_S, &b, error))
		return false;
	l->version = g_steal_pointer(&b.version);
	l->passed = g_steal_pointer(&b.passed);
	l->seen = g_strdup_printf("%s in %s", b.at, b.file);
	return true;
}

/* The target is the newest bug-fix release of the line that runs. */
static bool look_up(struct look *l, GError **error)
{
	g_autofree char *path =
	    share_file("audit/packs/bitbucket-versions.yaml", error);
	size_t length = 0;
	g_autofree char *text =
	    path ? file_read(path, LIMIT_PACK, &length, error) : NULL;
	g_autoptr(versions) v =
	    text ? versions_read(text, length, path, error) : NULL;
	g_auto(facts) line = {0};

	if (!v)
		return false;
	versions_pack(v, shape_add(&pack_shape, &l->facts.packs));
	versions_know(v, l->version, NULL, &line.knowledge);
	versions_know(v, l->version, line.knowledge.newest_of_line.version,
	    &l->facts.knowledge);
	return true;
}

/* ---- what it means ---- */

enum step { STEP_UNKNOWN, STEP_NONE, STEP_ROLLING, STEP_TOO_OLD };

/* docs/sources.md#rolling-upgrade: documented from 7.9 on, bug-fix steps. */
static enum step step_of(const struct look *l)
{
	const char *newest = l->facts.knowledge.newest_of_line.version;
	static const struct version first = {7, 9, 0};
	struct version from = {0};
	struct version to = {0};

	if (!newest || !version_parse(l->version, &from, NULL) ||
	    !version_parse(newest, &to, NULL))
		return STEP_UNKNOWN;
	if (version_compare(&from, &to) >= 0)
		return STEP_NONE;
	return version_compare(&from, &first) < 0 ? STEP_TOO_OLD : STEP_ROLLING;
}

static bool is_fixed(const struct advisory *a)
{
	return a->fixed_by_target.known && a->fixed_by_target.value;
}

/* Gives "2: CVE-1 (high), CVE-2 (low)", or "none known". */
static char *list_advisories(const struct look *l, bool fixed)
{
	const struct knowledge *k = &l->facts.knowledge;
	g_autoptr(GString) list = g_string_new(NULL);
	unsigned count = 0;

	for (guint i = 0; i < list_length(k->advisories); i++) {
		const struct advisory *a = g_ptr_array_index(k->advisories, i);
		if (is_fixed(a) != fixed)
			continue;
		g_string_append_printf(list, "%s%s (%s)", count++ ? ", " : "",
		    a->id, a->severity ? a->severity : "severity unknown");
	}
	return count ? g_strdup_printf("%u: %s", count, list->str)
		     : g_strdup("none known");
}

static int64_t days_from(int64_t now, int64_t then)
{
	return (then - now) / DAY;
}

static char *date_of(struct number at)
{
	char *text = at.known ? clock_text(at.value) : g_strdup("unknown");

	text[strcspn(text, "T")] = '\0';
	return text;
}

static char *tell_end(const struct knowledge *k, int64_t now)
{
	g_autofree char *date = date_of(k->line_ends_at);

	if (!k->line_ends_at.known)
		return g_strdup("not known");
	int64_t days = days_from(now, k->line_ends_at.value);
	return days >= 0
		   ? g_strdup_printf("%s, in %" PRId64 " days", date, days)
		   : g_strdup_printf("%s, %" PRId64 " days ago", date, -days);
}

static char *tell_newest(const struct look *l)
{
	const struct release *newest = &l->facts.knowledge.newest_of_line;
	g_autofree char *date = date_of(newest->released_at);

	if (!newest->version)
		return g_strdup("the pack does not know this line");
	return g_strdup_printf("%s, released %s", newest->version, date);
}

static char *tell_step(const struct look *l)
{
	const char *newest = l->facts.knowledge.newest_of_line.version;

	switch (step_of(l)) {
	case STEP_NONE:
		return g_strdup(
		    "no newer bug-fix release of the line is known");
	case STEP_ROLLING:
		return g_strdup_printf("%s -> %s is a bug-fix step: possible "
				       "on two or more nodes",
		    l->version, newest);
	case STEP_TOO_OLD:
		return g_strdup("not documented before 7.9");
	default:
		return g_strdup("not known for this version");
	}
}

/* ---- telling ---- */

static void print_next(const struct look *l)
{
	const char *newest = l->facts.knowledge.newest_of_line.version;

	printf("next:\n");
	if (l->live)
		printf("  gonogo init --url %s\n", l->at);
	else
		printf("  gonogo init\n");
	printf("  gonogo doctor -c gonogo.conf\n"
	       "  gonogo run -c gonogo.conf --plan%s%s\n",
	    newest ? "        # [target] version = " : "",
	    newest ? newest : "");
}

static void print_text(const struct look *l)
{
	const struct knowledge *k = &l->facts.knowledge;
	const struct pack *pack = g_ptr_array_index(l->facts.packs, 0);
	g_autofree char *newest = tell_newest(l);
	g_autofree char *end = tell_end(k, clock_now());
	g_autofree char *fixed = list_advisories(l, true);
	g_autofree char *open = list_advisories(l, false);
	g_autofree char *step = tell_step(l);
	g_autofree char *as_of = date_of(pack->as_of);

	printf("Bitbucket %s%s", l->version,
	    k->current_listed.value ? ""
				    : ", which the version pack does not "
				      "list");
	if (l->live)
		printf(", %s", l->state ? l->state : "state unknown");
	else
		printf(", started %s", l->seen);
	printf("\n"
	       "  newest bug-fix   %s\n"
	       "  end of life      %s%s\n"
	       "  it would fix     %s\n"
	       "  still open       %s\n"
	       "  rolling upgrade  %s\n"
	       "  as known on      %s\n",
	    newest, end, k->long_term.value ? " (long-term support)" : "",
	    fixed, open, step, as_of);
	for (guint i = 0; l->passed && i < MIN(l->passed->len, NAMED); i++)
		printf("  not read         %s\n",
		    (char *)g_ptr_array_index(l->passed, i));
	if (l->passed && l->passed->len > NAMED)
		printf("  not read         %u more: see --json\n",
		    l->passed->len - NAMED);
	print_next(l);
}

static void append_advisories(json *document, const struct look *l)
{
	const struct knowledge *k = &l->facts.knowledge;
	json *fixed = json_set(document, "fixed", json_new_array());
	json *open = json_set(document, "open", json_new_array());

	for (guint i = 0; i < list_length(k->advisories); i++) {
		const struct advisory *a = g_ptr_array_index(k->advisories, i);
		json_append_string(is_fixed(a) ? fixed : open, a->id);
	}
}

static bool print_json(const struct look *l, GError **error)
{
	const struct knowledge *k = &l->facts.knowledge;
	const struct pack *pack = g_ptr_array_index(l->facts.packs, 0);
	g_autoptr(json) document = json_new_object();
	g_autofree char *end = date_of(k->line_ends_at);
	g_autofree char *as_of = date_of(pack->as_of);
	enum step step = step_of(l);

	json_set_string(document, "schema", "gonogo.look/1");
	json_set_string(document, "at", l->at);
	json_set_string(document, "version", l->version);
	json_set_string(document, "build", l->build);
	json_set_string(document, "state", l->state);
	json_set_string(document, "seen", l->seen);
	json_set_bool(document, "listed", k->current_listed.value);
	json_set_string(document, "newest", k->newest_of_line.version);
	json_set_string(document, "as_of", as_of);
	if (k->line_ends_at.known) {
		json_set_string(document, "line_ends", end);
		json_set_i64(document, "line_ends_days",
		    days_from(clock_now(), k->line_ends_at.value));
	}
	if (step != STEP_UNKNOWN)
		json_set_bool(document, "rolling", step == STEP_ROLLING);
	append_advisories(document, l);
	if (l->passed) {
		json *list = json_set(document, "not_read", json_new_array());
		for (guint i = 0; i < l->passed->len; i++)
			json_append_string(
			    list, g_ptr_array_index(l->passed, i));
	}
	return json_write(document, "-", error);
}

int verb_look(int argc, char **argv, GError **error)
{
	gboolean as_json = FALSE;
	const GOptionEntry options[] = {
	    {"json", 0, 0, G_OPTION_ARG_NONE, &as_json,
		"one JSON document on stdout", NULL},
	    {0},
	};
	g_auto(look) l = {0};

	if (!cli_parse(&argc, argv, options, "URL|FOLDER|ZIP", 1, 1,
		"Tells in ten seconds, without a login: the version, what is "
		"newer, how long it\nlives, and the next commands. A folder is "
		"a node's home or its logs; a zip is a\nsupport zip.",
		error))
		return -1;
	l.at = argv[1];
	bool seen = strstr(l.at, "://") ? look_at_url(&l, error)
					: look_at_files(&l, error);
	if (!seen || !look_up(&l, error))
		return -1;
	if (as_json)
		return print_json(&l, error) ? EXITS_DONE : -1;
	print_text(&l);
	return EXITS_DONE;
}
