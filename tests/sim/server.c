#include "tests/sim/server.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "base/error.h"
#include "tests/sim/exchange.h"

struct port {
	struct exchange_place place;
	server *server;
	uint16_t number;
	int reserve; /* bound, never listening: keeps the number ours */
	struct MHD_Daemon *daemon; /* NULL: closed */
	char *base;
};

struct server {
	sim *sim;
	struct server_options options;
	struct waiting *waiting;
	GPtrArray *ports; /* struct port */
	GMutex opening;   /* of server_follow */
};

/* ---- sockets ---- */

/* A socket bound to NUMBER of the loopback; -1: taken. */
static int bound(uint16_t number, bool shared)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;
	struct sockaddr_in address = {
	    .sin_family = AF_INET,
	    .sin_port = htons(number),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};

	if (fd < 0)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0 &&
	    (!shared || setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &yes,
			    sizeof yes) == 0) &&
	    bind(fd, (struct sockaddr *)&address, sizeof address) == 0)
		return fd;
	close(fd);
	return -1;
}

/*
 * Bound alone, so that a number which another simulator has is refused; shared
 * from then on with the port's own listening socket.
 */
static bool reserve(struct port *port, uint16_t number, GError **error)
{
	struct sockaddr_in address = {0};
	socklen_t length = sizeof address;
	int yes = 1;

	port->reserve = bound(number, false);
	if (port->reserve < 0 ||
	    setsockopt(port->reserve, SOL_SOCKET, SO_REUSEPORT, &yes,
		sizeof yes) != 0 ||
	    getsockname(port->reserve, (struct sockaddr *)&address, &length) !=
		0)
		return fail_errno(error, "port %u", number);
	port->number = ntohs(address.sin_port);
	return true;
}

/* ---- ports ---- */

static bool is_product(const struct port *port)
{
	return port->place.role == ROLE_NODE ||
	       port->place.role == ROLE_BALANCER;
}

static bool is_secure(const struct port *port)
{
	return port->server->options.certificate && is_product(port);
}

/* A socket on which the port's number is heard; -1: it can't be. */
static int listening(const struct port *port)
{
	enum { BACKLOG = 128 };
	int fd = bound(port->number, true);

	if (fd < 0 || listen(fd, BACKLOG) == 0)
		return fd;
	close(fd);
	return -1;
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
	int fd = listening(port);

	waiting_open(&port->place.room);
	if (fd < 0)
		return fail_errno(error, "port %u", port->number);
	if (is_secure(port))
		flags |= MHD_USE_TLS;
	else
		secure[0] = secure[2];
	port->daemon =
	    MHD_start_daemon(flags, 0, NULL, NULL, exchange_go_on, &port->place,
		MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_URI_LOG_CALLBACK,
		exchange_begin, &port->place, MHD_OPTION_NOTIFY_COMPLETED,
		exchange_end, NULL, MHD_OPTION_ARRAY, secure, MHD_OPTION_END);
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
	waiting_close(&port->place.room);
	MHD_stop_daemon(daemon);
}

void server_follow(server *server)
{
	g_mutex_lock(&server->opening);
	for (guint i = 0; i < server->ports->len; i++) {
		struct port *port = g_ptr_array_index(server->ports, i);
		g_autoptr(GError) error = NULL;
		if (port->place.role != ROLE_NODE)
			continue;
		g_mutex_lock(&server->sim->lock);
		bool wanted = sim_listens(server->sim, port->place.node);
		g_mutex_unlock(&server->sim->lock);
		if (wanted && !port->daemon && !listen_on(port, &error))
			g_warning("%s", error->message);
		else if (!wanted)
			close_port(port);
	}
	g_mutex_unlock(&server->opening);
}

static void follow(void *data)
{
	server_follow(data);
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
	port->reserve = -1;
	port->place.sim = server->sim;
	port->place.role = role;
	port->place.node = node;
	port->place.context = is_product(port) ? options->context : "";
	port->place.room.waiting = server->waiting;
	port->place.changed = follow;
	port->place.data = server;
	g_ptr_array_add(server->ports, port);
	if (!reserve(port, number, error))
		return false;
	port->base =
	    g_strdup_printf("%s://%s:%u%s", is_secure(port) ? "https" : "http",
		options->host, port->number, port->place.context);
	port->place.base = port->base;
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
	opened->waiting = waiting_new();
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
	/* The control's first: a request to it looks at the other ports. */
	for (guint i = server->ports->len; i-- > 0;)
		close_port(g_ptr_array_index(server->ports, i));
	g_ptr_array_unref(server->ports);
	waiting_free(server->waiting);
	g_mutex_clear(&server->opening);
	g_free(server);
}

json *server_urls(const server *server)
{
	json *value = json_new_object();
	json *nodes = json_set(value, "nodes", json_new_array());

	for (guint i = 0; i < server->ports->len; i++) {
		const struct port *port = g_ptr_array_index(server->ports, i);
		if (port->place.role == ROLE_NODE) {
			json *node = json_append(nodes, json_new_object());
			json_set_string(node, "name", port->place.node);
			json_set_string(node, "url", port->base);
		} else {
			json_set_string(value,
			    port->place.role == ROLE_BALANCER ? "url"
			    : port->place.role == ROLE_MARKETPLACE
				? "marketplace"
				: "control",
			    port->base);
		}
	}
	return value;
}
