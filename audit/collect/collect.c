#include "audit/collect/collect.h"

#include "audit/collect/ask.h"
#include "audit/collect/normalise.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/share.h"
#include "bitbucket/home.h"
#include "port/fs.h"

/* ---- what the judge needs beside replies ---- */

static bool copy_to(const char *bundle, const char *name, const char *path,
    size_t limit, GError **error)
{
	size_t length = 0;
	g_autofree char *to = g_build_filename(bundle, name, NULL);
	g_autofree char *bytes = file_read(path, limit, &length, error);

	return bytes && file_write(to, 0600, bytes, length, error);
}

static bool copy_policy(const struct collection *c, GError **error)
{
	g_autofree char *shipped = NULL;
	const char *path = c->settings->policy.file;

	if (!path)
		path = shipped = share_file("templates/policy.conf", error);
	return path &&
	       copy_to(c->bundle, "policy.conf", path, LIMIT_SETTINGS, error);
}

static bool copy_answers(const struct collection *c, GError **error)
{
	const char *path = c->settings->target.answers;
	g_autofree char *earlier =
	    c->from ? g_build_filename(c->from, "answers.conf", NULL) : NULL;

	if (!path && earlier && g_file_test(earlier, G_FILE_TEST_EXISTS))
		path = earlier;
	return !path ||
	       copy_to(c->bundle, "answers.conf", path, LIMIT_SETTINGS, error);
}

static bool copy_packs(const struct collection *c, GError **error)
{
	g_autofree char *folder = g_build_filename(c->bundle, "packs", NULL);
	g_autofree char *pack =
	    share_file("audit/packs/bitbucket-versions.yaml", error);

	return pack && fs_make_folders(folder, 0700, error) &&
	       copy_to(
		   folder, "bitbucket-versions.yaml", pack, LIMIT_PACK, error);
}

/* ---- who is asked ---- */

static bool ask_live(struct asking *a, GError **error)
{
	return ask_settings(a, error) && ask_http(a, error) &&
	       ask_postgres(a, error) && ask_home(a, error) &&
	       ask_node(a, error);
}

/* The replies of an earlier bundle, redacted and numbered anew. */
static bool copy_replies(struct asking *a, const char *from, GError **error)
{
	g_autoptr(GPtrArray) raws = raw_load(from, error);

	for (guint i = 0; raws && i < raws->len; i++) {
		struct raw *raw = g_ptr_array_index(raws, i);
		struct raw_meta *meta = &raw->meta;
		bool plain = meta->file && g_str_has_suffix(meta->file, ".txt");
		bool came = meta->file != NULL;
		g_clear_pointer(&meta->file, g_free);
		g_clear_pointer(&meta->sha256, g_free);
		g_clear_pointer(&meta->redaction, g_free);
		if (!raw_put(a->store, meta, plain ? RAW_TEXT : RAW_JSON,
			came ? raw->text : NULL, false, error))
			return false;
	}
	return raws != NULL;
}

static bool ask_files(struct asking *a, const char *from, GError **error)
{
	g_autofree char *raw = g_build_filename(from, "raw", NULL);
	g_autoptr(GError) why = NULL;

	if (g_file_test(raw, G_FILE_TEST_IS_DIR))
		return copy_replies(a, from, error);
	if (!home_check(from, &why))
		return fail(error, GONOGO_ERROR_USAGE,
		    "%s: neither a bundle (it has no raw/) nor a shared home: "
		    "%s",
		    from, why->message);
	struct settings there = *a->settings;
	there.home.shared = (char *)from;
	a->settings = &there;
	bool good = ask_settings(a, error) && ask_home(a, error);
	a->settings = NULL;
	return good;
}

static bool ask_whom(struct collection *c, const redactor *redactor,
    struct asking *a, GError **error)
{
	a->store = raw_open(c->bundle, redactor, error);
	if (!a->store)
		return false;
	bool good = c->from ? ask_files(a, c->from, error) : ask_live(a, error);
	c->answered = c->from || a->answered > 0;
	raw_close(a->store);
	json_free(a->stores);
	return good;
}

static bool ask_all(struct collection *c, GError **error)
{
	const struct settings *s = c->settings;
	g_autofree char *key =
	    g_build_filename(s->state.dir, "keys", "pseudonym.key", NULL);
	g_autoptr(redactor) redactor = redactor_new(key, error);
	g_autoptr(secret) bitbucket = NULL;
	g_autoptr(secret) database = NULL;

	if (!redactor ||
	    !secret_find("bitbucket-password", s->cluster.password_file,
		&bitbucket, error) ||
	    !secret_find("database-password", s->database.password_file,
		&database, error))
		return false;
	redactor_hide(redactor, "bitbucket-password", bitbucket);
	redactor_hide(redactor, "database-password", database);
	struct asking a = {.settings = s,
	    .profile = c->profile,
	    .bitbucket_password = bitbucket,
	    .database_password = database};
	return ask_whom(c, redactor, &a, error);
}

bool collect_all(struct collection *c, struct facts *facts, GError **error)
{
	g_autofree char *path = g_build_filename(c->bundle, "facts.json", NULL);

	return fs_make_folders(c->bundle, 0700, error) &&
	       copy_policy(c, error) && copy_answers(c, error) &&
	       copy_packs(c, error) && ask_all(c, error) &&
	       normalise(c->bundle, clock_now(), facts, error) &&
	       document_save(&facts_shape, facts, path, error);
}
