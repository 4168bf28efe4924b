/*
 * gonogo-report init: what a site owns before its first run: settings, the
 * policy that its verdicts are made by, the key that signs them, and the key
 * of the pseudonyms.  `gonogo init` is the same.
 */
#include <string.h>

#include "base/cli.h"
#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/share.h"
#include "contract/settings.h"
#include "port/fs.h"
#include "port/sign.h"
#include "report/verbs.h"

/* Writes TEXT at FOLDER/NAME unless something is there already. */
static bool lay(
    const char *folder, const char *name, const char *text, GError **error)
{
	g_autofree char *path = g_build_filename(folder, name, NULL);

	if (g_file_test(path, G_FILE_TEST_EXISTS))
		return fail(error, GONOGO_ERROR_USAGE,
		    "%s is there already\nhint: --dir names another folder",
		    path);
	if (!file_write(path, 0600, text, strlen(text), error))
		return false;
	log_say("wrote %s", path);
	return true;
}

/* What `init` may be told at once; the rest is for an editor. */
struct answers {
	char *cluster, *url, *user, *password_file, *home, *database, *store;
};

/* Gives the shipped settings with the answers in their places. */
static char *filled_settings(
    const struct answers *a, const char *key, GError **error)
{
	const struct {
		const char *group, *key, *value;
	} places[] = {
	    {"cluster", "name", a->cluster},
	    {"cluster", "url", a->url},
	    {"cluster", "user", a->user},
	    {"cluster", "password_file", a->password_file},
	    {"home", "shared", a->home},
	    {"database", "url", a->database},
	    {"store", "path", a->store},
	    {"policy", "file", "policy.conf"},
	    {"sign", "key", key},
	};
	g_autofree char *path = share_file("templates/gonogo.conf", error);
	g_autofree char *text =
	    path ? file_read(path, LIMIT_SETTINGS, NULL, error) : NULL;

	for (size_t i = 0; text && i < G_N_ELEMENTS(places); i++) {
		if (!places[i].value)
			continue;
		char *set = config_set(
		    text, places[i].group, places[i].key, places[i].value);
		if (!set) {
			fail(error, GONOGO_ERROR_DATA, "%s: [%s] has no %s",
			    path, places[i].group, places[i].key);
			return NULL;
		}
		g_free(text);
		text = set;
	}
	return g_steal_pointer(&text);
}

/* Makes the key that signs, and the one that pseudonyms are made with. */
static bool make_keys(const char *signing, const char *folder, GError **error)
{
	g_autofree char *pseudonym =
	    g_build_filename(folder, "pseudonym.key", NULL);
	unsigned char bytes[HASH_BYTES];

	if (!fs_make_folders(folder, 0700, error) ||
	    (!g_file_test(signing, G_FILE_TEST_EXISTS) &&
		!sign_make(signing, error)))
		return false;
	if (g_file_test(pseudonym, G_FILE_TEST_EXISTS))
		return true;
	if (getentropy(bytes, sizeof bytes) != 0)
		return fail_errno(error, "random bytes");
	g_autofree char *text = hash_hex(bytes, sizeof bytes);
	return file_write(pseudonym, 0600, text, strlen(text), error);
}

static bool lay_all(
    const char *folder, const struct answers *answers, GError **error)
{
	g_autoptr(settings) defaults = settings_read(NULL, error);
	g_autofree char *policy = NULL, *template = NULL, *text = NULL;
	g_autofree char *keys = NULL, *signing = NULL;

	if (!defaults)
		return false;
	keys = g_build_filename(defaults->state.dir, "keys", NULL);
	signing = g_build_filename(keys, "signing.pem", NULL);
	template = share_file("templates/policy.conf", error);
	if (!template)
		return false;
	policy = file_read(template, LIMIT_SETTINGS, NULL, error);
	text = policy ? filled_settings(answers, signing, error) : NULL;
	return text && fs_make_folders(folder, 0755, error) &&
	       lay(folder, "gonogo.conf", text, error) &&
	       lay(folder, "policy.conf", policy, error) &&
	       make_keys(signing, keys, error);
}

int verb_init(int argc, char **argv, GError **error)
{
	g_autofree char *folder = NULL;
	struct answers a = {0};
	const GOptionEntry options[] = {
	    {"dir", 0, 0, G_OPTION_ARG_FILENAME, &folder,
		"where to write [/etc/gonogo, or ~/.config/gonogo]", "DIR"},
	    {"cluster", 0, 0, G_OPTION_ARG_STRING, &a.cluster,
		"a name for the cluster", "NAME"},
	    {"url", 0, 0, G_OPTION_ARG_STRING, &a.url, "Bitbucket's base URL",
		"URL"},
	    {"user", 0, 0, G_OPTION_ARG_STRING, &a.user, "the user to ask as",
		"NAME"},
	    {"password-file", 0, 0, G_OPTION_ARG_FILENAME, &a.password_file,
		"where that user's password stands", "FILE"},
	    {"home", 0, 0, G_OPTION_ARG_FILENAME, &a.home, "the shared home",
		"DIR"},
	    {"database", 0, 0, G_OPTION_ARG_STRING, &a.database,
		"postgresql://user@host/name", "URL"},
	    {"store", 0, 0, G_OPTION_ARG_FILENAME, &a.store, "where backups go",
		"DIR"},
	    {0},
	};
	bool good = cli_parse(&argc, argv, options, "", 0, 0,
	    "Writes a settings file with comments, a policy, and the keys;"
	    " replaces\nnothing.",
	    error);

	if (good && !folder)
		folder = geteuid() == 0
			     ? g_strdup("/etc/gonogo")
			     : g_build_filename(
				   g_get_user_config_dir(), "gonogo", NULL);
	good = good && lay_all(folder, &a, error);
	if (good)
		printf("%s/gonogo.conf\n", folder);
	char **owned[] = {&a.cluster, &a.url, &a.user, &a.password_file,
	    &a.home, &a.database, &a.store};
	for (size_t i = 0; i < G_N_ELEMENTS(owned); i++)
		g_clear_pointer(owned[i], g_free);
	if (!good)
		return -1;
	log_say("next: fill in what is missing, then `gonogo doctor -c "
		"%s/gonogo.conf`",
	    folder);
	return EXITS_DONE;
}
