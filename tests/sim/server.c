#include "tests/sim/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "base/error.h"
#include "base/limits.h"

struct port {
	server *server;
	enum role role;
	const char *node; /* NULL: not a node's */
	uint16_t number;
	int reserve; /* bound, never listening: keeps the number ours */
	struct MHD_Daemon *daemon; /* NULL: closed */
	bool closing;              /* nothing may be suspended any more */
	char *base;
};

struct server {
	sim *sim;
	struct server_options options;
	GPtrArray *ports; /* struct port */
	GMutex opening;   /* of server_follow */
	GMutex holding;   /* of what follows */
	GHashTable *held; /* id -> exchange: suspended, to be woken */
	uint64_t last_id;
};

/* One request and its reply on their way. */
struct exchange {
	struct port *port;
	struct MHD_Connection *connection;
	uint64_t id;
	char *uri;
	bool begun, answered, given_up;
	GByteArray *body;
	struct delivery delivery;
	char *text; /* of the reply, while a fault delivers it */
	size_t length, sent;
	bool paused;
};

/* ---- suspended connections ---- */

static gboolean wake(gpointer data)
{
	gpointer *both = data;
	server *server = both[0];
	uint64_t id = GPOINTER_TO_SIZE(both[1]);

	g_mutex_lock(&server->holding);
	struct exchange *exchange =
	    g_hash_table_lookup(server->held, GSIZE_TO_POINTER(id));
	if (exchange) {
		g_hash_table_remove(server->held, GSIZE_TO_POINTER(id));
		MHD_resume_connection(exchange->connection);
	}
	g_mutex_unlock(&server->holding);
	return G_SOURCE_REMOVE;
}

/* Until WAIT_MS have gone by, or for ever (0).  False: the port closes. */
static bool hold(struct exchange *exchange, int64_t wait_ms)
{
	server *server = exchange->port->server;

	g_mutex_lock(&server->holding);
	if (exchange->port->closing) {
		g_mutex_unlock(&server->holding);
		return false;
	}
	exchange->id = ++server->last_id;
	g_hash_table_insert(
	    server->held, GSIZE_TO_POINTER(exchange->id), exchange);
	MHD_suspend_connection(exchange->connection);
	g_mutex_unlock(&server->holding);
	if (wait_ms > 0) {
		gpointer *both = g_new(gpointer, 2);
		both[0] = server;
		both[1] = GSIZE_TO_POINTER(exchange->id);
		g_timeout_add_full(
		    G_PRIORITY_DEFAULT, (guint)wait_ms, wake, both, g_free);
	}
	return true;
}

/* Wakes every connection of PORT, for its end. */
static void give_up(struct port *port)
{
	GHashTableIter iter;
	gpointer value;

	g_mutex_lock(&port->server->holding);
	port->closing = true;
	g_hash_table_iter_init(&iter, port->server->held);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		struct exchange *exchange = value;
		if (exchange->port != port)
			continue;
		exchange->given_up = true;
		g_hash_table_iter_remove(&iter);
		MHD_resume_connection(exchange->connection);
	}
	g_mutex_unlock(&port->server->holding);
}

/* ---- delivery ---- */

/* The peer sees a reset, whatever was sent before. */
static void reset(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
	    connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct sockaddr nobody = {.sa_family = AF_UNSPEC};

	ignore(connect(info->connect_fd, &nobody, sizeof nobody));
}

static ssize_t deliver(void *data, uint64_t position, char *buffer, size_t room)
{
	struct exchange *exchange = data;
	const struct delivery *how = &exchange->delivery;
	size_t from = (size_t)position;
	size_t some = exchange->length - from;

	if (exchange->given_up)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	if (how->kind == FAULT_DRIP) {
		exchange->paused = !exchange->paused;
		if (exchange->paused)
			return hold(exchange, how->ms)
				   ? 0
				   : MHD_CONTENT_READER_END_WITH_ERROR;
		some = MIN(some, (size_t)how->bytes);
	} else if (from >= exchange->length / 2) {
		if (how->kind == FAULT_RESET)
			reset(exchange->connection);
		return MHD_CONTENT_READER_END_WITH_ERROR;
	} else {
		some = exchange->length / 2 - from;
	}
	some = MIN(some, room);
	memcpy(buffer, exchange->text + from, some);
	return (ssize_t)some;
}

