#include "report/check.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/share.h"
#include "contract/bundle.h"
#include "port/dsse.h"
#include "port/fs.h"
#include "port/process.h"
#include "report/flaws.h"
#include "report/gatelog.h"
#include "report/statement.h"

/* How far the clock of whoever decided may be ahead of ours, seconds. */
enum { SKEW_S = 300 };

/* ---- signatures ---- */

/* Gives the signed statement; NULL: there is a new flaw. */
static json *open_statement(enum statement_kind kind, const char *bundle,
    const sign_key *trust, GPtrArray *flaws)
{
	const char *file = statement_file(kind);
	g_autofree char *path = g_build_filename(bundle, file, NULL);
	g_autoptr(GError) why = NULL;
	g_autoptr(json) envelope = NULL;

	/* What lies elsewhere is not in the bundle. */
	if (g_file_test(path, G_FILE_TEST_IS_SYMLINK))
		fail(&why, GONOGO_ERROR_DATA, "a link");
	else
		envelope = json_read(path, &why);
	size_t length = 0;
	g_autofree char *payload =
	    envelope ? dsse_open(trust, DSSE_IN_TOTO, envelope, &length, &why)
		     : NULL;
	json *statement =
	    payload ? json_parse(payload, length, file, &why) : NULL;

	if (!statement)
		flaws_add(flaws, "%s: %s", file, why->message);
	return statement;
}

/*
 * The signed verdict is the one that was read; by its hashes it vouches for
 * the facts, findings and policy that were read with it.
 */
static void check_signed_verdict(
    const json *statement, const struct verdict *read, GPtrArray *flaws)
{
	const json *said = statement_verdict(statement);
	g_autoptr(json) verdict = document_write(&verdict_shape, read);
	g_autofree char *ours = json_compact(verdict);
	g_autofree char *theirs = said ? json_compact(said) : NULL;

	if (g_strcmp0(ours, theirs) != 0)
		flaws_add(
		    flaws, "verdict.json: is not the one that was signed");
}

static void check_signatures(const struct dossier *d, const char *bundle,
    const sign_key *trust, GPtrArray *flaws)
{
	for (int kind = 0; kind < STATEMENT_KINDS; kind++) {
		g_autoptr(json) statement =
		    open_statement(kind, bundle, trust, flaws);
		if (!statement)
			continue;
		statement_check(kind, statement, bundle, flaws);
		if (kind == STATEMENT_READINESS)
			check_signed_verdict(statement, &d->verdict, flaws);
	}
}

/* ---- the verdict made anew ---- */

/* Names the first member in which two verdicts differ; NULL: none. */
static char *difference(const json *is, const json *wanted)
{
	json_each (member, wanted) {
		const char *key = json_key(member);
		const json *other = json_member(is, key);
		g_autofree char *a = other ? json_compact(other) : NULL;
		g_autofree char *b = json_compact(member);
		/* Another version of the program may decide the same. */
		if (!g_str_equal(key, "made_by") && g_strcmp0(a, b) != 0)
			return g_strdup(key);
	}
	json_each (member, is)
		if (!json_member(wanted, json_key(member)))
			return g_strdup(json_key(member));
	return NULL;
}

static bool check_verdict(struct dossier *d, GPtrArray *flaws, GError **error)
{
	g_autoptr(json) is = document_write(&verdict_shape, &d->verdict);
	int answer = d->verdict.answer;

	if (!dossier_decide(d, d->verdict.as_of.value, error))
		return false;
	g_autoptr(json) wanted = document_write(&verdict_shape, &d->verdict);
	g_autofree char *key = difference(is, wanted);
	if (answer != d->verdict.answer)
		flaws_add(flaws, "verdict.json: says %s, its findings say %s",
		    answer_text(answer), answer_text(d->verdict.answer));
	else if (key)
		flaws_add(flaws,
		    "verdict.json: its findings give another \"%s\"", key);
	return true;
}

