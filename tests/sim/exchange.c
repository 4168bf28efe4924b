#include "tests/sim/exchange.h"

#include <sys/socket.h>

#include "base/error.h"
#include "base/limits.h"

struct exchange {
	struct waiter waiter;
	struct exchange_place *place;
	char *uri;
	bool begun, answered;
	GByteArray *body;
	struct delivery delivery;
	char *text; /* of the reply, while a fault delivers it */
	size_t length;
	bool paused;
};

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

	if (exchange->waiter.given_up)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	if (how->kind == FAULT_DRIP) {
		exchange->paused = !exchange->paused;
		if (exchange->paused)
			return waiting_hold(&exchange->waiter, how->ms)
				   ? 0
				   : MHD_CONTENT_READER_END_WITH_ERROR;
		some = MIN(some, (size_t)how->bytes);
	} else if (from >= exchange->length / 2) {
		if (how->kind == FAULT_RESET)
			reset(exchange->waiter.connection);
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
	enum MHD_Result queued = MHD_queue_response(
	    exchange->waiter.connection, reply->status, response);
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
static char *path_below(const char *context, const char *url)
{
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

/* As the fault wants it that struck, if one did. */
static enum MHD_Result hand_over(
    struct exchange *exchange, const struct reply *reply)
{
	switch (exchange->delivery.kind) {
	case FAULT_TIMEOUT:
	case FAULT_LOST:
		return waiting_hold(&exchange->waiter, 0) ? MHD_YES : MHD_NO;
	case FAULT_RESET:
	case FAULT_CUT:
		if (reply->text)
			return send_reply(exchange, reply);
		G_GNUC_FALLTHROUGH; /* no body to break off in */
	case FAULT_REFUSE:
		reset(exchange->waiter.connection);
		return MHD_NO;
	default:
		return send_reply(exchange, reply);
	}
}

static enum MHD_Result answer(
    struct exchange *exchange, const char *url, const char *method)
{
	const struct exchange_place *place = exchange->place;
	g_autoptr(GHashTable) arguments =
	    values(exchange->waiter.connection, MHD_GET_ARGUMENT_KIND);
	g_autoptr(GHashTable) headers =
	    values(exchange->waiter.connection, MHD_HEADER_KIND);
	g_autofree char *path = path_below(place->context, url);
	const char *query = strchr(exchange->uri, '?');
	struct request request = {
	    .base = place->base,
	    .method = method,
	    .path = path,
	    .query = query ? query + 1 : "",
	    .arguments = arguments,
	    .headers = headers,
	    .body =
		exchange->body->len ? (const char *)exchange->body->data : "",
	    .length = exchange->body->len,
	};
	struct reply reply = {0};

	exchange->answered = true;
	dispatch(place->sim, place->role, place->node, &request, &reply,
	    &exchange->delivery);
	if (place->role == ROLE_CONTROL)
		place->changed(place->data);
	enum MHD_Result done = hand_over(exchange, &reply);
	reply_clear(&reply);
	for (size_t i = 0; i < G_N_ELEMENTS(request.part); i++)
		g_free(request.part[i]);
	return done;
}

enum MHD_Result exchange_go_on(void *place, struct MHD_Connection *connection,
    const char *url, const char *method, const char *version,
    const char *upload, size_t *upload_length, void **context)
{
	struct exchange *exchange = *context;

	(void)place;
	(void)version;
	if (!exchange->begun) {
		exchange->begun = true;
		exchange->waiter.connection = connection;
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

void *exchange_begin(
    void *place, const char *uri, struct MHD_Connection *connection)
{
	struct exchange *exchange = g_new0(struct exchange, 1);

	(void)connection;
	exchange->place = place;
	exchange->waiter.room = &exchange->place->room;
	exchange->uri = g_strdup(uri);
	exchange->body = g_byte_array_new();
	exchange->delivery.kind = FAULT_KINDS;
	return exchange;
}

void exchange_end(void *place, struct MHD_Connection *connection,
    void **context, enum MHD_RequestTerminationCode code)
{
	struct exchange *exchange = *context;

	(void)place;
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
