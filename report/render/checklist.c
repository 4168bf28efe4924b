#include "report/render/checklist.h"

#include "base/hash.h"
#include "report/render/svg.h"
#include "report/render/words.h"

/*
 * docs/sources.md#guide: what the guide asks for, in its order.  The last row
 * takes the areas that no other row names.
 */
static const struct step {
	const char *title, *asks;
	const char *areas[4]; /* ended by NULL */
} steps[] = {
    {"The step", "A bug-fix upgrade within one line, upward.", {"path"}},
    {"The cluster",
	"Several nodes, all active, one version, a Data Center licence, and "
	"the cluster stable.",
	{"cluster", "licence"}},
    {"Enough nodes",
	"The other nodes carry the load while one is away, or a temporary "
	"node is added.",
	{"capacity"}},
    {"Notes and platforms",
	"The notes of the target and of every version on the way; supported "
	"platforms.",
	{"notes", "platform", "config"}},
    {"Logs and health",
	"The log analyser and the health checks of the support tools show "
	"nothing that stops an upgrade.",
	{"logs", "health"}},
    {"Apps", "Every installed app is compatible with the target.", {"apps"}},
    {"App freeze",
	"Nobody installs or updates apps during the upgrade; the other "
	"administrators know.",
	{"freeze"}},
    {"Backup",
	"Home folder and database are saved consistently, and the copy is "
	"proved.",
	{"backup"}},
    {"Staging", "The same step was rehearsed on a copy.", {"staging"}},
    {"Evidence", "What the answers above rest on is complete and fresh.",
	{"evidence", NULL}},
};

static bool takes(const struct step *step, const char *area)
{
	for (size_t i = 0; i < G_N_ELEMENTS(step->areas) && step->areas[i]; i++)
		if (g_str_equal(step->areas[i], area))
			return true;
	return false;
}

static const struct step *step_of(const char *area)
{
	for (size_t i = 0; i < G_N_ELEMENTS(steps); i++)
		if (takes(&steps[i], area))
			return &steps[i];
	return &steps[G_N_ELEMENTS(steps) - 1];
}

const char *checklist_step(const char *key)
{
	g_autofree char *area = g_strndup(key, strcspn(key, "-/"));
	g_autofree char *lower = g_ascii_strdown(area, -1);

	return step_of(lower)->title;
}

char *checklist_anchor(const struct findings *findings, const char *key)
{
	if (!findings_find(findings, key))
		return NULL;
	g_autofree char *digest = hash_hex(key, strlen(key));
	return g_strdup_printf("f-%.12s", digest);
}

/* ---- one finding ---- */

/* A link leads to the web or into the bundle, nowhere else. */
static bool is_web(const char *url)
{
	return url && (g_str_has_prefix(url, "https://") ||
			  g_str_has_prefix(url, "http://"));
}

static char *bundle_link(const char *file)
{
	return file && g_str_has_prefix(file, "raw/") && !strstr(file, "..")
		   ? g_uri_escape_string(file, "/", FALSE)
		   : NULL;
}

static json *write_evidence(const struct witness *e)
{
	json *object = json_new_object();
	g_autofree char *link = bundle_link(e->file);
	g_autofree char *brief = e->sha256 ? g_strndup(e->sha256, 12) : NULL;

	json_set_string(object, "what", e->what);
	json_set_string(object, "observed", e->observed);
	json_set_string(object, "expected", e->expected);
	json_set_string(object, "file", e->file);
	json_set_string(object, "link", link);
	json_set_string(object, "sha256", e->sha256);
	json_set_string(object, "sha256_brief", brief);
	return object;
}

static json *write_reference(const struct reference *r)
{
	json *object = json_new_object();

	json_set_string(object, "kind", r->kind);
	json_set_string(object, "id", r->id ? r->id : r->url);
	if (is_web(r->url))
		json_set_string(object, "url", r->url);
	return object;
}

static void write_lists(json *object, const struct finding *f)
{
	if (list_length(f->evidence) > 0) {
		json *outer = json_set(object, "evidence", json_new_object());
		json *list = json_set(outer, "list", json_new_array());
		for (guint i = 0; i < f->evidence->len; i++)
			json_append(list,
			    write_evidence(g_ptr_array_index(f->evidence, i)));
	}
	if (list_length(f->remediation) > 0) {
		json *outer = json_set(object, "remedies", json_new_object());
		json *list = json_set(outer, "list", json_new_array());
		for (guint i = 0; i < f->remediation->len; i++)
			json_append_string(
			    list, g_ptr_array_index(f->remediation, i));
	}
	if (list_length(f->references) > 0) {
		json *outer = json_set(object, "references", json_new_object());
		json *list = json_set(outer, "list", json_new_array());
		for (guint i = 0; i < f->references->len; i++)
			json_append(list, write_reference(g_ptr_array_index(
					      f->references, i)));
	}
}

