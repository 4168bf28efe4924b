#include "audit/collect/normalise.h"

#include <inttypes.h>

#include "audit/collect/evidence.h"
#include "audit/collect/raw.h"
#include "audit/collect/read_apps.h"
#include "audit/collect/read_home.h"
#include "audit/collect/rows.h"
#include "base/clock.h"
#include "base/error.h"
#include "bitbucket/rest.h"
#include "bitbucket/version.h"

enum { DATE_OFF_S = 900 }; /* more than clocks differ: an old copy */

/* ---- is it an answer? ---- */

static bool is_answer(const struct row *row, const struct raw_meta *meta)
{
	if (!meta->http_status.known || meta->http_status.value == 200)
		return true;
	for (size_t i = 0; i < G_N_ELEMENTS(row->also); i++)
		if (row->also[i] && row->also[i] == meta->http_status.value)
			return true;
	return false;
}

/*
 * An answer that was written long before or after it was asked for is a copy
 * that something on the way kept, or a clock that no date can be held against.
 * Where the clock itself is what is asked, the row reads it.
 */
static bool is_of_its_time(
    const struct row *row, const struct raw_meta *meta, GError **error)
{
	int64_t date = 0;

	if (row->reads_date || !meta->date || !meta->http_status.known)
		return true;
	if (!clock_parse_http(meta->date, &date, error))
		return false;
	int64_t off = date - meta->at.value;
	return ABS(off) <= DATE_OFF_S ||
	       fail(error, GONOGO_ERROR_DATA,
		   "its HTTP date is %" PRId64 " s off: an old copy, or a "
		   "clock that is wrong",
		   off);
}

/*
 * "Not there" counts only in Bitbucket's words: an empty body, or a list of
 * errors with messages.
 */
static bool is_own_refusal(const json *body)
{
	const json *errors = NULL;

	if (!json_array(body, "errors", &errors, NULL) || !json_first(errors))
		return false;
	json_each (error, errors)
		if (!json_text(error, "message"))
			return false;
	return true;
}

/*
 * Gives the body of a good reply in *BODY; NULL there: the row is text, or the
 * body is empty as it may be beside 200.  An error says why it is no answer.
 */
static bool parse(
    const struct row *row, const struct raw *raw, json **body, GError **error)
{
	const struct raw_meta *meta = &raw->meta;
	bool answer = is_answer(row, meta);
	bool plain = !meta->http_status.known || meta->http_status.value == 200;

	if (meta->error)
		return fail(error, GONOGO_ERROR_DATA, "%s", meta->error);
	*body = NULL;
	if (!is_of_its_time(row, meta, error))
		return false;
	if (answer && (row->text || (!plain && !*raw->text)))
		return true;
	const struct http_reply reply = {
	    .status = answer ? 200 : (long)meta->http_status.value,
	    .body = raw->text,
	    .length = strlen(raw->text),
	    .media_type = meta->media_type};
	*body = rest_json(&reply, meta->request, error);
	if (*body && meta->http_status.known &&
	    meta->http_status.value == 404 && !is_own_refusal(*body)) {
		g_clear_pointer(body, json_free);
		return fail(error, GONOGO_ERROR_DATA,
		    "404, but not in Bitbucket's words");
	}
	return *body != NULL;
}

/* Did the row come with a later release than the one that runs? */
static bool is_to_come(const struct row *row, const struct facts *f)
{
	struct version running = {0}, since = {0};

	return row->since && f->product.version &&
	       version_parse(f->product.version, &running, NULL) &&
	       version_parse(row->since, &since, NULL) &&
	       version_compare(&running, &since) < 0;
}

/* An unseen fact's reason is one line. */
static void add_unseen(
    const struct row *row, struct facts *f, const char *name, const GError *why)
{
	g_auto(GStrv) lines = g_strsplit(why->message, "\n", -1);
	g_autofree char *line = g_strjoinv("; ", lines);
	struct unseen *u = facts_add_unseen(f, name, "%s", line);

	if (is_to_come(row, f))
		u->kind = UNSEEN_NOT_HERE;
}

/* ---- one row's replies ---- */

static void add_source(
    struct facts *f, const char *name, const struct raw_meta *meta)
{
	struct source *s = shape_add(&source_shape, &f->sources);

