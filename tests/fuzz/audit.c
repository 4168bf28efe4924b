/* Readers of servers' answers, of packs and of logs. */
#include "tests/fuzz/fuzz.h"

#include <string.h>
#include <unistd.h>

#include "audit/collect/jars.h"
#include "audit/collect/read_apps.h"
#include "audit/collect/read_cluster.h"
#include "audit/collect/redact.h"
#include "audit/collect/rows.h"
#include "audit/collect/versions.h"
#include "audit/logs/mask.h"
#include "audit/logs/stream.h"
#include "base/error.h"

/* ---- answers ---- */

/* The facts that an answer left behind are a document as all others. */
static void is_document(struct facts *f)
{
	f->made_at = number_of(1790000000);
	g_autoptr(json) one = document_write(&facts_shape, f);
	g_auto(facts) second = {0};

	HOLDS(CALL(document_read(&facts_shape, one, &second, &error)));
	g_autoptr(json) two = document_write(&facts_shape, &second);
	g_autofree char *a = json_compact(one), *b = json_compact(two);
	HOLDS(g_str_equal(a, b));
}

static const struct row *row_of(unsigned number)
{
	const struct row *row = rows_next(NULL);

	while (row && number-- > 0)
		row = rows_next(row);
	return row ? row : rows_next(NULL);
}

/* Which question it answers says the first byte, from ' ' on. */
static void answer(const char *bytes, size_t length)
{
	static char node_url[] = "n=http://n:1";
	const struct row *row =
	    row_of((fuzz_take(&bytes, &length, 256) - ' ') & 0xff);
	g_autofree char *text = fuzz_text(bytes, length);
	g_autoptr(json) body = json_parse(bytes, length, "x", NULL);
	g_auto(facts) f = {0};
	struct raw_meta meta = {.what = (char *)row->what,
	    .subject = row->per_node ? node_url : NULL,
	    .collector = (char *)row->collector,
	    .at = number_of(1790000000),
	    .http_status = number_of(200),
	    .elapsed_ms = number_of(5),
	    .date = (char *)"Tue, 18 Aug 2026 09:12:44 GMT"};
	const struct reading r = {.name = row->what,
	    .subject = meta.subject,
	    .meta = &meta,
	    .text = text,
	    .body = row->text ? NULL : body,
	    .facts = &f};

	if (!row->read || (!row->text && !body) ||
	    (row->pages && json_kind(body) != JSON_ARRAY))
		return;
	ignore(CALL(row->read(&r, &error)));
	is_document(&f);
}

static void link_(const char *bytes, size_t length)
{
	g_autoptr(json) body = json_parse(bytes, length, "x", NULL);
	g_autofree char *path = NULL, *version = NULL, *build = NULL;

	if (!body)
		return;
	if (CALL((path = apps_compatibility_path(body, "9.4.23", &error))))
		HOLDS(*path == '/');
	ignore(CALL(read_version(body, &version, &build, &error)));
}

static void redact(const char *bytes, size_t length)
{
	g_autoptr(redactor) r = redactor_new("/nowhere/key", NULL);
	g_autoptr(secret) s = secret_new("hidden-5tgb");
	g_autofree char *text = fuzz_text(bytes, length);
	g_autoptr(json) body = json_parse(bytes, length, "x", NULL);

	HOLDS(r);
	redactor_hide(r, "p", s);
	g_autofree char *plain = redact_text(r, text);
	g_autofree char *unknown = redact_unknown(r, text);
	HOLDS(!strstr(plain, "hidden-5tgb"));
	HOLDS(!strstr(unknown, "hidden-5tgb"));
	for (int people = 0; body && people < 2; people++) {
		if (json_kind(body) != JSON_ARRAY &&
		    json_kind(body) != JSON_OBJECT)
			return;
		g_autoptr(json) clean = redact_json(r, body, people);
		g_autofree char *out = json_compact(clean ? clean : body);
		HOLDS(!strstr(out, "hidden-5tgb"));
	}
}

static void jar(const char *bytes, size_t length)
{
	g_autofree char *path = fuzz_put("x.jar", bytes, length);
	g_autoptr(json) list = NULL;

	HOLDS(CALL((list = jars_look(fuzz_folder(), &error))));
	HOLDS(json_length(list) == 1);
}

/* ---- packs ---- */

static void version_pack(const char *bytes, size_t length)
{
	g_autoptr(versions) v = NULL;
	g_auto(facts) f = {0};

	if (!CALL((v = versions_read(bytes, length, "x", &error))))
		return;
	versions_pack(v, shape_add(&pack_shape, &f.packs));
	versions_know(v, "8.9.1", "9.4.23", &f.knowledge);
	is_document(&f);
}

