/*
 * Bitbucket over HTTP: few requests, spaced, each reply kept.
 *
 *     every node:  /status first; one that gives no reply is not asked again
 *     the cluster: at its URL, else at the first node that gave a reply
 */
#include <inttypes.h>

#include "audit/collect/ask.h"
#include "audit/collect/nodes.h"
#include "audit/collect/read_apps.h"
#include "audit/collect/rows.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/stop.h"
#include "bitbucket/rest.h"

enum {
	SPACE_US = 20000,           /* between two requests */
	EVENTS_BACK_S = 14 * 86400, /* how far the audit log is read back */
	PAGES_MOST = 50,
};

/*
 * One server that is asked: without the login where none is needed, so that a
 * wrong password hides nothing that everybody may see.
 */
struct server {
	char *name; /* of the node; NULL: the cluster's URL */
	http *anybody, *login;
	char *silence; /* why it gave no reply; NULL: it gave one */
};

struct talk {
	struct asking *asking;
	GPtrArray *nodes;       /* struct server, of the settings */
	struct server *cluster; /* owned */
	struct server *speaker; /* answers for the cluster: borrowed */
	json *updates;          /* the reply to apps.updates; NULL: none */
	int64_t now;
};

static void server_free(gpointer data)
{
	struct server *s = data;

	if (!s)
		return;
	http_close(s->anybody);
	http_close(s->login);
	g_free(s->name);
	g_free(s->silence);
	g_free(s);
}

static void talk_end(struct talk *t)
{
	g_clear_pointer(&t->nodes, g_ptr_array_unref);
	server_free(t->cluster);
	json_free(t->updates);
}

/* ---- one question ---- */

/* Gives REQUEST with its {places} filled.  DATA: one can't be. */
static char *fill_in(const struct talk *t, const char *request, GError **error)
{
	if (g_str_equal(request, "{compatibility}")) {
		if (t->updates)
			return apps_compatibility_path(t->updates,
			    t->asking->settings->target.version, error);
		fail(error, GONOGO_ERROR_DATA,
		    "no list of product updates to take the link from");
		return NULL;
	}
	g_autoptr(GString) path = g_string_new(request);
	g_autofree char *from = clock_text(t->now - EVENTS_BACK_S);
	g_autofree char *to = clock_text(t->now);
	g_string_replace(path, "{from}", from, 1);
	g_string_replace(path, "{to}", to, 1);
	return g_strdup(path->str);
}

static const char *header(const struct http_reply *reply, const char *name)
{
	return reply->headers ? g_hash_table_lookup(reply->headers, name)
			      : NULL;
}

/*
 * Asks SERVER for PATH and puts what came, or why nothing did.  *reply stays
 * empty when nothing came.
 */
static bool ask(struct talk *t, struct server *server, const struct row *row,
    const char *subject, const char *path, struct http_reply *reply,
    GError **error)
{
	http *h = row->permission ? server->login : server->anybody;
	const struct http_request request = {
	    .path = path, .accept = row->accept};
	g_autoptr(GError) why = NULL;
	g_auto(raw_meta) meta = {0};

	if (stop_requested(error))
		return false;
	g_usleep(SPACE_US);
	meta.at = number_of(clock_now());
	bool came = http_do(h, &request, reply, &why);
	if (g_error_matches(why, GONOGO_ERROR, GONOGO_ERROR_STOPPED)) {
		g_propagate_error(error, g_steal_pointer(&why));
		return false;
	}
	if (came && strlen(reply->body) != reply->length)
		came = fail(&why, GONOGO_ERROR_REMOTE,
		    "%s: a NUL byte in the answer", path);
	meta.what = g_strdup(row->what);
	meta.subject = g_strdup(subject);
	meta.collector = g_strdup(row->collector);
	meta.request = g_strconcat("GET ", http_url(h), path, NULL);
	if (!came) {
		meta.error = g_strdup(why->message);
		return raw_put(
		    t->asking->store, &meta, RAW_JSON, NULL, false, error);
	}
	meta.at = number_of(reply->at);
	meta.elapsed_ms = number_of(reply->elapsed_ms);
	meta.http_status = number_of(reply->status);
	meta.media_type = g_strdup(reply->media_type);
	meta.date = g_strdup(header(reply, "date"));
	return raw_put(
	    t->asking->store, &meta, RAW_JSON, reply->body, row->people, error);
}

