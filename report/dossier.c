#include "report/dossier.h"

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/limits.h"
#include "report/flaws.h"
#include "report/people.h"

void dossier_clear(struct dossier *d)
{
	g_clear_pointer(&d->bundle, g_free);
	facts_clear(&d->facts);
	findings_clear(&d->findings);
	g_clear_pointer(&d->policy, policy_free);
	g_clear_pointer(&d->facts_sha256, g_free);
	g_clear_pointer(&d->findings_sha256, g_free);
	verdict_clear(&d->verdict);
}

/* Reads document NAME of the bundle; *sha256, which may be NULL, is given. */
static bool read_document(const struct shape *shape, const char *bundle,
    const char *name, void *value, char **sha256, GError **error)
{
	g_autofree char *path = g_build_filename(bundle, name, NULL);
	g_autofree char *text = file_read(path, LIMIT_DOCUMENT, NULL, error);

	if (!text)
		return false;
	g_autoptr(json) document = json_parse(text, strlen(text), path, error);
	if (!document)
		return false;
	if (!document_read(shape, document, value, error)) {
		g_prefix_error(error, "%s: ", path);
		return false;
	}
	if (sha256)
		*sha256 = hash_hex(text, strlen(text));
	return true;
}

bool dossier_read(
    struct dossier *d, const char *bundle, const char *policy, GError **error)
{
	d->bundle = g_strdup(bundle);
	if (read_document(&facts_shape, bundle, "facts.json", &d->facts,
		&d->facts_sha256, error) &&
	    read_document(&findings_shape, bundle, "findings.json",
		&d->findings, &d->findings_sha256, error) &&
	    (d->policy = policy_of(policy, bundle, error)))
		return true;
	dossier_clear(d);
	return false;
}

bool dossier_read_verdict(struct dossier *d, GError **error)
{
	verdict_clear(&d->verdict);
	return read_document(&verdict_shape, d->bundle, "verdict.json",
	    &d->verdict, NULL, error);
}

bool dossier_decide(struct dossier *d, int64_t as_of, GError **error)
{
	verdict_clear(&d->verdict);
	if (!people_waivers(d->bundle, as_of, &d->verdict.waivers, error))
		return false;
	verdict_of(&d->verdict, &d->facts, &d->findings, d->policy, as_of);
	d->verdict.findings_sha256 = g_strdup(d->findings_sha256);
	return true;
}

static void check_rest(GPtrArray *flaws, const char *what, const char *on,
    const char *said, const char *is)
{
	if (!said)
		flaws_add(
		    flaws, "%s: does not say which %s it rests on", what, on);
	else if (!g_str_equal(said, is))
		flaws_add(flaws, "%s: rests on another %s", what, on);
}

void dossier_check(const struct dossier *d, GPtrArray *flaws)
{
	check_rest(flaws, "findings.json", "facts.json",
	    d->findings.facts_sha256, d->facts_sha256);
	if (!d->verdict.as_of.known)
		return;
	check_rest(flaws, "verdict.json", "facts.json", d->verdict.facts_sha256,
	    d->facts_sha256);
	check_rest(flaws, "verdict.json", "findings.json",
	    d->verdict.findings_sha256, d->findings_sha256);
	check_rest(flaws, "verdict.json", "policy", d->verdict.policy_sha256,
	    d->policy->sha256);
}