/* ---- time ---- */

static void check_time(
    const struct verdict *v, int64_t judged, int64_t now, GPtrArray *flaws)
{
	bool lets_through =
	    v->answer == ANSWER_GO || v->answer == ANSWER_CONDITIONAL;

	if (v->as_of.value > now + SKEW_S) {
		g_autofree char *text = clock_text(v->as_of.value);
		flaws_add(flaws,
		    "verdict.json: was made at %s, which is to come", text);
	}
	if (judged > v->as_of.value + SKEW_S)
		flaws_add(flaws, "verdict.json: is older than its findings");
	if (v->valid_until.known && now > v->valid_until.value) {
		g_autofree char *text = clock_text(v->valid_until.value);
		flaws_add(flaws, "verdict.json: expired at %s", text);
	} else if (!v->valid_until.known && lets_through) {
		flaws_add(
		    flaws, "verdict.json: does not say until when it holds");
	}
}

/* ---- the whole ---- */

bool check_bundle(const char *bundle, const sign_key *trust, int64_t now,
    struct dossier *d, GPtrArray *flaws, GError **error)
{
	g_autoptr(GError) why = NULL;
	int folder = fs_open_folder(bundle, error);

	if (folder < 0)
		return false;
	ignore(close(folder));
	bool readable = dossier_read(d, bundle, NULL, &why) &&
			dossier_read_verdict(d, &why);
	if (!readable)
		flaws_add(flaws, "%s", why->message);
	check_signatures(d, bundle, trust, flaws);
	g_clear_error(&why);
	if (!contents_check(bundle, flaws, &why))
		flaws_add(flaws, "%s", why->message);
	if (readable) {
		dossier_check(d, flaws);
		check_time(&d->verdict, d->findings.as_of.value, now, flaws);
		if (!check_verdict(d, flaws, error))
			return false;
	}
	gatelog_check(bundle, trust, flaws);
	return true;
}

/* ---- from the raw replies ---- */

static bool compare_file(const char *folder, const char *name,
    const char *sha256, GPtrArray *flaws, GError **error)
{
	g_autofree char *path = g_build_filename(folder, name, NULL);
	size_t length = 0;
	g_autofree char *bytes =
	    file_read(path, LIMIT_DOCUMENT, &length, error);

	if (!bytes)
		return false;
	g_autofree char *again = hash_hex(bytes, length);
	if (!g_str_equal(again, sha256))
		flaws_add(flaws, "%s: the raw replies give another one", name);
	return true;
}

static bool judge_into(const struct dossier *d, const char *program,
    const char *folder, GPtrArray *flaws, GError **error)
{
	g_autofree char *as_of = clock_text(d->findings.as_of.value);
	const char *const argv[] = {program, "judge", "--bundle", d->bundle,
	    "--as-of", as_of, "--out", folder, NULL};
	const struct process process = {.argv = argv};
	g_auto(process_result) result = {0};

	if (!process_run(&process, &result, error))
		return false;
	if (result.code != 0) {
		flaws_add(flaws, "the raw replies can't be judged: %s",
		    g_strchomp(result.err));
		return true;
	}
	return compare_file(
		   folder, "facts.json", d->facts_sha256, flaws, error) &&
	       compare_file(
		   folder, "findings.json", d->findings_sha256, flaws, error);
}

bool check_recompute(const struct dossier *d, GPtrArray *flaws, GError **error)
{
	g_autofree char *program = share_program("gonogo-audit", error);
	g_autofree char *folder =
	    program ? g_dir_make_tmp("gonogo-verify.XXXXXX", error) : NULL;

	if (!folder)
		return false;
	bool good = judge_into(d, program, folder, flaws, error);
	g_autoptr(GError) why = NULL;
	if (!fs_remove_tree(folder, &why) && good)
		return fail(error, GONOGO_ERROR_SYSTEM, "%s", why->message);
	return good;
}
