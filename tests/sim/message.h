/*
 * A request as the handlers see it and the reply that they fill: no word of
 * the HTTP library, so that handlers are plain functions.
 */
#ifndef GONOGO_SIM_MESSAGE_H
#define GONOGO_SIM_MESSAGE_H

#include <glib.h>
#include <inttypes.h>
#include <stdbool.h>

#include "base/json.h"
#include "tests/sim/cluster.h"

enum permission {
	PERMISSION_NONE, /* anybody, also without a login */
	PERMISSION_USER,
	PERMISSION_ADMIN,
	PERMISSION_SYS_ADMIN,
};
extern const char *const permission_names[];

struct request {
	cluster *cluster;
	struct node *node; /* NULL: not a node's port */
	const char *base;  /* "http://127.0.0.1:7990/bitbucket" */
	const char *method;
	const char *path;  /* below the context, decoded; NULL: outside it */
	const char *query; /* as it was sent; "" */
	GHashTable *arguments, *headers; /* headers by lower-case name */
	const char *body;
	size_t length;
	char *part[2]; /* what stood for `{}` in the route's path */
	/* Who asks: auth.c. */
	const char *user; /* NULL: nobody logged in */
	enum permission permission;
	bool by_token; /* Bearer */
};

struct reply {
	unsigned status;
	const char *media_type;
	char *text;
	json *json; /* instead of text: faults may bend it */
	GHashTable *headers;
};

const char *request_argument(const struct request *r, const char *name);
const char *request_header(const struct request *r, const char *name);
/* The argument NAME as a number of 0..MOST, else FALLBACK. */
int64_t request_number(
    const struct request *r, const char *name, int64_t fallback, int64_t most);

/* Takes VALUE.  The media type is application/json. */
void reply_json(struct reply *reply, unsigned status, json *value);
void reply_html(
    struct reply *reply, unsigned status, const char *title, const char *text);
void reply_empty(struct reply *reply, unsigned status);
/* Bitbucket's own {"errors":[...]}; EXCEPTION may be NULL. */
void reply_error(struct reply *reply, unsigned status, const char *exception,
    const char *format, ...) G_GNUC_PRINTF(4, 5);
void reply_header(struct reply *reply, const char *name, const char *value);
void reply_clear(struct reply *reply);

/* One page of ARRAY by the request's start and limit. */
void reply_page(
    struct reply *reply, const struct request *r, const json *array);

/* What the JSON library's door lacks: a null that stands there. */
void set_null(json *object, const char *key);

#endif