/* ---- pages ---- */

/*
 * Gives the path of the page behind BODY in *NEXT; NULL: it was the last, or
 * it does not say well, which normalise finds out again.
 */
static void next_page(
    const struct row *row, const char *path, const json *body, char **next)
{
	static const char events[] = "/rest/auditing/1.0/events?";

	*next = NULL;
	if (row->pages == PAGES_VALUES) {
		ignore(!rest_next_page(path, body, next, NULL));
		return;
	}
	const char *link = json_text(body, "pagingInfo.nextPageLink");
	bool last = true;
	if (json_bool(body, "pagingInfo.lastPage", &last, NULL) && !last &&
	    link)
		*next = g_strdup(strstr(link, events));
}

static bool ask_pages(
    struct talk *t, const struct row *row, const char *path, GError **error)
{
	g_autofree char *here = g_strdup(path);

	for (unsigned page = 1; here && page <= PAGES_MOST; page++) {
		g_auto(http_reply) reply = {0};
		g_autofree char *subject = g_strdup_printf("page %u", page);
		g_autofree char *next = NULL;

		if (!ask(t, t->speaker, row, subject, here, &reply, error))
			return false;
		g_autoptr(json) body =
		    reply.body
			? json_parse(reply.body, reply.length, here, NULL)
			: NULL;
		if (body)
			next_page(row, here, body, &next);
		g_free(here);
		here = g_steal_pointer(&next);
	}
	return true;
}

/* ---- rows ---- */

static bool ask_server(struct talk *t, struct server *server,
    const struct row *row, GError **error)
{
	g_autoptr(GError) why = NULL;
	g_autofree char *path = fill_in(t, row->request, &why);
	g_auto(http_reply) reply = {0};

	if (!path)
		return ask_put_failure(
		    t->asking, row, server->name, why->message, error);
	if (row->pages)
		return ask_pages(t, row, path, error);
	if (!ask(t, server, row, server->name, path, &reply, error))
		return false;
	if (reply.body && g_str_equal(row->what, "apps.updates"))
		t->updates =
		    json_parse(reply.body, reply.length, row->what, NULL);
	return true;
}

/* Its first question: a server that gives no reply is not asked again. */
static bool knock(struct talk *t, struct server *server, const struct row *row,
    const char *subject, GError **error)
{
	g_auto(http_reply) reply = {0};

	if (!ask(t, server, row, subject, row->request, &reply, error))
		return false;
	/* A balancer's own page is a reply, but no node's. */
	g_autoptr(json) body =
	    reply.body ? json_parse(reply.body, reply.length, "reply", NULL)
		       : NULL;
	t->asking->answered += body != NULL;
	if (!reply.body)
		server->silence =
		    g_strdup_printf("%s gave no reply when it was first asked",
			http_url(server->anybody));
	return true;
}

static bool ask_node_rows(struct talk *t, struct server *node, GError **error)
{
	const struct row *status = rows_find("node.status");

	if (!knock(t, node, status, node->name, error))
		return false;
	for (const struct row *row = rows_next(NULL); row;
	     row = rows_next(row)) {
		if (!ask_wants(t->asking, row, "bitbucket") || !row->per_node ||
		    row == status)
			continue;
		bool good = node->silence
				? ask_put_failure(t->asking, row, node->name,
				      node->silence, error)
				: ask_server(t, node, row, error);
		if (!good)
			return false;
	}
	return true;
}

/*
 * The cluster's URL may be a balancer that is away; then a node speaks for the
 * cluster.  Nobody may.
 */
