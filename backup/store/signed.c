#include "backup/store/signed.h"

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/limits.h"
#include "port/dsse.h"

#define STATEMENT "https://in-toto.io/Statement/v1"
#define PREDICATE "urn:gonogo:proof:1"

static char *envelope_path(const store *s, const struct signed_proof *p)
{
	static const char ending[] = ".json";
	g_autofree char *stem =
	    g_strndup(p->name, strlen(p->name) - strlen(ending));
	g_autofree char *name = g_strconcat(stem, ".dsse", NULL);

	return store_file(s, name);
}

/* ---- the statement ---- */

static void add_subject(json *list, const char *name, const char *sha256)
{
	json *subject = json_append(list, json_new_object());

	json_set_string(subject, "name", name);
	json *digest = json_set(subject, "digest", json_new_object());
	json_set_string(digest, "sha256", sha256);
}

/* The one text that says this of P. */
static char *statement_of(const struct signed_proof *p, GError **error)
{
	g_autofree char *record =
	    g_strdup_printf("snapshots/%s/SNAPSHOT.json", p->set);
	g_autofree char *sha256 = hash_hex(p->text, strlen(p->text));
	json *proof = json_parse(p->text, strlen(p->text), p->name, error);

	if (!proof)
		return NULL;
	g_autoptr(json) statement = json_new_object();
	json_set_string(statement, "_type", STATEMENT);
	json *subjects = json_set(statement, "subject", json_new_array());
	add_subject(subjects, p->name, sha256);
	add_subject(subjects, record, p->record);
	json_set_string(statement, "predicateType", PREDICATE);
	json_set(statement, "predicate", proof);
	return json_compact(statement);
}

/* ---- both ways ---- */

bool signed_write(const store *s, const struct signed_proof *p, GError **error)
{
	if (!store_key(s))
		return true;
	g_autofree char *path = envelope_path(s, p);
	g_autofree char *payload = statement_of(p, error);
	g_autoptr(json) envelope = payload
				       ? dsse_sign(store_key(s), DSSE_IN_TOTO,
					     payload, strlen(payload), error)
				       : NULL;
	if (!envelope)
		return false;
	g_autofree char *text = json_pretty(envelope);
	return file_write(path, 0600, text, strlen(text), error);
}

bool signed_check(const store *s, const struct signed_proof *p, GError **error)
{
	g_autofree char *path = envelope_path(s, p);
	size_t length = 0;

	if (!g_file_test(path, G_FILE_TEST_EXISTS))
		return fail(
		    error, GONOGO_ERROR_DATA, "%s: not signed", p->name);
	g_autofree char *text = file_read(path, LIMIT_DOCUMENT, &length, error);
	g_autoptr(json) envelope =
	    text ? json_parse(text, length, path, error) : NULL;
	g_autofree char *said = envelope ? dsse_open(store_key(s), DSSE_IN_TOTO,
					       envelope, &length, error)
					 : NULL;
	g_autofree char *should = said ? statement_of(p, error) : NULL;
	if (!should)
		return false;
	return g_str_equal(said, should) ||
	       fail(error, GONOGO_ERROR_DATA,
		   "%s: what was signed is another proof, or of another set",
		   path);
}
