/*
 * Bitbucket's REST conventions over one http: JSON or nothing, pages, error
 * bodies in clear words.  docs/sources.md#rest
 */
#ifndef GONOGO_BITBUCKET_REST_H
#define GONOGO_BITBUCKET_REST_H

#include "base/json.h"
#include "port/http.h"

/*
 * Asks for PATH and gives the JSON of a 200.  REMOTE: no reply, another status
 * (with Bitbucket's own message, and a hint for 401, 403, 404 of an admin
 * resource, 429), HTML or anything else instead of JSON.
 */
json *rest_get(
    http *h, const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Gives the word of GET /status ("RUNNING"), which alone tells: HTTP is 200 in
 * MAINTENANCE, too, and 503 while STARTING.  REMOTE: no reply, or no such word.
 */
char *rest_state(http *h, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What REPLY's status and error body say, as one line: "401: You are not..." */
char *rest_complaint(const struct http_reply *reply);

/* The JSON of a reply whose status is 200..202.  REMOTE otherwise. */
json *rest_json(const struct http_reply *reply, const char *path,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Gives the path of the page behind PAGE of PATH, by nextPageStart; *next is
 * NULL when PAGE was the last.  REMOTE: PAGE says there is more but not where,
 * or leads back: a list that ends too early must not look whole.
 */
bool rest_next_page(const char *path, const json *page, char **next,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