	s->what = g_strdup(name);
	s->collector = g_strdup(meta->collector);
	s->file = g_strdup(meta->file);
	s->sha256 = g_strdup(meta->sha256);
	s->at = meta->at;
}

/*
 * Lets the row's reader fill the facts.  What it filled before it met something
 * that can't be right is taken back: half an answer is no answer.
 */
static void apply(
    const struct row *row, const struct reading *reading, struct facts *f)
{
	g_autoptr(GError) why = NULL;
	g_autoptr(json) before = shape_write(&facts_shape, f);

	if (row->read(reading, &why)) {
		add_source(f, reading->name, reading->meta);
		return;
	}
	shape_clear(&facts_shape, f);
	g_autoptr(GError) broken = NULL;
	if (!shape_read(&facts_shape, before, f, &broken))
		g_error("facts do not survive their own codec: %s",
		    broken->message);
	add_unseen(row, f, reading->name, why);
}

static void read_one(
    const struct row *row, const struct raw *raw, struct facts *f)
{
	g_autofree char *name = rows_name(row->what, raw->meta.subject);
	g_autoptr(GError) why = NULL;
	json *body = NULL;

	if (!parse(row, raw, &body, &why)) {
		add_unseen(row, f, name, why);
		return;
	}
	g_autoptr(json) owned = body;
	const struct reading reading = {.name = name,
	    .subject = raw->meta.subject,
	    .meta = &raw->meta,
	    .text = raw->text,
	    .body = body,
	    .facts = f};
	apply(row, &reading, f);
}

/* Adds the entries of PAGE to ALL; *last is whether it says to be the last. */
static bool add_page(enum row_pages kind, const json *page, json *all,
    bool *last, GError **error)
{
	const json *entries = NULL;
	bool audit = kind == PAGES_AUDIT;

	if (!json_array(page, audit ? "entities" : "values", &entries, error) ||
	    !json_bool(page, audit ? "pagingInfo.lastPage" : "isLastPage", last,
		error))
		return false;
	/*
	 * A page that says how many it has must have them.  Of the audit log
	 * it is not documented what is counted: there none is none.
	 */
	const char *key = audit ? "pagingInfo.size" : "size";
	uint64_t size = json_length(entries);
	if (json_find(page, key) && !json_u64(page, key, &size, error))
		return false;
	if (size != json_length(entries) && !(audit && json_first(entries)))
		return fail(error, GONOGO_ERROR_DATA,
		    "a page of %" PRIu64 " entries has %zu", size,
		    json_length(entries));
	json_each (entry, entries)
		json_append(all, json_copy(entry));
	return true;
}

static bool join_pages(
    const struct row *row, const GPtrArray *pages, json *all, GError **error)
{
	for (guint i = 0; i < pages->len; i++) {
		json *page = NULL;
		bool last = false;
		if (!parse(row, g_ptr_array_index(pages, i), &page, error))
			return false;
		g_autoptr(json) owned = page;
		if (!add_page(row->pages, page, all, &last, error))
			return false;
		if (last != (i + 1 == pages->len))
			return fail(error, GONOGO_ERROR_DATA,
			    last ? "pages behind the last one"
				 : "the last page was not seen");
	}
	return true;
}

static void read_pages(
    const struct row *row, const GPtrArray *pages, struct facts *f)
{
	const struct raw *first = g_ptr_array_index(pages, 0);
	g_autoptr(json) all = json_new_array();
	g_autoptr(GError) why = NULL;

	if (!join_pages(row, pages, all, &why)) {
		add_unseen(row, f, row->what, why);
		return;
	}
	const struct reading reading = {.name = row->what,
	    .meta = &first->meta,
	    .text = first->text,
	    .body = all,
	    .facts = f};
	apply(row, &reading, f);
}

/* ---- all of them ---- */

static GPtrArray *replies_of(const GPtrArray *raws, const struct row *row)
{
	GPtrArray *found = g_ptr_array_new();

	for (guint i = 0; i < raws->len; i++) {
		struct raw *raw = g_ptr_array_index(raws, i);
		if (g_str_equal(raw->meta.what, row->what) &&
		    g_str_equal(raw->meta.collector, row->collector))
			g_ptr_array_add(found, raw);
	}
	return found;
}