static bool choose_speaker(
    struct talk *t, const struct row *first, GError **error)
{
	if (!knock(t, t->cluster, first, NULL, error))
		return false;
	if (!t->cluster->silence)
		t->speaker = t->cluster;
	for (guint i = 0; i < t->nodes->len && !t->speaker; i++) {
		struct server *node = g_ptr_array_index(t->nodes, i);
		if (!node->silence)
			t->speaker = node;
	}
	if (t->speaker && t->cluster->silence)
		log_warn("%s; asking node %s instead", t->cluster->silence,
		    t->speaker->name);
	return true;
}

static bool ask_cluster_rows(struct talk *t, GError **error)
{
	struct asking *a = t->asking;
	const struct row *first = rows_find("product");

	if (!choose_speaker(t, first, error))
		return false;
	for (const struct row *row = rows_next(NULL); row;
	     row = rows_next(row)) {
		struct server once = {0};

		if (row == first)
			continue;
		if ((!ask_wants(a, row, "bitbucket") &&
			!ask_wants(a, row, "apps")) ||
		    row->per_node)
			continue;
		if (!t->speaker) {
			if (!ask_put_failure(
				a, row, NULL, t->cluster->silence, error))
				return false;
			continue;
		}
		/* Whoever speaks, it is asked for the cluster. */
		once.anybody = t->speaker->anybody;
		once.login = t->speaker->login;
		if (!ask_server(t, &once, row, error))
			return false;
	}
	return true;
}

/* ---- all of it ---- */

static http *connect_as(
    const struct talk *t, const char *url, const char *user, GError **error)
{
	const struct settings *s = t->asking->settings;
	const struct http_options options = {.url = url,
	    .user = user,
	    .password = user ? t->asking->bitbucket_password : NULL,
	    .ca_file = s->cluster.ca_file,
	    .proxy = s->cluster.proxy,
	    .timeout_ms = (unsigned)s->cluster.timeout_ms};

	return http_open(&options, error);
}

static struct server *connect_to(
    const struct talk *t, const char *name, const char *url, GError **error)
{
	const char *user = t->asking->bitbucket_password
			       ? t->asking->settings->cluster.user
			       : NULL;
	struct server *server = g_new0(struct server, 1);

	server->name = g_strdup(name);
	server->anybody = connect_as(t, url, NULL, error);
	if (server->anybody)
		server->login = connect_as(t, url, user, error);
	if (server->login)
		return server;
	server_free(server);
	return NULL;
}

static bool connect_all(struct talk *t, GError **error)
{
	const struct settings *s = t->asking->settings;

	t->nodes = g_ptr_array_new_with_free_func(server_free);
	t->cluster = connect_to(t, NULL, s->cluster.url, error);
	if (!t->cluster)
		return false;
	for (char **n = s->cluster.nodes; n && *n; n++) {
		g_autofree char *name = NULL;
		g_autofree char *url = NULL;
		nodes_pair(*n, &name, &url);
		struct server *node = connect_to(t, name, url, error);
		if (!node)
			return false;
		g_ptr_array_add(t->nodes, node);
	}
	return true;
}

static bool ask_all(struct talk *t, GError **error)
{
	if (!connect_all(t, error))
		return false;
	for (guint i = 0; i < t->nodes->len; i++)
		if (!ask_node_rows(t, g_ptr_array_index(t->nodes, i), error))
			return false;
	return ask_cluster_rows(t, error);
}

bool ask_http(struct asking *a, GError **error)
{
	struct talk t = {.asking = a, .now = clock_now()};

	if (!a->settings->cluster.url)
		return fail(error, GONOGO_ERROR_USAGE,
		    "no URL of the cluster\nhint: set [cluster] url in %s",
		    a->settings->path ? a->settings->path : "gonogo.conf");
	bool good = ask_all(&t, error);
	talk_end(&t);
	return good;
}
