#include "port/http.h"

#include <curl/curl.h>
#include <inttypes.h>

#include "base/cli.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/stop.h"
#include "port/http_headers.h"

enum {
	ATTEMPTS = 3,
	TURN_MS = 100,          /* how often the stop flag is looked at */
	DRIP_BYTES_PER_S = 100, /* slower than this ... */
	DRIP_PART = 4,          /* ... for a quarter of its time: given up */
};

struct http {
	CURL *curl;
	char *url; /* without a slash at its end */
	char *user, *ca_file, *proxy, *sign;
	const secret *password;
	unsigned timeout_ms, attempts;
	char words[CURL_ERROR_SIZE]; /* libcurl's, of the last attempt */
};

/* One attempt on its way. */
struct attempt {
	GString *body;
	GHashTable *headers;
	size_t header_bytes;
	double begun;  /* when the first byte of the body came; 0: none yet */
	double drip_s; /* how long it may drip */
	bool steady;   /* goes on though a signal asked us to stop */
	bool too_long, dripping, stopped;
};

const char *http_url(const http *h)
{
	return h->url;
}

void http_close(http *h)
{
	if (!h)
		return;
	if (h->curl)
		curl_easy_cleanup(h->curl);
	g_free(h->url);
	g_free(h->user);
	g_free(h->ca_file);
	g_free(h->proxy);
	g_free(h->sign);
	g_free(h);
}

void http_reply_clear(struct http_reply *r)
{
	g_free(r->body);
	g_free(r->media_type);
	g_clear_pointer(&r->headers, g_hash_table_unref);
	*r = (struct http_reply){0};
}

/* ---- opening ---- */

static bool has_part(CURLU *url, CURLUPart part)
{
	char *text = NULL;
	bool there = curl_url_get(url, part, &text, 0) == CURLUE_OK;

	curl_free(text);
	return there;
}

static bool check_url(const char *text, GError **error)
{
	CURLU *url = curl_url();
	CURLUcode code = curl_url_set(url, CURLUPART_URL, text, 0);
	bool http = g_ascii_strncasecmp(text, "http://", 7) == 0 ||
		    g_ascii_strncasecmp(text, "https://", 8) == 0;
	bool login =
	    code == CURLUE_OK && (has_part(url, CURLUPART_USER) ||
				     has_part(url, CURLUPART_PASSWORD));
	bool more = code == CURLUE_OK && (has_part(url, CURLUPART_QUERY) ||
					     has_part(url, CURLUPART_FRAGMENT));

	curl_url_cleanup(url);
	/* The URL itself is not shown then: it holds a password. */
	if (login)
		return fail(error, GONOGO_ERROR_USAGE,
		    "a login does not belong into a URL\n"
		    "hint: set [cluster] user and password_file");
	/* Nor is what cannot be read, if it may hold one. */
	if (code != CURLUE_OK || !http || more)
		return fail(error, GONOGO_ERROR_USAGE,
		    "not a base URL like https://bitbucket.example.com or "
		    "http://host:7990/bitbucket: '%s'",
		    strchr(text, '@') ? "<with a login>" : text);
	return true;
}

static gpointer start_library(gpointer unused)
{
	(void)unused;
	return GINT_TO_POINTER(curl_global_init(CURL_GLOBAL_DEFAULT));
}

http *http_open(const struct http_options *options, GError **error)
{
	static GOnce once = G_ONCE_INIT;
	g_autoptr(http) h = g_new0(struct http, 1);

	if (g_once(&once, start_library, NULL) != NULL ||
	    !(h->curl = curl_easy_init())) {
		fail(error, GONOGO_ERROR_INTERNAL, "libcurl does not start");
		return NULL;
	}
	if (!check_url(options->url, error))
		return NULL;
	if (options->user && strchr(options->user, ':')) {
		fail(error, GONOGO_ERROR_USAGE,
		    "a user's name has no colon: '%s'", options->user);
		return NULL;
	}
	if (options->ca_file && access(options->ca_file, R_OK) != 0) {
		g_autoptr(GError) why = NULL;

		fail_errno(&why, "CA file %s", options->ca_file);
		fail(error, GONOGO_ERROR_USAGE, "%s", why->message);
		return NULL;
	}
	h->url = g_strdup(options->url);
	for (size_t end = strlen(h->url); h->url[end - 1] == '/'; end--)
		h->url[end - 1] = '\0';
	h->user = g_strdup(options->user);
	h->password = options->password;
	h->ca_file = g_strdup(options->ca_file);
	h->proxy = g_strdup(options->proxy);
	h->sign = g_strdup(options->sign);
	h->timeout_ms =
	    options->timeout_ms ? options->timeout_ms : LIMIT_REPLY_MS;
	h->attempts = options->attempts ? options->attempts : ATTEMPTS;
	return g_steal_pointer(&h);
}