/* The same question twice would let one answer hide the other. */
static bool check_subjects(
    const struct row *row, const GPtrArray *replies, GError **error)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

	for (guint i = 0; i < replies->len; i++) {
		const struct raw *raw = g_ptr_array_index(replies, i);
		char *subject = raw->meta.subject ? raw->meta.subject : "";
		if (!g_hash_table_add(seen, subject))
			return fail(error, GONOGO_ERROR_DATA,
			    "two replies to %s %s", row->what, subject);
	}
	return true;
}

static bool read_row(const struct row *row, const GPtrArray *raws,
    struct facts *f, GError **error)
{
	g_autoptr(GPtrArray) replies = replies_of(raws, row);

	if (!check_subjects(row, replies, error))
		return false;
	if (!replies->len)
		facts_add_unseen(f, row->what, "not asked")->kind =
		    UNSEEN_NOT_ASKED;
	else if (row->pages)
		read_pages(row, replies, f);
	else
		for (guint i = 0; i < replies->len; i++)
			read_one(row, g_ptr_array_index(replies, i), f);
	return true;
}

/* Gives the body of the good reply WHAT; NULL: it was not seen. */
static json *body_of(
    const struct facts *f, const GPtrArray *raws, const char *what)
{
	g_autoptr(GPtrArray) replies = replies_of(raws, rows_find(what));
	const struct raw *raw =
	    replies->len ? g_ptr_array_index(replies, 0) : NULL;

	if (!raw || !facts_find_source(f, what))
		return NULL;
	return json_parse(raw->text, strlen(raw->text), what, NULL);
}

static void cross_check(struct facts *f, const GPtrArray *raws)
{
	g_autoptr(json) rows = body_of(f, raws, "database.repositories");
	g_autoptr(json) folders = body_of(f, raws, "home.repositories");

	apps_hold_together(f);
	home_cross_check(f, rows, folders);
	/* By now every node of the inventory has its name. */
	for (guint i = 0; i < list_length(f->nodes); i++) {
		const struct node *node = g_ptr_array_index(f->nodes, i);
		if (node->url)
			strings_add(&f->cluster.expected_nodes, node->name);
	}
}

/* What the cluster says that it runs, else what a node says; NULL: unknown. */
static const char *version_running(const struct facts *f)
{
	const char *version = f->product.version;

	for (guint i = 0; i < list_length(f->nodes); i++) {
		const struct node *node = g_ptr_array_index(f->nodes, i);
		if (node->version && !version)
			version = node->version;
	}
	return version;
}

static bool date_facts(
    const GPtrArray *raws, int64_t as_of, struct facts *f, GError **error)
{
	for (guint i = 0; i < raws->len; i++) {
		const struct raw *raw = g_ptr_array_index(raws, i);
		int64_t at = raw->meta.at.value;
		if (at > as_of) {
			g_autofree char *late = clock_text(at);
			g_autofree char *now = clock_text(as_of);
			return fail(error, GONOGO_ERROR_DATA,
			    "%s was asked at %s, after %s", raw->meta.what,
			    late, now);
		}
		if (!f->made_at.known || at > f->made_at.value)
			f->made_at = number_of(at);
	}
	f->made_by = g_strdup("gonogo-audit " GONOGO_VERSION);
	return true;
}

bool normalise(
    const char *bundle, int64_t as_of, struct facts *out, GError **error)
{
	g_autoptr(GPtrArray) raws = raw_load(bundle, error);
	g_auto(facts) f = {0};

	if (!raws || !date_facts(raws, as_of, &f, error))
		return false;
	for (const struct row *row = rows_next(NULL); row; row = rows_next(row))
		if (!read_row(row, raws, &f, error))
			return false;
	cross_check(&f, raws);
	if (!evidence_packs(bundle, version_running(&f), &f, error) ||
	    !evidence_answers(bundle, &f, error) ||
	    !evidence_logs(bundle, &f, error) ||
	    !evidence_capacity(bundle, &f, error) ||
	    !evidence_backup(bundle, &f, error))
		return false;
	*out = f;
	f = (struct facts){0};
	return true;
}
