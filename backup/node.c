#include "backup/node.h"

#include "base/error.h"

char **node_urls(const struct settings *s)
{
	g_autoptr(GPtrArray) urls = g_ptr_array_new();

	for (char **node = s->cluster.nodes; node && *node; node++) {
		g_autofree char *name = NULL, *url = NULL;
		settings_pair(*node, &name, &url);
		g_ptr_array_add(urls, g_steal_pointer(&url));
	}
	if (s->cluster.url)
		g_ptr_array_add(urls, g_strdup(s->cluster.url));
	g_ptr_array_add(urls, NULL);
	return (char **)g_ptr_array_free(g_steal_pointer(&urls), FALSE);
}

bool node_is_known(const struct settings *s, const char *url)
{
	g_auto(GStrv) urls = node_urls(s);

	return g_strv_contains((const char *const *)urls, url);
}

secret *node_password(const struct settings *s, GError **error)
{
	secret *password = NULL;

	if (!s->cluster.user) {
		fail(error, GONOGO_ERROR_USAGE,
		    "[cluster] user is not set\n"
		    "hint: name a system administrator: only one may lock");
		return NULL;
	}
	if (!secret_find("bitbucket-password", s->cluster.password_file,
		&password, error))
		return NULL;
	if (!password)
		fail(error, GONOGO_ERROR_USAGE,
		    "there is no password for [cluster] user %s\n"
		    "hint: set password_file, or $GONOGO_BITBUCKET_PASSWORD",
		    s->cluster.user);
	return password;
}

http *node_open(const struct settings *s, const char *url,
    const secret *password, GError **error)
{
	const struct http_options options = {
	    .url = url,
	    .user = password ? s->cluster.user : NULL,
	    .password = password,
	    .ca_file = s->cluster.ca_file,
	    .proxy = s->cluster.proxy,
	    .timeout_ms = (unsigned)s->cluster.timeout_ms,
	};

	return http_open(&options, error);
}

static bool answers(http *h, GError **error)
{
	const struct http_request request = {.path = "/status"};
	g_auto(http_reply) reply = {0};

	return http_do(h, &request, &reply, error);
}

http *node_find(const struct settings *s, const secret *password, char **url,
    GError **error)
{
	g_auto(GStrv) urls = node_urls(s);
	g_autoptr(GError) why = NULL;

	if (!*urls) {
		fail(error, GONOGO_ERROR_USAGE, "[cluster] url is not set");
		return NULL;
	}
	for (char **at = urls; *at; at++) {
		g_clear_error(&why);
		g_autoptr(http) h = node_open(s, *at, password, &why);
		if (h && answers(h, &why)) {
			*url = g_strdup(*at);
			return g_steal_pointer(&h);
		}
		if (why->code == GONOGO_ERROR_STOPPED)
			break;
	}
	bool stopped = why->code == GONOGO_ERROR_STOPPED;
	if (!stopped && !strstr(why->message, "hint:")) {
		g_autofree char *text = g_strdup_printf(
		    "%s\nhint: no node answers: check [cluster] url and nodes, "
		    "and that Bitbucket runs",
		    why->message);
		g_free(why->message);
		why->message = g_steal_pointer(&text);
	}
	g_propagate_error(error, g_steal_pointer(&why));
	return NULL;
}