static bool mentions(const char *text, const char *id)
{
	return text && strstr(text, id);
}

/*
 * What went well is known by the question, what did not by its answer; the
 * subject is named where neither does.
 */
static void set_headline(json *object, const struct finding *f, bool good)
{
	const char *title = f->title ? f->title : f->check;
	bool answer = f->message && !good;
	const char *id = f->subject.id;
	bool node = g_strcmp0(f->subject.scheme, "node") == 0;
	bool app = g_strcmp0(f->subject.scheme, "app") == 0;
	/* An app's message names it as people do. */
	bool named = !id || mentions(f->message, id) || mentions(title, id) ||
		     !(node || (app && !f->message));

	json_set_string(object, "title", title);
	json_set_string(object, "message", f->message);
	json_set_string(object, "headline", answer ? f->message : title);
	json_set_string(object, "detail", answer ? title : f->message);
	if (!named)
		json_set_string(object, "subject", id);
}

static json *write_finding(
    const struct findings *findings, const struct finding *f)
{
	json *object = json_new_object();
	g_autofree char *anchor = checklist_anchor(findings, f->key);
	struct word word = words_finding(f->outcome, f->severity, f->relation);
	bool good =
	    f->outcome == OUTCOME_PASS || f->outcome == OUTCOME_NOT_APPLICABLE;

	json_set_string(object, "key", f->key);
	json_set_string(object, "check", f->check);
	json_set_string(object, "anchor", anchor);
	words_set(object, "outcome", word);
	set_headline(object, f, good);
	json_set_string(object, "why", f->why);
	json_set_string(object, "severity", severity_names[f->severity]);
	if (!good)
		json_set_string(
		    object, "relation", words_relation(f->relation));
	if (!good && f->relation != RELATION_PRE_EXISTING)
		json_set_string(
		    object, "resolve_by", words_phase(f->resolve_by));
	if (f->required.known && !f->required.value)
		json_set_bool(object, "optional", true);
	words_set_time(
	    object, "data_as_of", f->data_as_of, findings->as_of.value);
	/* What went well is folded away on the page. */
	json_set_bool(object, "open", !good);
	write_lists(object, f);
	return object;
}

/* ---- one step ---- */

static int gravity(const struct finding *f)
{
	static const char *const kinds[] = {
	    "stop", "open", "hand", "warn", "note", "good", "none"};
	struct word word = words_finding(f->outcome, f->severity, f->relation);

	for (int i = 0; i < (int)G_N_ELEMENTS(kinds); i++)
		if (g_str_equal(kinds[i], word.kind))
			return i;
	return 0;
}

static gint by_gravity(gconstpointer a, gconstpointer b)
{
	const struct finding *const *x = a, *const *y = b;

	if (gravity(*x) != gravity(*y))
		return gravity(*x) - gravity(*y);
	return strcmp((*x)->key, (*y)->key);
}

/* What the gravest of its findings makes of a step. */
static struct word state_of(const GPtrArray *list)
{
	static const struct word words[] = {
	    {"stop", "stops the upgrade"},
	    {"open", "not answered"},
	    {"hand", "for a person"},
	    {"warn", "warns"},
	    {"note", "passed, with a note"},
	    {"good", "passed"},
	    {"none", "does not apply"},
	};

	return list->len ? words[gravity(g_ptr_array_index(list, 0))]
			 : (struct word){"hand", "not judged here"};
}

static json *write_step(
    const struct findings *findings, const struct step *step, int number)
{
	json *object = json_new_object();
	g_autoptr(GPtrArray) list = g_ptr_array_new();

	for (guint i = 0; i < list_length(findings->list); i++) {
		struct finding *f = g_ptr_array_index(findings->list, i);
		if (step_of(f->area ? f->area : "") == step)
			g_ptr_array_add(list, f);
	}
	g_ptr_array_sort(list, by_gravity);
	g_autofree char *count = words_count(list->len, "check", "checks");
	g_autofree char *marks = svg_marks(list);

	json_set_i64(object, "number", number);
	json_set_string(object, "title", step->title);
	json_set_string(object, "asks", step->asks);
	words_set(object, "state", state_of(list));
	if (list->len == 0)
		return object;
	json_set_string(object, "count", count);
	json_set_string(object, "marks", marks);
	json *written = json_set(object, "findings", json_new_array());
	for (guint i = 0; i < list->len; i++)
		json_append(written,
		    write_finding(findings, g_ptr_array_index(list, i)));
	return object;
}

json *checklist_write(const struct findings *findings)
{
	json *array = json_new_array();

	for (size_t i = 0; i < G_N_ELEMENTS(steps); i++)
		json_append(array, write_step(findings, &steps[i], (int)i + 1));
	return array;
}