static void log_rules(const char *bytes, size_t length)
{
	g_autoptr(log_pack) p = NULL;

	if (!CALL((p = log_pack_read(bytes, length, "x", &error))))
		return;
	for (guint i = 0; i < p->rules->len; i++) {
		const struct log_rule *rule = g_ptr_array_index(p->rules, i);
		HOLDS(rule->id && rule->title && rule->regex);
		ignore(log_range_holds(rule->affects, "9.4.23"));
	}
}

static void range(const char *bytes, size_t length)
{
	g_autofree char *text = fuzz_text(bytes, length);

	ignore(CALL(log_range_check(text, &error)));
	ignore(log_range_holds(text, "8.19.4"));
}

/* ---- logs ---- */

/* Each kind of log takes it for its line. */
static void log_line(const char *bytes, size_t length)
{
	g_autoptr(GString) out = g_string_new(NULL);
	g_autoptr(fingerprinter) prints = fingerprinter_new();

	for (int kind = 0; kind < LOG_KINDS; kind++) {
		struct log_entry e = {
		    .kind = kind, .bytes = bytes, .length = length};
		if (!head_is(kind, bytes, length))
			continue;
		head_read(kind, bytes, length, &e.head);
		HOLDS(e.head.message <= length);
		HOLDS(e.head.logger + e.head.logger_length <= length);
		HOLDS(e.head.thread + e.head.thread_length <= length);
		HOLDS(e.head.request + e.head.request_length <= length);
		HOLDS(head_stamp_at(kind, bytes, length) <= length);
		HOLDS(head_level(kind, bytes, length) < LEVELS);
		ignore(head_stamp(kind, bytes, length));
		e.headed = true;
		struct fingerprint once = fingerprint(prints, &e);
		struct fingerprint twice = fingerprint(prints, &e);
		HOLDS(once.fine == twice.fine && once.coarse == twice.coarse);
	}
	mask_message(out, bytes, length);
	g_string_truncate(out, 0);
	mask_private(out, bytes, length);
	HOLDS(g_utf8_validate(out->str, (gssize)out->len, NULL));
}

static const char pack_text[] =
    "schema: gonogo.logrules/1\npack: t\nversion: 1\nas_of: 2026-01-01\n"
    "stale_after: 2027-01-01\nrules:\n"
    "- {id: A, title: a, files: [app], levels: [ERROR], regex: 'dis[ck]'}\n"
    "- {id: B, title: b, files: [app], unit: event, regex: 'one.*two'}\n"
    "- {id: C, title: c, files: [app, access], regex: 'x[^y]z'}\n"
    "- {id: D, title: d, files: [app], regex: 'gone(*SKIP)', unless: no}\n";

static const log_search *search(void)
{
	static GPtrArray *packs;
	static log_search *made;

	if (!made) {
		packs = g_ptr_array_new();
		g_ptr_array_add(packs,
		    log_pack_read(pack_text, strlen(pack_text), "t", NULL));
		made = log_search_new(packs, NULL, NULL);
		HOLDS(made);
	}
	return made;
}

static void scan(
    struct found *f, int kind, size_t piece, const char *bytes, size_t length)
{
	g_autoptr(stream) s = stream_new(search(), true);

	found_init(f, 4, 1);
	stream_begin(s, f, 0, 0, kind, 0, 0, G_MAXUINT64);
	for (size_t at = 0; at < length; at += piece)
		stream_add(s, bytes + at, MIN(piece, length - at));
	stream_end(s);
	HOLDS(f->files[0].bytes == length);
}

/* Whole or in pieces: the same is found. */
static void log_text(const char *bytes, size_t length)
{
	int kind = (int)fuzz_take(&bytes, &length, LOG_KINDS);
	size_t piece = 1 + fuzz_take(&bytes, &length, 64);
	g_auto(found) whole = {0}, parts = {0};

	scan(&whole, kind, MAX(length, 1), bytes, length);
	scan(&parts, kind, piece, bytes, length);
	for (unsigned i = 0; i < 4; i++)
		HOLDS(whole.hits[i].seen.entries == parts.hits[i].seen.entries);
	HOLDS(whole.files[0].lines == parts.files[0].lines);
	HOLDS(whole.files[0].entries == parts.files[0].entries);
	HOLDS(whole.files[0].orphans == parts.files[0].orphans);
	HOLDS(g_hash_table_size(whole.unknown) ==
	      g_hash_table_size(parts.unknown));
}

const struct fuzz_reader fuzz_readers[] = {
    {"answer", answer},
    {"link", link_},
    {"redact", redact},
    {"jar", jar},
    {"version-pack", version_pack},
    {"log-pack", log_rules},
    {"log-range", range},
    {"log-line", log_line},
    {"log", log_text},
    {0},
};