/* ---- receiving ---- */

static size_t take_body(char *bytes, size_t one, size_t length, void *user)
{
	struct attempt *a = user;

	(void)one;
	if (a->begun == 0)
		a->begun = clock_monotonic();
	if (length > LIMIT_REPLY - a->body->len) {
		a->too_long = true;
		return 0;
	}
	g_string_append_len(a->body, bytes, (gssize)length);
	return length;
}

static size_t take_header(char *bytes, size_t one, size_t length, void *user)
{
	struct attempt *a = user;

	(void)one;
	a->header_bytes += length;
	if (a->header_bytes > LIMIT_HEADERS) {
		a->too_long = true;
		return 0;
	}
	if (length > 5 && memcmp(bytes, "HTTP/", 5) == 0) {
		/* Those of a 100, or of a proxy, were not the reply's. */
		g_hash_table_remove_all(a->headers);
		return length;
	}
	const char *colon = memchr(bytes, ':', length);
	if (!colon)
		return length;
	g_autofree char *name = g_ascii_strdown(bytes, colon - bytes);
	g_autofree char *value = g_strstrip(
	    g_strndup(colon + 1, length - (size_t)(colon + 1 - bytes)));
	const char *held = g_hash_table_lookup(a->headers, name);
	g_hash_table_insert(a->headers, g_strdup(name),
	    held ? g_strconcat(held, ", ", value, NULL) : g_strdup(value));
	return length;
}

static int look_on(void *user, curl_off_t total, curl_off_t now,
    curl_off_t up_total, curl_off_t up_now)
{
	struct attempt *a = user;
	double age = clock_monotonic() - a->begun;

	(void)total;
	(void)up_total;
	(void)up_now;
	a->stopped = !a->steady && stop_signal() != 0;
	a->dripping = a->begun > 0 && age > a->drip_s &&
		      (double)now < age * DRIP_BYTES_PER_S;
	return a->stopped || a->dripping;
}

/* ---- asking ---- */

static struct curl_slist *headers_of(
    const http *h, const struct http_request *request)
{
	g_autofree char *accept = g_strconcat("Accept: ",
	    request->accept ? request->accept : "application/json", NULL);
	/* Without a value: libcurl's own one is left out. */
	g_autofree char *type =
	    g_strconcat("Content-Type:", request->content_type ? " " : NULL,
		request->content_type, NULL);
	struct curl_slist *list = curl_slist_append(NULL, accept);

	/* libcurl signs also a header that it leaves out. */
	if (!h->sign || request->content_type)
		list = curl_slist_append(list, type);
	if (!h->sign)
		list = curl_slist_append(list, "Expect:");
	for (size_t i = 0; request->headers && request->headers[i]; i++)
		list = curl_slist_append(list, request->headers[i]);
	return list;
}

static void set_method(CURL *curl, const struct http_request *request)
{
	const char *method = request->method ? request->method : "GET";
	const char *body = request->body ? request->body : "";

	if (g_str_equal(method, "HEAD"))
		curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
	if (request->body || g_str_equal(method, "POST") ||
	    g_str_equal(method, "PUT")) {
		curl_easy_setopt(
		    curl, CURLOPT_POSTFIELDSIZE, (long)strlen(body));
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
	}
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
}

/* Where and how each connection is made, whatever is asked on it. */
static void set_connection(const http *h, CURL *curl)
{
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	/* Both are always set: the environment has no say. */
	curl_easy_setopt(curl, CURLOPT_PROXY, h->proxy ? h->proxy : "");
	curl_easy_setopt(curl, CURLOPT_NOPROXY, "");
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)h->timeout_ms);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS,
	    (long)MIN(h->timeout_ms, LIMIT_CONNECT_MS));
	if (h->ca_file)
		curl_easy_setopt(curl, CURLOPT_CAINFO, h->ca_file);
}

