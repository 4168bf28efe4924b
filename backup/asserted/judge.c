#include "backup/asserted/judge.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/limits.h"

enum { AHEAD_S = 300 }; /* clocks of two machines may differ so much */

/* ---- what is refused ---- */

static bool check_text(const char *what, const char *text, GError **error)
{
	if (!text)
		return true;
	size_t length = strlen(text);
	if (length == 0 || length > LIMIT_ASSERTED_TEXT)
		return fail(error, GONOGO_ERROR_DATA,
		    "%s: %zu bytes long; 1 to %u are taken", what, length,
		    LIMIT_ASSERTED_TEXT);
	for (const char *at = text; *at; at = g_utf8_next_char(at))
		if (g_unichar_iscntrl(g_utf8_get_char(at)))
			return fail(error, GONOGO_ERROR_DATA,
			    "%s: it has control characters", what);
	return true;
}

static bool check_moment(const char *what, struct number at,
    const struct asserted_limits *l, GError **error)
{
	if (!at.known || at.value <= l->now + AHEAD_S)
		return true;
	g_autofree char *text = clock_text(at.value);
	return fail(error, GONOGO_ERROR_DATA,
	    "%s: %s is still to come: a clock is wrong", what, text);
}

static bool check_point(const struct asserted_point *p,
    const struct asserted_limits *l, GError **error)
{
	if (!check_text("id", p->id, error) ||
	    !check_text("place", p->place, error) ||
	    !check_text("resource", p->resource, error) ||
	    !check_moment("at", p->at, l, error) ||
	    !check_moment("until", p->until, l, error))
		return false;
	if (p->until.known && p->until.value < p->at.value)
		return fail(error, GONOGO_ERROR_DATA, "until: it is before at");
	if (l->now - p->at.value <= l->max_age_s)
		return true;
	g_autofree char *age = clock_span(l->now - p->at.value);
	g_autofree char *most = clock_span(l->max_age_s);
	return fail(error, GONOGO_ERROR_DATA,
	    "at: it is of %s ago, %s are taken\n"
	    "hint: have a new one made; [adopt] max_age says what is too old",
	    age, most);
}

bool asserted_check(
    const struct assertion *a, const struct asserted_limits *l, GError **error)
{
	guint points = list_length(a->points);

	if (points == 0 || points > LIMIT_ASSERTED_POINTS)
		return fail(error, GONOGO_ERROR_DATA,
		    "points: %u; 1 to %u are taken", points,
		    LIMIT_ASSERTED_POINTS);
	if (!check_text("provider", a->provider, error) ||
	    !check_text("server_id", a->server_id, error) ||
	    !check_text("version", a->version, error) ||
	    !check_moment("restore_tested_at", a->restore_tested_at, l, error))
		return false;
	for (guint i = 0; i < list_length(a->unproved); i++)
		if (!check_text("unproved", a->unproved->pdata[i], error))
			return false;
	for (guint i = 0; i < points; i++)
		if (!check_point(a->points->pdata[i], l, error)) {
			g_prefix_error(error, "points: %u: ", i);
			return false;
		}
	return true;
}

/* ---- what is missing ---- */

static void judge_parts(const struct assertion *a, struct snapshot *s)
{
	static const enum asserted_part wanted[] = {
	    ASSERTED_HOME, ASSERTED_DATABASE};

	for (size_t i = 0; i < G_N_ELEMENTS(wanted); i++)
		if (!assertion_has(a, wanted[i]))
			snapshot_add_flaw(s, "part",
			    asserted_part_names[wanted[i]],
			    "%s names no point of it", a->provider);
}

static void judge_order(const struct assertion *a,
    const struct asserted_limits *l, struct snapshot *s)
{
	static const char what[] = "database and files";
	int64_t begun, ended, first, last;

	if (!assertion_span(a, true, &begun, &ended) ||
	    !assertion_span(a, false, &first, &last))
		return;
	if (last < begun) {
		g_autofree char *span = clock_span(begun - last);
		snapshot_add_flaw(s, "point", what,
		    "the files are %s older than the database: its rows may "
		    "name commits that they do not have",
		    span);
	} else if (first < ended) {
		snapshot_add_flaw(s, "point", what,
		    "nobody can say whether the files are older than the "
		    "database: the times in which they were made overlap");
	} else if (first - ended > l->max_gap_s) {
		g_autofree char *span = clock_span(first - ended);
		g_autofree char *most = clock_span(l->max_gap_s);
		snapshot_add_flaw(s, "point", what,
		    "the files are %s younger than the database, %s are "
		    "taken: what was deleted meanwhile has its row still",
		    span, most);
	}
}

static void judge_encryption(const struct assertion *a, struct snapshot *s)
{
	for (guint i = 0; i < list_length(a->points); i++) {
		const struct asserted_point *p = a->points->pdata[i];
		if (p->encrypted.known && !p->encrypted.value)
			snapshot_add_flaw(s, "encryption", p->id,
			    "it lies in %s without encryption", p->place);
	}
}

void asserted_judge(const struct assertion *a, const struct asserted_limits *l,
    struct snapshot *s)
{
	snapshot_add_flaw(s, SNAPSHOT_PART_ASSERTED, a->provider,
	    "it has the backup, and says so; nobody here has read it");
	judge_parts(a, s);
	judge_order(a, l, s);
	judge_encryption(a, s);
}