static struct MHD_Response *response_of(
    struct exchange *exchange, const struct reply *reply)
{
	enum fault_kind kind = exchange->delivery.kind;
	size_t length = reply->text ? strlen(reply->text) : 0;

	if (kind != FAULT_RESET && kind != FAULT_CUT && kind != FAULT_DRIP)
		return MHD_create_response_from_buffer(
		    length, reply->text, MHD_RESPMEM_MUST_COPY);
	exchange->text = g_memdup2(reply->text, length);
	exchange->length = length;
	return MHD_create_response_from_callback(
	    length, 16384, deliver, exchange, NULL);
}

static enum MHD_Result send_reply(
    struct exchange *exchange, const struct reply *reply)
{
	struct MHD_Response *response = response_of(exchange, reply);
	GHashTableIter iter;
	gpointer name, value;

	if (reply->media_type)
		MHD_add_response_header(
		    response, MHD_HTTP_HEADER_CONTENT_TYPE, reply->media_type);
	g_hash_table_iter_init(&iter, reply->headers);
	while (g_hash_table_iter_next(&iter, &name, &value))
		MHD_add_response_header(response, name, value);
	enum MHD_Result queued =
	    MHD_queue_response(exchange->connection, reply->status, response);
	MHD_destroy_response(response);
	return queued;
}

/* ---- a request ---- */

static enum MHD_Result keep(
    void *table, enum MHD_ValueKind kind, const char *name, const char *value)
{
	bool header = kind == MHD_HEADER_KIND;

	g_hash_table_replace(table,
	    header ? g_ascii_strdown(name, -1) : g_strdup(name),
	    g_strdup(value ? value : ""));
	return MHD_YES;
}

static GHashTable *values(
    struct MHD_Connection *connection, enum MHD_ValueKind kind)
{
	GHashTable *table =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);

	MHD_get_connection_values(connection, kind, keep, table);
	return table;
}

/* The path below the context, without a slash at its end; NULL: outside. */
static char *path_below(const struct port *port, const char *url)
{
	const char *context = port->server->options.context;

	if (port->role != ROLE_NODE && port->role != ROLE_BALANCER)
		context = "";
	if (!g_str_has_prefix(url, context))
		return NULL;
	char *path = g_strdup(url + strlen(context));
	if (*path != '/') {
		bool root = *path == '\0';
		g_free(path);
		return root ? g_strdup("/") : NULL;
	}
	size_t length = strlen(path);
	if (length > 1 && path[length - 1] == '/')
		path[length - 1] = '\0';
	return path;
}

static enum MHD_Result answer(
    struct exchange *exchange, const char *url, const char *method)
{
	struct port *port = exchange->port;
	g_autoptr(GHashTable) arguments =
	    values(exchange->connection, MHD_GET_ARGUMENT_KIND);
	g_autoptr(GHashTable) headers =
	    values(exchange->connection, MHD_HEADER_KIND);
	g_autofree char *path = path_below(port, url);
	const char *query = strchr(exchange->uri, '?');
	struct request request = {
	    .base = port->base,
	    .method = method,
	    .path = path,
	    .query = query ? query + 1 : "",
	    .arguments = arguments,
	    .headers = headers,
	    .body = (const char *)exchange->body->data,
	    .length = exchange->body->len,
	};
	struct reply reply = {0};
	enum MHD_Result done = MHD_YES;

	exchange->answered = true;
	if (path)
		dispatch(port->server->sim, port->role, port->node, &request,
		    &reply, &exchange->delivery);
	else
		reply_html(&reply, 404, "Not found", "Nothing is here.");
	if (port->role == ROLE_CONTROL)
		server_follow(port->server);
	if (exchange->delivery.kind == FAULT_TIMEOUT) {
		done = hold(exchange, 0) ? MHD_YES : MHD_NO;
	} else if (exchange->delivery.kind == FAULT_REFUSE) {
		reset(exchange->connection);
		done = MHD_NO;
	} else {
		done = send_reply(exchange, &reply);
	}
	reply_clear(&reply);
	for (size_t i = 0; i < G_N_ELEMENTS(request.part); i++)
		g_free(request.part[i]);
	return done;
}