static void set_login(const http *h, CURL *curl)
{
	if (!h->user)
		return;
	if (h->sign)
		curl_easy_setopt(curl, CURLOPT_AWS_SIGV4, h->sign);
	else
		curl_easy_setopt(curl, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
	curl_easy_setopt(curl, CURLOPT_USERNAME, h->user);
	curl_easy_setopt(curl, CURLOPT_PASSWORD,
	    h->password ? secret_reveal(h->password) : "");
}

static CURLcode ask_once(http *h, const char *url,
    const struct http_request *request, struct attempt *a)
{
	struct curl_slist *headers = headers_of(h, request);

	curl_easy_reset(h->curl); /* connections live on */
	set_connection(h, h->curl);
	set_method(h->curl, request);
	curl_easy_setopt(h->curl, CURLOPT_URL, url);
	curl_easy_setopt(h->curl, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(h->curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(h->curl, CURLOPT_USERAGENT, "gonogo/" GONOGO_VERSION);
	set_login(h, h->curl);
	/*
	 * libcurl sends again by itself what got no answer on a connection
	 * that it kept; on a new one it never does.
	 */
	curl_easy_setopt(h->curl, CURLOPT_FRESH_CONNECT, (long)request->once);
	curl_easy_setopt(h->curl, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(h->curl, CURLOPT_WRITEDATA, a);
	curl_easy_setopt(h->curl, CURLOPT_HEADERFUNCTION, take_header);
	curl_easy_setopt(h->curl, CURLOPT_HEADERDATA, a);
	curl_easy_setopt(h->curl, CURLOPT_XFERINFOFUNCTION, look_on);
	curl_easy_setopt(h->curl, CURLOPT_XFERINFODATA, a);
	curl_easy_setopt(h->curl, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(h->curl, CURLOPT_ERRORBUFFER, h->words);
	h->words[0] = '\0';
	CURLcode code = curl_easy_perform(h->curl);
	curl_slist_free_all(headers);
	return code;
}

/* ---- what went wrong ---- */

/* Gives the HOST:PORT of URL. */
static char *place_of(const char *url)
{
	CURLU *parts = curl_url();
	char *host = NULL, *port = NULL;

	ignore(curl_url_set(parts, CURLUPART_URL, url, 0));
	ignore(curl_url_get(parts, CURLUPART_HOST, &host, 0));
	ignore(curl_url_get(parts, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT));
	char *place =
	    g_strdup_printf("%s:%s", host ? host : "", port ? port : "");
	curl_free(host);
	curl_free(port);
	curl_url_cleanup(parts);
	return place;
}

/* The verifier's own words tell what is wrong: nothing is asked again. */
static bool fail_certificate(
    const http *h, const char *what, const char *url, GError **error)
{
	g_autofree char *place = place_of(url);

	if (strstr(h->words, "expired"))
		return fail(error, GONOGO_ERROR_REMOTE,
		    "%s: the certificate has expired: that of %s, or of its "
		    "issuer\n"
		    "hint: renew it there; its dates: openssl s_client "
		    "-connect %s </dev/null | openssl x509 -noout -dates",
		    what, place, place);
	if (strstr(h->words, "not yet valid"))
		return fail(error, GONOGO_ERROR_REMOTE,
		    "%s: the certificate of %s is not yet valid\n"
		    "hint: is this machine's clock right?",
		    what, place);
	if (strstr(h->words, "subject name"))
		return fail(error, GONOGO_ERROR_REMOTE,
		    "%s: the server's certificate is for another name: %s\n"
		    "hint: use the name that the certificate is made for",
		    what, h->words);
	return fail(error, GONOGO_ERROR_REMOTE,
	    "%s: the server's certificate is not trusted: %s\n"
	    "hint: set [cluster] ca_file to the certificate of its issuer",
	    what, h->words);
}

static bool fail_connect(const http *h, const char *what, GError **error)
{
	long number = 0;

	ignore(curl_easy_getinfo(h->curl, CURLINFO_OS_ERRNO, &number));
	return fail(error, GONOGO_ERROR_REMOTE,
	    "%s: cannot connect: %s\n"
	    "hint: is the server up, and is its port reachable from here?",
	    what, number ? g_strerror((int)number) : h->words);
}

static bool fail_attempt(http *h, CURLcode code, const struct attempt *a,
    const char *what, const char *url, GError **error)
{
	g_strdelimit(h->words, "\r\n", ' ');
	if (a->stopped)
		return !stop_requested(error);
	if (a->too_long)
		return fail(error, GONOGO_ERROR_REMOTE,
		    "%s: the reply is longer than %u bytes", what, LIMIT_REPLY);
	if (a->dripping)
		return fail(error, GONOGO_ERROR_REMOTE,
		    "%s: the reply drips: %zu bytes in %.0f s", what,
		    a->body->len, clock_monotonic() - a->begun);
	switch (code) {
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_RESOLVE_PROXY:
		return fail(error, GONOGO_ERROR_REMOTE,
		    "%s: %s\nhint: check the name in the URL, and this "
		    "machine's name service",
		    what, h->words);
	case CURLE_COULDNT_CONNECT:
		return fail_connect(h, what, error);
	case CURLE_OPERATION_TIMEDOUT:
		return fail(error, GONOGO_ERROR_REMOTE,
		    "%s: no whole reply in time (%s)", what, h->words);
	case CURLE_GOT_NOTHING:
		return fail(error, GONOGO_ERROR_REMOTE,
		    "%s: the server hung up without a reply", what);
	case CURLE_PARTIAL_FILE:
		return fail(error, GONOGO_ERROR_REMOTE,
		    "%s: the reply was cut short after %zu bytes", what,
		    a->body->len);
	case CURLE_PEER_FAILED_VERIFICATION:
		return fail_certificate(h, what, url, error);
	case CURLE_SSL_CONNECT_ERROR:
		return fail(error, GONOGO_ERROR_REMOTE,
		    "%s: no TLS connection: %s\n"
		    "hint: does that port speak https?",
		    what, h->words);
	case CURLE_UNSUPPORTED_PROTOCOL:
	case CURLE_WEIRD_SERVER_REPLY:
		return fail(error, GONOGO_ERROR_REMOTE,
		    "%s: the server's answer is not HTTP\n"
		    "hint: does that port speak https?",
		    what);
	default:
		return fail(error, GONOGO_ERROR_REMOTE,
		    "%s: the connection broke: %s", what,
		    h->words[0] ? h->words : curl_easy_strerror(code));
	}
}

/* ---- the whole of it ---- */

static bool wait_ms(int64_t ms, bool steady, GError **error)
{
	for (; ms > 0; ms -= TURN_MS) {
		if (!steady && stop_requested(error))
			return false;
		g_usleep((gulong)MIN(ms, TURN_MS) * 1000);
	}
	return true;
}

bool http_do(http *h, const struct http_request *request,
    struct http_reply *reply, GError **error)
{
	g_autofree char *url = g_strconcat(h->url, request->path, NULL);
	/* A query may hold a token, so no text shows it. */
	g_autofree char *what = g_strdup_printf("%s %.*s",
	    request->method ? request->method : "GET", (int)strcspn(url, "?"),
	    url);
	g_autoptr(GString) body = g_string_new(NULL);
	g_autoptr(GHashTable) headers =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	unsigned last = request->once ? 1 : h->attempts;
	bool steady = request->once || request->to_end;
	int64_t at = clock_now();
	double start = clock_monotonic();
	long status = 0;

	for (unsigned attempt = 0;; attempt++) {
		struct attempt a = {
		    .body = body,
		    .headers = headers,
		    .drip_s = h->timeout_ms / 1000.0 / DRIP_PART,
		    .steady = steady,
		};

		if (!steady && stop_requested(error))
			return false;
		g_string_truncate(body, 0);
		g_hash_table_remove_all(headers);
		CURLcode code = ask_once(h, url, request, &a);
		bool again = attempt + 1 < last;
		if (code != CURLE_OK &&
		    (code != CURLE_COULDNT_CONNECT || !again))
			return fail_attempt(h, code, &a, what, url, error);
		if (code == CURLE_OK)
			ignore(curl_easy_getinfo(
			    h->curl, CURLINFO_RESPONSE_CODE, &status));
		int64_t pause = http_pause_ms(a.headers, attempt);
		if (code == CURLE_OK &&
		    ((status != 429 && status != 503) || !again ||
			pause > LIMIT_RETRY_AFTER_MS))
			break;
		if (!wait_ms(pause, steady, error))
			return false;
	}
	*reply = (struct http_reply){
	    .status = status,
	    .length = body->len,
	    .media_type = http_media_type(headers),
	    .headers = g_steal_pointer(&headers),
	    .at = at,
	    .elapsed_ms = (int64_t)((clock_monotonic() - start) * 1000),
	};
	reply->body = g_string_free(g_steal_pointer(&body), FALSE);
	return true;
}
