#include "audit/logs/import.h"

#include "audit/logs/java.h"
#include "base/clock.h"
#include "base/error.h"
#include "port/patterns.h"
#include "port/xml.h"

enum { STALE_S = 90 * 86400 };

/* ---- reading ---- */

struct entry {
	char *title, *regex, *url, *id;
};

static void entry_free(gpointer data)
{
	struct entry *e = data;

	g_free(e->title);
	g_free(e->regex);
	g_free(e->url);
	g_free(e->id);
	g_free(e);
}

struct reading {
	GPtrArray *all;     /* struct entry, in their order */
	GHashTable *by_id;  /* id -> index + 1 */
	struct entry *open; /* NULL: outside of one */
	struct log_import *out;
};

static void note(struct log_import *out, const struct entry *e,
    const char *format, ...) G_GNUC_PRINTF(3, 4);

static void note(
    struct log_import *out, const struct entry *e, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	g_autofree char *why = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	g_ptr_array_add(out->notes,
	    g_strdup_printf("%s (%s): %s", e->id ? e->id : "without an Id",
		e->title ? e->title : "without a name", why));
}

static void on_open(const char *name, void *user)
{
	struct reading *r = user;

	if (!r->open && g_str_equal(name, "RegexEntry"))
		r->open = g_new0(struct entry, 1);
}

/* The later entry of an Id takes the place of the earlier. */
static void add(struct reading *r, struct entry *e)
{
	guint at =
	    e->id ? GPOINTER_TO_UINT(g_hash_table_lookup(r->by_id, e->id)) : 0;

	if (at) {
		note(r->out, g_ptr_array_index(r->all, at - 1),
		    "replaced by a later one of its Id");
		entry_free(g_ptr_array_index(r->all, at - 1));
		g_ptr_array_index(r->all, at - 1) = e;
		g_hash_table_replace(r->by_id, e->id, GUINT_TO_POINTER(at));
		return;
	}
	g_ptr_array_add(r->all, e);
	if (e->id)
		g_hash_table_insert(
		    r->by_id, e->id, GUINT_TO_POINTER(r->all->len));
}

static void on_close(const char *name, const char *text, void *user)
{
	struct reading *r = user;

	if (!r->open)
		return;
	const struct {
		const char *name;
		char **member;
	} members[] = {{"pageName", &r->open->title},
	    {"regex", &r->open->regex}, {"URL", &r->open->url},
	    {"Id", &r->open->id}};
	if (g_str_equal(name, "RegexEntry")) {
		add(r, g_steal_pointer(&r->open));
		return;
	}
	for (size_t i = 0; i < G_N_ELEMENTS(members); i++)
		if (g_str_equal(name, members[i].name) && *text) {
			g_free(*members[i].member);
			*members[i].member = g_strdup(text);
		}
}

/* ---- writing ---- */

/* Appends "  KEY: 'TEXT'", on one line as YAML wants it. */
static void put(GString *out, const char *key, const char *text)
{
	g_string_append_printf(out, "  %s: \"", key);
	for (const char *c = text; *c; c++) {
		if (*c == '"' || *c == '\\')
			g_string_append_c(out, '\\');
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			g_string_append_printf(
			    out, "\\x%02x", (unsigned char)*c);
		else
			g_string_append_c(out, *c);
	}
	g_string_append(out, "\"\n");
}

static void put_rule(
    GString *out, const struct entry *e, guint number, const char *regex)
{
	g_autofree char *id = e->id ? g_strconcat("vendor-", e->id, NULL)
				    : g_strdup_printf("vendor-n%u", number);

	g_strcanon(id,
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._",
	    '_');
	g_string_append_printf(out, "- id: %.64s\n", id);
	put(out, "title", e->title ? e->title : "without a name");
	g_string_append(out, "  severity: medium\n  mark: untested\n"
			     "  files: [app]\n  within: line\n");
	put(out, "regex", regex);
	if (e->url) {
		g_string_append(out, "  remediation:\n    refs:\n    - ");
		GString *ref = g_string_new(NULL);
		put(ref, "", e->url);
		g_string_append(out, ref->str + strlen("  : "));
		g_string_free(ref, TRUE);
	}
}

/* Gives the entry's pattern in PCRE's words; NULL: it was left out, and said.
 */
static char *pattern_of(struct log_import *out, const struct entry *e)
{
	const char *why = NULL;
	g_autoptr(GError) error = NULL;
	enum pattern_way way = PATTERN_SCANNED;

	if (!e->regex || g_str_equal(e->regex, "$body")) {
		note(out, e, "left out: no pattern");
		return NULL;
	}
	g_autofree char *regex = java_to_pcre(e->regex, &why);
	if (!regex) {
		note(out, e, "left out: %s", why);
		return NULL;
	}
	const struct pattern p = {.text = regex};
	if (!pattern_judge(&p, NULL, &way, &error)) {
		note(out, e, "left out: %s", error->message);
		return NULL;
	}
	return g_steal_pointer(&regex);
}

static char *write_pack(struct reading *r, const char *name, int64_t now)
{
	g_autofree char *today = clock_text(now);
	g_autofree char *later = clock_text(now + STALE_S);
	GString *out = g_string_new("# Imported from ");

	for (const char *c = name; *c; c++)
		g_string_append_c(out, g_ascii_iscntrl(*c) ? '?' : *c);
	g_string_append_printf(out,
	    ": whose patterns they are, their terms hold.\n"
	    "schema: gonogo.logrules/1\npack: vendor\nversion: %.10s\n"
	    "as_of: %.10s\nstale_after: %.10s\nrules:\n",
	    today, today, later);
	for (guint i = 0; i < r->all->len; i++) {
		const struct entry *e = g_ptr_array_index(r->all, i);
		g_autofree char *regex = pattern_of(r->out, e);
		if (!regex)
			continue;
		put_rule(out, e, i + 1, regex);
		r->out->rules++;
	}
	return g_string_free(out, FALSE);
}

void log_import_clear(struct log_import *i)
{
	g_free(i->pack);
	if (i->notes)
		g_ptr_array_unref(i->notes);
	*i = (struct log_import){0};
}

bool log_import(const char *text, size_t length, const char *name, int64_t now,
    struct log_import *out, GError **error)
{
	static const struct xml_taker taker = {on_open, on_close};
	g_autoptr(GPtrArray) all = g_ptr_array_new();
	g_autoptr(GHashTable) by_id = g_hash_table_new(g_str_hash, g_str_equal);
	struct reading r = {.all = all, .by_id = by_id, .out = out};

	out->notes = g_ptr_array_new_with_free_func(g_free);
	bool good = xml_parse(text, length, name, &taker, &r, error);
	if (good && !all->len)
		good = fail(
		    error, GONOGO_ERROR_DATA, "%s: no RegexEntry in it", name);
	if (good)
		out->pack = write_pack(&r, name, now);
	if (r.open)
		entry_free(r.open);
	g_ptr_array_foreach(all, (GFunc)(void (*)(void))entry_free, NULL);
	if (!good)
		log_import_clear(out);
	return good;
}