static enum MHD_Result on_request(void *data, struct MHD_Connection *connection,
    const char *url, const char *method, const char *version,
    const char *upload, size_t *upload_length, void **context)
{
	struct exchange *exchange = *context;

	(void)data;
	(void)version;
	if (!exchange->begun) {
		exchange->begun = true;
		exchange->connection = connection;
		return MHD_YES;
	}
	if (*upload_length > 0) {
		if (exchange->body->len + *upload_length > LIMIT_REPLY)
			return MHD_NO;
		g_byte_array_append(exchange->body, (const guint8 *)upload,
		    (guint)*upload_length);
		*upload_length = 0;
		return MHD_YES;
	}
	/* Woken after a time-out: the connection closes without an answer. */
	if (exchange->answered)
		return MHD_NO;
	return answer(exchange, url, method);
}

static void *on_line(
    void *data, const char *uri, struct MHD_Connection *connection)
{
	struct exchange *exchange = g_new0(struct exchange, 1);

	(void)connection;
	exchange->port = data;
	exchange->uri = g_strdup(uri);
	exchange->body = g_byte_array_new();
	exchange->delivery.kind = FAULT_KINDS;
	return exchange;
}

static void on_end(void *data, struct MHD_Connection *connection,
    void **context, enum MHD_RequestTerminationCode code)
{
	struct exchange *exchange = *context;

	(void)data;
	(void)connection;
	(void)code;
	if (!exchange)
		return;
	g_free(exchange->uri);
	g_free(exchange->text);
	g_byte_array_unref(exchange->body);
	g_free(exchange);
	*context = NULL;
}

/* ---- ports ---- */

/* A socket bound to NUMBER of the loopback; -1: taken. */
static int bound(uint16_t number)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;
	struct sockaddr_in address = {
	    .sin_family = AF_INET,
	    .sin_port = htons(number),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};

	/* Both sockets of a port set both, so that one may listen. */
	if (fd < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &yes, sizeof yes) != 0 ||
	    bind(fd, (struct sockaddr *)&address, sizeof address) != 0) {
		if (fd >= 0)
			close(fd);
		return -1;
	}
	return fd;
}

static bool reserve(struct port *port, uint16_t number, GError **error)
{
	struct sockaddr_in address = {0};
	socklen_t length = sizeof address;

	port->reserve = bound(number);
	if (port->reserve < 0 || getsockname(port->reserve,
				     (struct sockaddr *)&address, &length) != 0)
		return fail_errno(error, "port %u", number);
	port->number = ntohs(address.sin_port);
	return true;
}

static bool is_secure(const struct port *port)
{
	return port->server->options.certificate &&
	       (port->role == ROLE_NODE || port->role == ROLE_BALANCER);
}

static bool listen_on(struct port *port, GError **error)
{
	const struct server_options *options = &port->server->options;
	unsigned flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_AUTO |
			 MHD_ALLOW_SUSPEND_RESUME |
			 MHD_USE_SUPPRESS_DATE_NO_CLOCK;
	struct MHD_OptionItem secure[] = {
	    {MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)options->certificate},
	    {MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)options->key},
	    {MHD_OPTION_END, 0, NULL},
	};
	int fd = bound(port->number);

	port->closing = false;
	if (fd < 0 || listen(fd, 128) != 0)
		return fail_errno(error, "port %u", port->number);
	if (is_secure(port))
		flags |= MHD_USE_TLS;
	else
		secure[0] = secure[2];
	port->daemon = MHD_start_daemon(flags, 0, NULL, NULL, on_request, port,
	    MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_URI_LOG_CALLBACK, on_line,
	    port, MHD_OPTION_NOTIFY_COMPLETED, on_end, NULL, MHD_OPTION_ARRAY,
	    secure, MHD_OPTION_END);
	if (port->daemon)
		return true;
	close(fd);
	return fail(error, GONOGO_ERROR_SYSTEM, "port %u: no HTTP server%s",
	    port->number, is_secure(port) ? " (is the certificate good?)" : "");
}

