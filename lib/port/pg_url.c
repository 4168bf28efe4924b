#include "port/pg_url.h"

#include <libpq-fe.h>

#include "base/error.h"
#include "port/pg_text.h"

/* Gives the parsed words of URL, or NULL with *error set. */
static PQconninfoOption *parse_url(const char *url, GError **error)
{
	char *words = NULL;
	PQconninfoOption *options = PQconninfoParse(url, &words);

	if (!options) {
		/* libpq may quote the URL, and with it a password. */
		fail(error, GONOGO_ERROR_USAGE,
		    "database: not a URL like "
		    "postgresql://user@host:5432/bitbucket");
		PQfreemem(words);
		return NULL;
	}
	for (PQconninfoOption *option = options; option->keyword; option++)
		if (option->val && *option->val &&
		    (g_str_equal(option->keyword, "password") ||
			g_str_equal(option->keyword, "sslpassword"))) {
			PQconninfoFree(options);
			fail(error, GONOGO_ERROR_USAGE,
			    "database: a password does not belong into a URL\n"
			    "hint: set [database] password_file");
			return NULL;
		}
	return options;
}

/* ---- TLS ---- */

static const char *value_of(const PQconninfoOption *options, const char *name)
{
	for (; options->keyword; options++)
		if (g_str_equal(options->keyword, name))
			return options->val;
	return NULL;
}

/* A host that is reached without leaving this one. */
static bool is_here(const char *host)
{
	return *host == '\0' || *host == '/' || *host == '@' ||
	       g_str_equal(host, "localhost") || g_str_equal(host, "::1") ||
	       (g_str_has_prefix(host, "127.") &&
		   g_hostname_is_ip_address(host));
}

/* Does nobody say how, and may the connection leave this host? */
static bool wants_tls(const PQconninfoOption *options)
{
	const char *host = value_of(options, "host");
	const char *address = value_of(options, "hostaddr");
	const char *hosts = address ? address
			    : host  ? host
				    : g_getenv("PGHOST");

	/* A service file says it, or does not, as its owner wants. */
	if (value_of(options, "sslmode") || g_getenv("PGSSLMODE") ||
	    value_of(options, "service") || g_getenv("PGSERVICE"))
		return false;
	g_auto(GStrv) all = g_strsplit(hosts ? hosts : "", ",", -1);
	for (char **one = all; *one; one++)
		if (!is_here(*one))
			return true;
	return false;
}

/* Where the library's own file of authorities is not, the system's serves. */
static const char *authorities(const PQconninfoOption *options)
{
	static const char system_s[] = "/etc/ssl/certs/ca-certificates.crt";
	g_autofree char *own =
	    g_build_filename(g_get_home_dir(), ".postgresql", "root.crt", NULL);

	if (value_of(options, "sslrootcert") || g_getenv("PGSSLROOTCERT") ||
	    g_file_test(own, G_FILE_TEST_EXISTS) ||
	    !g_file_test(system_s, G_FILE_TEST_EXISTS))
		return NULL;
	return system_s;
}

/* ---- words ---- */

/* Who does not answer any more is lost after a minute, not after the two hours
 * of the system. */
#define SILENCE                                                                \
	"connect_timeout='10' keepalives_idle='30' keepalives_interval='10' "  \
	"keepalives_count='3'"

/*
 * Gives NAME='value' words for libpq, in which \ and ' are escaped; parameter
 * NAME (may be NULL) has VALUE in them.
 */
static char *conninfo_of(
    const PQconninfoOption *options, const char *name, const char *value)
{
	GString *out = g_string_new("application_name='gonogo' " SILENCE);
	bool tls = wants_tls(options);
	const char *trusted = tls ? authorities(options) : NULL;

	if (tls)
		g_string_append(out, " sslmode='verify-full'");
	if (trusted)
		g_string_append_printf(out, " sslrootcert='%s'", trusted);

	for (; options->keyword; options++) {
		bool replaced = name && g_str_equal(options->keyword, name);
		const char *text = replaced ? value : options->val;

		if (!text || g_str_equal(options->keyword, "application_name"))
			continue;
		g_string_append_printf(out, " %s='", options->keyword);
		for (const char *c = text; *c; c++) {
			if (*c == '\\' || *c == '\'')
				g_string_append_c(out, '\\');
			g_string_append_c(out, *c);
		}
		g_string_append_c(out, '\'');
	}
	return g_string_free(out, FALSE);
}

char *pg_url_words(const char *url, GError **error)
{
	PQconninfoOption *options = parse_url(url, error);

	if (!options)
		return NULL;
	char *words = conninfo_of(options, NULL, NULL);
	PQconninfoFree(options);
	return words;
}

char *pg_url_value(const char *url, const char *parameter)
{
	PQconninfoOption *options = PQconninfoParse(url, NULL);
	char *value = NULL;

	for (PQconninfoOption *o = options; o && o->keyword; o++)
		if (g_str_equal(o->keyword, parameter))
			value = g_strdup(o->val);
	PQconninfoFree(options);
	return value;
}

char *pg_url_with(
    const char *url, const char *parameter, const char *value, GError **error)
{
	PQconninfoOption *options = parse_url(url, error);

	if (!options)
		return NULL;
	char *words = conninfo_of(options, parameter, value);
	PQconninfoFree(options);
	return words;
}

bool pg_program_login(const char *url, const secret *password,
    const char *folder, char **dbname, char **passfile, GError **error)
{
	g_autofree char *words = pg_url_words(url, error);

	if (!words)
		return false;
	if (!password)
		*passfile = NULL;
	else if (!pg_passfile(folder, password, passfile, error))
		return false;
	*dbname = g_steal_pointer(&words);
	return true;
}
