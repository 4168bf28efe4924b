#include "bitbucket/jdbc.h"

#include <stdbool.h>

#include "base/error.h"

#define POSTGRESQL "jdbc:postgresql:"

enum { MOST_PORT = 65535 };

/* The words of a URL are not shown: they may hold a password. */
static char *fail_kind(const char *jdbc_url, GError **error)
{
	if (!g_str_has_prefix(jdbc_url, "jdbc:")) {
		fail(error, GONOGO_ERROR_DATA,
		    "not a JDBC URL like jdbc:postgresql://host:5432/name");
		return NULL;
	}
	const char *kind = jdbc_url + strlen("jdbc:");
	fail(error, GONOGO_ERROR_DATA,
	    "the database is %.*s, not PostgreSQL\n"
	    "hint: only PostgreSQL can be looked at and saved",
	    (int)strcspn(kind, ":/;@"), kind);
	return NULL;
}

static char *fail_place(GError **error)
{
	fail(error, GONOGO_ERROR_DATA,
	    "not a JDBC URL like jdbc:postgresql://host:5432/name: its host "
	    "or port cannot be read");
	return NULL;
}

/* Gives TEXT escaped for a URL; what is escaped in it already stays as it is.
 */
static char *escape(const char *text)
{
	g_autofree char *plain = g_uri_unescape_string(text, NULL);

	return g_uri_escape_string(plain ? plain : text, NULL, FALSE);
}

/* Is TEXT, up to its bracket, an address, maybe of a zone ("fe80::1%eth0")? */
static bool is_address(const char *text)
{
	g_autofree char *address = g_strndup(text, strcspn(text, "%]"));

	return g_hostname_is_ip_address(address);
}

/* Appends "host:port" of a JDBC URL; without a host the driver means ours. */
static bool append_host(GString *out, const char *text)
{
	const char *behind =
	    *text == '[' ? strchr(text, ']') : text + strcspn(text, ":");
	guint64 port = 0;

	if (!behind || (*text == '[' && !is_address(text + 1)))
		return false;
	if (*text == '[')
		behind++;
	g_autofree char *host = g_strndup(text, (gsize)(behind - text));
	if (*behind &&
	    (*behind != ':' || !g_ascii_string_to_unsigned(
				   behind + 1, 10, 1, MOST_PORT, &port, NULL)))
		return false;
	if (*text != '[') {
		g_autofree char *escaped = escape(host);

		g_string_append(out, *escaped ? escaped : "localhost");
	} else {
		g_string_append(out, host);
	}
	g_string_append(out, behind);
	return true;
}

static bool append_hosts(GString *out, const char *text)
{
	g_auto(GStrv) hosts = g_strsplit(text, ",", -1);

	for (size_t i = 0; hosts[i]; i++) {
		if (i > 0)
			g_string_append_c(out, ',');
		if (!append_host(out, hosts[i]))
			return false;
	}
	/* g_strsplit() makes nothing of nothing. */
	return hosts[0] || append_host(out, "");
}

/* Gives the value of the query word NAME, unescaped; NULL: none. */
static char *parameter(char **words, const char *name)
{
	char *value = NULL;

	for (size_t i = 0; words[i]; i++) {
		size_t length = strcspn(words[i], "=");

		if (strlen(name) != length ||
		    strncmp(words[i], name, length) != 0)
			continue;
		const char *raw = words[i] + length;
		g_free(value);
		value = g_uri_unescape_string(*raw ? raw + 1 : raw, NULL);
	}
	return value;
}

static void append_parameter(GString *out, const char *name, const char *value)
{
	g_autofree char *escaped = g_uri_escape_string(value, NULL, FALSE);

	g_string_append_printf(
	    out, "%c%s=%s", strchr(out->str, '?') ? '&' : '?', name, escaped);
}

/* The driver's currentSchema is the server's search_path. */
static void append_schema(GString *out, const char *schema)
{
	g_autoptr(GString) options = g_string_new("-c search_path=");

	for (const char *c = schema; *c; c++) {
		if (*c == '\\' || g_ascii_isspace(*c))
			g_string_append_c(options, '\\');
		g_string_append_c(options, *c);
	}
	append_parameter(out, "options", options->str);
}

/* The driver verifies with ssl=true alone unless its factory does not. */
static const char *tls_mode(const char *ssl, const char *factory)
{
	if (!ssl || g_ascii_strcasecmp(ssl, "false") == 0)
		return NULL;
	return factory && strstr(factory, "NonValidating") ? "require"
							   : "verify-full";
}

static const char *session_of(const char *server_type)
{
	static const char *const names[][2] = {
	    {"master", "primary"},
	    {"primary", "primary"},
	    {"slave", "standby"},
	    {"secondary", "standby"},
	    {"preferSlave", "prefer-standby"},
	    {"preferSecondary", "prefer-standby"},
	};

	for (size_t i = 0; server_type && i < G_N_ELEMENTS(names); i++)
		if (g_str_equal(server_type, names[i][0]))
			return names[i][1];
	return NULL;
}

static void append_parameters(GString *out, const char *query)
{
	g_auto(GStrv) words = g_strsplit(query, "&", -1);
	g_autofree char *schema = parameter(words, "currentSchema");
	g_autofree char *mode = parameter(words, "sslmode");
	g_autofree char *root = parameter(words, "sslrootcert");
	g_autofree char *ssl = parameter(words, "ssl");
	g_autofree char *factory = parameter(words, "sslfactory");
	g_autofree char *server = parameter(words, "targetServerType");
	const char *tls = mode ? mode : tls_mode(ssl, factory);

	if (schema && *schema)
		append_schema(out, schema);
	if (tls)
		append_parameter(out, "sslmode", tls);
	if (root)
		append_parameter(out, "sslrootcert", root);
	if (session_of(server))
		append_parameter(
		    out, "target_session_attrs", session_of(server));
}

char *jdbc_pg_url(const char *jdbc_url, const char *user, GError **error)
{
	if (!g_str_has_prefix(jdbc_url, POSTGRESQL))
		return fail_kind(jdbc_url, error);
	/* "//hosts/name?query", or "name?query" alone. */
	const char *rest = jdbc_url + strlen(POSTGRESQL);
	const char *query = strchr(rest, '?');
	bool hosts_given = g_str_has_prefix(rest, "//");

	if (hosts_given)
		rest += 2;
	g_autofree char *place = g_strndup(rest, strcspn(rest, "?"));
	size_t length = hosts_given ? strcspn(place, "/") : 0;
	g_autofree char *hosts = g_strndup(place, length);
	g_autofree char *name =
	    escape(place[length] == '/' ? place + length + 1 : place + length);
	g_autoptr(GString) url = g_string_new("postgresql://");

	if (user) {
		g_autofree char *escaped =
		    g_uri_escape_string(user, NULL, FALSE);

		g_string_append_printf(url, "%s@", escaped);
	}
	if (strchr(hosts, '@') || !append_hosts(url, hosts))
		return fail_place(error);
	g_string_append_printf(url, "/%s", name);
	if (query)
		append_parameters(url, query + 1);
	return g_string_free(g_steal_pointer(&url), FALSE);
}
