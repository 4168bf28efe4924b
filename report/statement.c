#include "report/statement.h"

#include "base/cli.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/limits.h"
#include "report/flaws.h"

#define STATEMENT_TYPE "https://in-toto.io/Statement/v1"

static const struct kind {
	const char *file, *predicate_type;
} kinds[STATEMENT_KINDS] = {
    {"attestation.dsse.json", "urn:gonogo:readiness:1"},
    {"test-result.dsse.json",
	"https://in-toto.io/attestation/test-result/v0.1"},
};

static const char *const subjects[] = {"SHA256SUMS", "facts.json"};

const char *statement_file(enum statement_kind kind)
{
	return kinds[kind].file;
}

static char *digest_of(const char *bundle, const char *name, GError **error)
{
	g_autofree char *path = g_build_filename(bundle, name, NULL);
	size_t length = 0;
	g_autofree char *bytes =
	    file_read(path, LIMIT_DOCUMENT, &length, error);

	return bytes ? hash_hex(bytes, length) : NULL;
}

/* ---- writing ---- */

static json *write_descriptor(const char *name, const char *sha256)
{
	json *object = json_new_object();
	json *digest = json_set(object, "digest", json_new_object());

	json_set_string(object, "name", name);
	json_set_string(digest, "sha256", sha256);
	return object;
}

static json *write_readiness(const struct dossier *d, int64_t made_at)
{
	json *predicate = json_new_object();
	g_autofree char *time = clock_text(made_at);

	json_set_string(predicate, "made_at", time);
	json_set_string(predicate, "made_by", "gonogo " GONOGO_VERSION);
	json_set(
	    predicate, "verdict", document_write(&verdict_shape, &d->verdict));
	return predicate;
}

enum result { RESULT_FAILED, RESULT_WARNED, RESULT_PASSED };

/*
 * That predicate knows no UNKNOWN: what nobody answered is FAILED, as it must
 * not read as a pass.
 */
static enum result result_of(const struct finding *f, const struct verdict *v)
{
	for (guint i = 0; i < list_length(v->reasons); i++) {
		const struct reason *r = g_ptr_array_index(v->reasons, i);
		if (r->waived_by && g_str_equal(r->key, f->key))
			return RESULT_WARNED;
	}
	if (f->outcome == OUTCOME_PASS || f->outcome == OUTCOME_NOT_APPLICABLE)
		return RESULT_PASSED;
	return f->outcome == OUTCOME_FAIL &&
		       (f->relation == RELATION_PRE_EXISTING ||
			   f->severity >= SEVERITY_MEDIUM)
		   ? RESULT_WARNED
		   : RESULT_FAILED;
}

static json *write_test_result(const struct dossier *d)
{
	static const char *const answers[] = {
	    "FAILED", "FAILED", "WARNED", "PASSED"};
	static const char *const keys[] = {
	    "failedTests", "warnedTests", "passedTests"};
	json *predicate = json_new_object();
	json *lists[G_N_ELEMENTS(keys)];

	for (size_t i = 0; i < G_N_ELEMENTS(keys); i++)
		lists[i] = json_set(predicate, keys[i], json_new_array());
	for (guint i = 0; i < list_length(d->findings.list); i++) {
		const struct finding *f =
		    g_ptr_array_index(d->findings.list, i);
		json_append_string(lists[result_of(f, &d->verdict)], f->key);
	}
	json_set_string(predicate, "result", answers[d->verdict.answer]);
	json_append(json_set(predicate, "configuration", json_new_array()),
	    write_descriptor(d->verdict.policy_name, d->verdict.policy_sha256));
	return predicate;
}

json *statement_write(enum statement_kind kind, const struct dossier *d,
    int64_t made_at, GError **error)
{
	g_autoptr(json) statement = json_new_object();
	json *list = json_set(statement, "subject", json_new_array());

	for (size_t i = 0; i < G_N_ELEMENTS(subjects); i++) {
		g_autofree char *sha256 =
		    digest_of(d->bundle, subjects[i], error);
		if (!sha256)
			return NULL;
		json_append(list, write_descriptor(subjects[i], sha256));
	}
	json_set_string(statement, "_type", STATEMENT_TYPE);
	json_set_string(statement, "predicateType", kinds[kind].predicate_type);
	json_set(statement, "predicate",
	    kind == STATEMENT_READINESS ? write_readiness(d, made_at)
					: write_test_result(d));
	return g_steal_pointer(&statement);
}

/* ---- checking ---- */

/* The digest that STATEMENT gives for NAME; NULL: none, or more than one. */
static const char *subject_digest(const json *statement, const char *name)
{
	const json *list = json_find(statement, "subject");
	const char *digest = NULL;
	int count = 0;

	if (!list || json_kind(list) != JSON_ARRAY)
		return NULL;
	json_each (subject, list)
		if (g_strcmp0(json_text(subject, "name"), name) == 0) {
			digest = json_text(subject, "digest.sha256");
			count++;
		}
	return count == 1 ? digest : NULL;
}

static void check_word(const json *statement, const char *key,
    const char *wanted, const char *file, GPtrArray *flaws)
{
	if (g_strcmp0(json_text(statement, key), wanted) != 0)
		flaws_add(flaws, "%s: its %s is not \"%s\"", file, key, wanted);
}

void statement_check(enum statement_kind kind, const json *statement,
    const char *bundle, GPtrArray *flaws)
{
	const char *file = kinds[kind].file;

	check_word(statement, "_type", STATEMENT_TYPE, file, flaws);
	check_word(statement, "predicateType", kinds[kind].predicate_type, file,
	    flaws);
	for (size_t i = 0; i < G_N_ELEMENTS(subjects); i++) {
		const char *said = subject_digest(statement, subjects[i]);
		g_autoptr(GError) why = NULL;
		g_autofree char *is = digest_of(bundle, subjects[i], &why);
		if (!is)
			flaws_add(flaws, "%s", why->message);
		else if (!said)
			flaws_add(flaws, "%s: does not vouch for %s", file,
			    subjects[i]);
		else if (!g_str_equal(said, is))
			flaws_add(flaws, "%s: vouches for another %s", file,
			    subjects[i]);
	}
}

const json *statement_verdict(const json *statement)
{
	return json_find(statement, "predicate.verdict");
}
