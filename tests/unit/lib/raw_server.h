/*
 * A server by hand for tests of what speaks HTTP: it says what it is told to,
 * right or wrong.  One a program; it ends with the program.
 */
#ifndef TESTS_UNIT_LIB_RAW_SERVER_H
#define TESTS_UNIT_LIB_RAW_SERVER_H

#include <arpa/inet.h>
#include <glib.h>
#include <stdbool.h>
#include <sys/socket.h>

#include "base/error.h"

/* Answers REQUEST on FD; true: the connection stays open for another. */
typedef bool (*raw_answer)(int fd, const char *request);

struct raw_server {
	int listener;
	raw_answer answer;
	char url[64];
	GMutex mutex;
	GPtrArray *requests; /* the texts that came, head and body */
	int connections;
};

static inline void raw_say(int fd, const char *text)
{
	ignore(send(fd, text, strlen(text), MSG_NOSIGNAL) < 0);
}

/* Gives a socket bound to a port of its own, and the port; -1: none. */
static inline int raw_bind(int *port)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	socklen_t length = sizeof at;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof at) != 0 ||
	    getsockname(fd, (struct sockaddr *)&at, &length) != 0)
		return -1;
	*port = ntohs(at.sin_port);
	return fd;
}

/* How many bytes a whole request has whose head is in TEXT; 0: not known. */
static inline size_t raw_length(const char *text)
{
	const char *end = strstr(text, "\r\n\r\n");
	const char *body = strcasestr(text, "content-length:");

	if (!end)
		return 0;
	return (size_t)(end + 4 - text) +
	       (body ? strtoul(body + strlen("content-length:"), NULL, 10) : 0);
}

struct raw_connection {
	struct raw_server *server;
	int fd;
};

/* Reads one request and keeps it; false: the other side is gone. */
static inline bool raw_read(const struct raw_connection *c, GString *request)
{
	g_string_truncate(request, 0);
	while (raw_length(request->str) == 0 ||
	       request->len < raw_length(request->str)) {
		char bytes[4096];
		ssize_t got = read(c->fd, bytes, sizeof bytes);

		if (got <= 0)
			return false;
		g_string_append_len(request, bytes, got);
	}
	g_mutex_lock(&c->server->mutex);
	g_ptr_array_add(c->server->requests, g_strdup(request->str));
	g_mutex_unlock(&c->server->mutex);
	return true;
}

static inline gpointer raw_serve_connection(gpointer data)
{
	g_autofree struct raw_connection *c = data;
	g_autoptr(GString) request = g_string_new(NULL);

	while (raw_read(c, request) && c->server->answer(c->fd, request->str))
		;
	ignore(close(c->fd));
	return NULL;
}

static inline gpointer raw_serve(gpointer data)
{
	struct raw_server *server = data;

	for (;;) {
		int fd = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC);

		if (fd < 0)
			return NULL;
		struct raw_connection *c = g_new(struct raw_connection, 1);
		g_mutex_lock(&server->mutex);
		server->connections++;
		g_mutex_unlock(&server->mutex);
		*c = (struct raw_connection){server, fd};
		g_thread_unref(
		    g_thread_new("connection", raw_serve_connection, c));
	}
}

static inline bool raw_start(struct raw_server *server, raw_answer answer)
{
	int port = 0;

	server->answer = answer;
	server->requests = g_ptr_array_new_with_free_func(g_free);
	server->listener = raw_bind(&port);
	g_snprintf(
	    server->url, sizeof server->url, "http://127.0.0.1:%d", port);
	if (server->listener < 0 || listen(server->listener, 16) != 0)
		return false;
	g_thread_unref(g_thread_new("server", raw_serve, server));
	return true;
}

/* Gives the last request. */
static inline char *raw_last(struct raw_server *server)
{
	g_mutex_lock(&server->mutex);
	char *text =
	    g_strdup(server->requests->pdata[server->requests->len - 1]);
	g_mutex_unlock(&server->mutex);
	return text;
}

/* How many requests held TEXT? */
static inline int raw_count(struct raw_server *server, const char *text)
{
	int count = 0;

	g_mutex_lock(&server->mutex);
	for (guint i = 0; i < server->requests->len; i++)
		count += strstr(server->requests->pdata[i], text) != NULL;
	g_mutex_unlock(&server->mutex);
	return count;
}

#endif