static void close_port(struct port *port)
{
	struct MHD_Daemon *daemon = g_steal_pointer(&port->daemon);

	if (!daemon)
		return;
	MHD_socket fd = MHD_quiesce_daemon(daemon);
	if (fd != MHD_INVALID_SOCKET)
		close(fd);
	give_up(port);
	MHD_stop_daemon(daemon);
}

void server_follow(server *server)
{
	g_mutex_lock(&server->opening);
	for (guint i = 0; i < server->ports->len; i++) {
		struct port *port = g_ptr_array_index(server->ports, i);
		g_autoptr(GError) error = NULL;
		if (port->role != ROLE_NODE)
			continue;
		g_mutex_lock(&server->sim->lock);
		bool wanted = sim_listens(server->sim, port->node);
		g_mutex_unlock(&server->sim->lock);
		if (wanted && !port->daemon && !listen_on(port, &error))
			g_warning("%s", error->message);
		else if (!wanted)
			close_port(port);
	}
	g_mutex_unlock(&server->opening);
}

static void port_free(struct port *port)
{
	close_port(port);
	if (port->reserve >= 0)
		close(port->reserve);
	g_free(port->base);
	g_free(port);
}

static bool add_port(
    server *server, enum role role, const char *node, GError **error)
{
	const struct server_options *options = &server->options;
	struct port *port = g_new0(struct port, 1);
	uint16_t number =
	    options->port ? (uint16_t)(options->port + server->ports->len) : 0;

	port->server = server;
	port->role = role;
	port->node = node;
	port->reserve = -1;
	g_ptr_array_add(server->ports, port);
	if (!reserve(port, number, error))
		return false;
	port->base = g_strdup_printf("%s://%s:%u%s",
	    is_secure(port) ? "https" : "http", options->host, port->number,
	    role == ROLE_NODE || role == ROLE_BALANCER ? options->context : "");
	return listen_on(port, error);
}

server *server_open(
    sim *s, const struct server_options *options, GError **error)
{
	g_autoptr(server) opened = g_new0(server, 1);
	bool good = true;

	opened->sim = s;
	opened->options = *options;
	g_mutex_init(&opened->opening);
	g_mutex_init(&opened->holding);
	opened->held = g_hash_table_new(NULL, NULL);
	opened->ports =
	    g_ptr_array_new_with_free_func((GDestroyNotify)port_free);
	good = add_port(opened, ROLE_BALANCER, NULL, error);
	for (guint i = 0; good && i < s->cluster->nodes->len; i++) {
		const struct node *node =
		    g_ptr_array_index(s->cluster->nodes, i);
		good = add_port(opened, ROLE_NODE, node->name, error);
	}
	good = good && add_port(opened, ROLE_MARKETPLACE, NULL, error) &&
	       add_port(opened, ROLE_CONTROL, NULL, error);
	return good ? g_steal_pointer(&opened) : NULL;
}

void server_close(server *server)
{
	if (!server)
		return;
	g_ptr_array_unref(server->ports);
	g_hash_table_unref(server->held);
	g_mutex_clear(&server->opening);
	g_mutex_clear(&server->holding);
	g_free(server);
}

json *server_urls(const server *server)
{
	json *value = json_new_object();
	json *nodes = json_set(value, "nodes", json_new_array());

	for (guint i = 0; i < server->ports->len; i++) {
		const struct port *port = g_ptr_array_index(server->ports, i);
		if (port->role == ROLE_NODE) {
			json *node = json_append(nodes, json_new_object());
			json_set_string(node, "name", port->node);
			json_set_string(node, "url", port->base);
		} else {
			json_set_string(value,
			    port->role == ROLE_BALANCER      ? "url"
			    : port->role == ROLE_MARKETPLACE ? "marketplace"
							     : "control",
			    port->base);
		}
	}
	return value;
}
