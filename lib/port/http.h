/*
 * HTTP: the only door to libcurl.
 *
 * TLS is always verified.  Redirects are not followed: a 3xx is a reply like
 * any other, so that a login never reaches another host.  Basic authentication
 * is sent at once, as Bitbucket does not challenge reliably.
 */
#ifndef GONOGO_PORT_HTTP_H
#define GONOGO_PORT_HTTP_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/secret.h"

/* One base URL with its login and connections; of one thread at a time. */
typedef struct http http;

struct http_options {
	const char *url;        /* base, may have a path (/bitbucket) */
	const char *user;       /* NULL: no login */
	const secret *password; /* borrowed as long as the http lives */
	/* "aws:amz:REGION:SERVICE": requests are signed by AWS Signature
	 * Version 4 with user (the key's id) and password, and neither of
	 * them is sent.  Queries must be sorted and encoded, paths need no
	 * encoding.  NULL: Basic. */
	const char *sign;
	const char *ca_file; /* NULL: the system's */
	const char *proxy;   /* NULL: none, whatever the environment says */
	unsigned timeout_ms; /* of a whole reply; 0: LIMIT_REPLY_MS */
	unsigned attempts;   /* on 429, 503 and refused connections; 0: 3 */
};

struct http_request {
	const char *method; /* NULL: GET */
	const char *path;   /* below the base, with its query: "/status" */
	const char *accept; /* NULL: application/json */
	const char *content_type;   /* NULL: none */
	const char *const *headers; /* "Name: value", ended by NULL; or NULL */
	const char *body;           /* NULL: none (POST sends an empty one) */
	bool once;   /* it changes something: never repeated, nor given up */
	bool to_end; /* goes on though a signal asked us to stop: clean-up */
};

typedef struct http_reply http_reply;
struct http_reply {
	long status;
	char *body; /* NUL-terminated; never NULL */
	size_t length;
	char *media_type;    /* without parameters; NULL: none said */
	GHashTable *headers; /* lower-case name -> value */
	int64_t at;          /* when it was asked, seconds UTC */
	int64_t elapsed_ms;
};
void http_reply_clear(struct http_reply *r);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(http_reply, http_reply_clear)

/* USAGE: no http(s) URL, a login in the URL, an unreadable CA file. */
http *http_open(const struct http_options *options,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
void http_close(http *h);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(http, http_close)
const char *http_url(const http *h); /* the base, without a slash at its end */

/*
 * Asks and waits; any HTTP status is a reply.  Repeats on 429 (Retry-After up
 * to LIMIT_RETRY_AFTER_MS), 503 and refused connections unless `once`.
 * REMOTE: no whole reply came: refused, reset, time-out, TLS (with what is
 * wrong with the certificate), cut short, dripping, longer than LIMIT_REPLY;
 * texts leave out the query.  STOPPED: a signal came, unless `once`, `to_end`.
 */
bool http_do(http *h, const struct http_request *request,
    struct http_reply *reply, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
