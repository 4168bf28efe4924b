#include "backup/staging.h"

#include "backup/staging/rewrite.h"
#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/log.h"
#include "bitbucket/home.h"
#include "bitbucket/staging.h"

bool staging_check(const char *url, GError **error)
{
	g_autoptr(GUri) uri = g_uri_parse(url, G_URI_FLAGS_NONE, NULL);
	const char *scheme = uri ? g_uri_get_scheme(uri) : NULL;
	const char *host = uri ? g_uri_get_host(uri) : NULL;

	return (scheme && host && *host &&
		   (g_str_equal(scheme, "http") ||
		       g_str_equal(scheme, "https"))) ||
	       fail(error, GONOGO_ERROR_USAGE,
		   "--staging %s: a URL as https://staging.example.org is "
		   "wanted, under which the copy will be reached",
		   url);
}

struct work {
	const struct staging *s;
	char *home;                /* without links and dots */
	char *properties;          /* production's text */
	GPtrArray *hosts, *paths;  /* production's */
	GPtrArray *changes, *left; /* char * */
};

static void add(GPtrArray *list, const char *text)
{
	if (text && *text &&
	    !g_ptr_array_find_with_equal_func(list, text, g_str_equal, NULL))
		g_ptr_array_add(list, g_strdup(text));
}

static void add_host(GPtrArray *list, const char *url)
{
	g_autoptr(GUri) uri =
	    url ? g_uri_parse(url, G_URI_FLAGS_NONE, NULL) : NULL;

	if (uri)
		add(list, g_uri_get_host(uri));
}

/* From here on nothing can start from the home until all is done. */
static bool take_properties(struct work *w, GError **error)
{
	g_autofree char *path =
	    g_build_filename(w->home, HOME_PROPERTIES, NULL);

	w->properties = file_read(path, LIMIT_SETTINGS, NULL, error);
	if (!w->properties)
		return false;
	if (unlink(path) != 0)
		return fail_errno(error, "%s", path);
	g_autoptr(GPtrArray) hosts = staging_hosts(w->properties);
	for (guint i = 0; i < hosts->len; i++)
		add(w->hosts, hosts->pdata[i]);
	add_host(w->hosts, w->s->set->snapshot.url);
	add(w->paths, w->s->set->snapshot.home.path);
	return true;
}

/* A copy that is called as production is would be taken for it. */
static bool is_elsewhere(const struct work *w, GError **error)
{
	g_autoptr(GUri) uri = g_uri_parse(w->s->url, G_URI_FLAGS_NONE, NULL);

	for (guint i = 0; uri && i < w->hosts->len; i++)
		if (g_ascii_strcasecmp(
			w->hosts->pdata[i], g_uri_get_host(uri)) == 0)
			return fail(error, GONOGO_ERROR_USAGE,
			    "--staging %s: %s is production's own", w->s->url,
			    (char *)w->hosts->pdata[i]);
	for (guint i = 0; i < w->paths->len; i++)
		if (g_str_equal(w->paths->pdata[i], w->home))
			return fail(error, GONOGO_ERROR_USAGE,
			    "%s is where production's home is", w->home);
	return true;
}

static bool change_database(struct work *w, GError **error)
{
	g_autoptr(pg) db = db_open_bitbucket(w->s->login, error);
	const struct rewrite r = {
	    .url = w->s->url,
	    .home = w->home,
	    .hosts = w->hosts,
	    .paths = w->paths,
	    .changes = w->changes,
	    .left = w->left,
	};

	return db && rewrite_learn(db, w->hosts, w->paths, error) &&
	       is_elsewhere(w, error) && rewrite_run(db, &r, error) &&
	       rewrite_search(db, &r, error);
}

/* Where the restored database is, for a driver that knows no sockets. */
static char *jdbc_url(const char *url)
{
	g_autofree char *host = pg_url_value(url, "host");
	g_autofree char *port = pg_url_value(url, "port");
	g_autofree char *name = pg_url_value(url, "dbname");
	bool remote = host && *host && *host != '/';

	return g_strdup_printf("jdbc:postgresql://%s%s%s/%s",
	    remote ? host : "127.0.0.1", port && *port ? ":" : "",
	    port && *port ? port : "", name ? name : "");
}

static bool write_home(struct work *w, GError **error)
{
	g_autofree char *jdbc = jdbc_url(w->s->login->url);
	g_autofree char *user = pg_url_value(w->s->login->url, "user");
	unsigned char bytes[HASH_BYTES];

	if (getentropy(bytes, sizeof bytes) != 0)
		return fail_errno(error, "random bytes");
	g_autofree char *secret = hash_hex(bytes, sizeof bytes);
	g_autofree char *group = g_strdup_printf("staging-%.12s", secret);
	const struct staging_places places = {
	    .url = w->s->url,
	    .jdbc_url = jdbc,
	    .jdbc_user = user,
	    .group = group,
	    .group_password = secret,
	};
	g_autofree char *text =
	    staging_properties(w->properties, &places, w->changes);
	g_ptr_array_add(w->changes,
	    g_strdup("license: it is production's; put in one for tests"));
	g_ptr_array_add(
	    w->changes, g_strdup("jdbc.password: to be put in by hand"));
	g_autoptr(GString) list = g_string_new(NULL);
	for (guint i = 0; i < w->changes->len; i++)
		g_string_append_printf(
		    list, "%s\n", (char *)w->changes->pdata[i]);
	g_autofree char *changes =
	    g_build_filename(w->home, STAGING_CHANGES, NULL);
	g_autofree char *properties =
	    g_build_filename(w->home, HOME_PROPERTIES, NULL);
	if (!file_write(changes, 0600, list->str, list->len, error) ||
	    !file_write(properties, 0600, text, strlen(text), error))
		return false;
	printf("%s", list->str);
	return true;
}

static bool fail_left(const struct work *w, GError **error)
{
	for (guint i = 0; i < w->left->len; i++)
		log_warn("not rewritten: %s", (char *)w->left->pdata[i]);
	return fail(error, GONOGO_ERROR_DATA,
	    "%u things of production are left in the copy, the first is %s\n"
	    "hint: %s has no " HOME_PROPERTIES ", so that nothing starts "
	    "from it; mend what is named in production, or in the copy by "
	    "hand",
	    w->left->len, (char *)w->left->pdata[0], w->home);
}

bool staging_apply(const struct staging *s, GError **error)
{
	struct work w = {
	    .s = s,
	    .home = g_canonicalize_filename(s->home, NULL),
	    .hosts = g_ptr_array_new_with_free_func(g_free),
	    .paths = g_ptr_array_new_with_free_func(g_free),
	    .changes = g_ptr_array_new_with_free_func(g_free),
	    .left = g_ptr_array_new_with_free_func(g_free),
	};

	log_say("making it a staging copy");
	bool good = take_properties(&w, error) && change_database(&w, error) &&
		    (w.left->len == 0 || fail_left(&w, error)) &&
		    write_home(&w, error);
	g_ptr_array_unref(w.hosts);
	g_ptr_array_unref(w.paths);
	g_ptr_array_unref(w.changes);
	g_ptr_array_unref(w.left);
	g_free(w.properties);
	g_free(w.home);
	return good;
}
