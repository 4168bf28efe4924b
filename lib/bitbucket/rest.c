#include "bitbucket/rest.h"

#include "base/error.h"

enum { SPOKEN = 200 }; /* characters of a foreign text in an error */

static bool is_json_type(const char *type)
{
	return type && (g_str_equal(type, "application/json") ||
			   g_str_equal(type, "text/json") ||
			   g_str_has_suffix(type, "+json"));
}

static bool is_html(const struct http_reply *reply)
{
	const char *start = reply->body;

	while (g_ascii_isspace(*start))
		start++;
	return (reply->media_type &&
		   g_str_equal(reply->media_type, "text/html")) ||
	       g_ascii_strncasecmp(start, "<!doctype html", 14) == 0 ||
	       g_ascii_strncasecmp(start, "<html", 5) == 0;
}

/* Appends TEXT as part of one line, not longer than people read. */
static void append_plain(GString *out, const char *text)
{
	g_autofree char *valid = g_utf8_make_valid(text, -1);
	glong left = SPOKEN;

	for (const char *c = valid; *c && left > 0;
	     c = g_utf8_next_char(c), left--) {
		gunichar sign = g_utf8_get_char(c);

		g_string_append_unichar(
		    out, g_unichar_iscntrl(sign) ? ' ' : sign);
	}
	if (left == 0)
		g_string_append(out, "...");
}

static void append_message(GString *out, const char *text)
{
	if (!text || !*text)
		return;
	if (out->len)
		g_string_append(out, "; ");
	append_plain(out, text);
}

/*
 * The messages of {"errors":[{"message":..}]}, of UPM's {"subCode":..} and of
 * {"message":..}.  docs/sources.md#rest
 */
static void append_messages(GString *out, const struct http_reply *reply)
{
	g_autoptr(json) body = json_parse(reply->body, reply->length, "", NULL);
	const json *errors = NULL;

	if (!body || json_kind(body) != JSON_OBJECT)
		return;
	if (json_array(body, "errors", &errors, NULL))
		json_each (each, errors)
			append_message(out, json_text(each, "message"));
	append_message(out, json_text(body, "message"));
	append_message(out, json_text(body, "subCode"));
}

static const char *word_of(long status)
{
	static const struct {
		long status;
		const char *word;
	} words[] = {
	    {302, "redirected"},
	    {400, "bad request"},
	    {401, "not allowed"},
	    {403, "forbidden"},
	    {404, "not found"},
	    {409, "conflict"},
	    {429, "too many requests"},
	    {500, "internal error"},
	    {502, "bad gateway"},
	    {503, "not available"},
	    {504, "gateway time-out"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
		if (words[i].status == status)
			return words[i].word;
	return "unexpected status";
}

char *rest_complaint(const struct http_reply *reply)
{
	g_autoptr(GString) said = g_string_new(NULL);
	const char *target =
	    reply->headers ? g_hash_table_lookup(reply->headers, "location")
			   : NULL;

	append_messages(said, reply);
	if (!said->len && reply->status >= 300 && reply->status < 400 &&
	    target) {
		g_autofree char *plain =
		    g_strndup(target, strcspn(target, "?"));

		g_string_append(said, "redirected to ");
		append_plain(said, plain);
	}
	if (!said->len)
		g_string_append_printf(said, "%s%s", word_of(reply->status),
		    is_html(reply) ? ", as an HTML page" : "");
	return g_strdup_printf("%ld: %s", reply->status, said->str);
}

/*
 * What a person can do.  Missing rights on admin resources are a 401, too; a
 * bearer token never has them.  docs/sources.md#rest
 */
static const char *hint_of(
    const struct http_reply *reply, const char *complaint)
{
	if (strstr(complaint, "upm.websudo.error"))
		return "secure administrator sessions ask for a second login; "
		       "use Basic authentication by user name and password";
	if (strstr(complaint, "Tokens may not have"))
		return "HTTP access tokens reach no admin resource; set "
		       "[cluster] user and password_file of an administrator";
	switch (reply->status) {
	case 301:
	case 302:
	case 303:
	case 307:
	case 308:
		return "redirects are not followed, so that no login goes "
		       "astray; set [cluster] url to where it leads, or to "
		       "the node itself";
	case 401:
		return "a wrong password and a missing permission look alike "
		       "here; check [cluster] user and password_file, and "
		       "that the user is a system administrator";
	case 403:
		return "the user needs the permission of a system "
		       "administrator, or Basic authentication is blocked "
		       "or waits for a CAPTCHA";
	case 404:
		return "does [cluster] url have the right context path, and "
		       "does this version have that resource?";
	case 429:
		return "this user is rate limited; exempt it under "
		       "Administration, Rate limiting";
	default:
		return NULL;
	}
}

static json *parse_body(
    const struct http_reply *reply, const char *path, GError **error)
{
	if (is_html(reply)) {
		fail(error, GONOGO_ERROR_REMOTE,
		    "%s: answered HTML: a login page or a proxy?\n"
		    "hint: set [cluster] url to Bitbucket itself",
		    path);
		return NULL;
	}
	if (reply->length == 0) {
		fail(error, GONOGO_ERROR_REMOTE, "%s: an empty answer", path);
		return NULL;
	}
	if (reply->media_type && !is_json_type(reply->media_type)) {
		fail(error, GONOGO_ERROR_REMOTE,
		    "%s: answered %s instead of JSON", path, reply->media_type);
		return NULL;
	}
	g_autoptr(GError) why = NULL;
	json *value = json_parse(reply->body, reply->length, path, &why);
	if (!value)
		fail(error, GONOGO_ERROR_REMOTE, "%s", why->message);
	return value;
}

json *rest_json(
    const struct http_reply *reply, const char *path, GError **error)
{
	g_autofree char *place = g_strndup(path, strcspn(path, "?"));

	if (reply->status >= 200 && reply->status <= 202)
		return parse_body(reply, place, error);
	g_autofree char *complaint = rest_complaint(reply);
	const char *hint = hint_of(reply, complaint);
	fail(error, GONOGO_ERROR_REMOTE, "%s: %s%s%s", place, complaint,
	    hint ? "\nhint: " : "", hint ? hint : "");
	return NULL;
}

json *rest_get(http *h, const char *path, GError **error)
{
	const struct http_request request = {.path = path};
	g_auto(http_reply) reply = {0};

	if (!http_do(h, &request, &reply, error))
		return NULL;
	json *value = rest_json(&reply, path, error);
	if (!value)
		g_prefix_error(error, "%s", http_url(h));
	return value;
}

char *rest_state(http *h, GError **error)
{
	const struct http_request request = {.path = "/status"};
	g_auto(http_reply) reply = {0};

	if (!http_do(h, &request, &reply, error))
		return NULL;
	g_autoptr(json) body =
	    json_parse(reply.body, reply.length, "status", NULL);
	const char *state = json_text(body, "state");
	if (!state) {
		g_autofree char *complaint = rest_complaint(&reply);
		fail(error, GONOGO_ERROR_REMOTE,
		    "%s/status: no state of Bitbucket in the answer: %s\n"
		    "hint: does [cluster] url have the right context path?",
		    http_url(h), complaint);
	}
	return g_strdup(state);
}

/* Gives PATH without its query words "start". */
static char *without_start(const char *path)
{
	g_auto(GStrv) halves = g_strsplit(path, "?", 2);
	GString *out = g_string_new(halves[0]);
	char sign = '?';

	if (!halves[1])
		return g_string_free(out, FALSE);
	g_auto(GStrv) words = g_strsplit(halves[1], "&", -1);
	for (size_t i = 0; words[i]; i++)
		if (*words[i] && !g_str_has_prefix(words[i], "start=")) {
			g_string_append_printf(out, "%c%s", sign, words[i]);
			sign = '&';
		}
	return g_string_free(out, FALSE);
}

bool rest_next_page(
    const char *path, const json *page, char **next, GError **error)
{
	bool last = true;
	uint64_t start = 0, following = 0;
	g_autoptr(GError) why = NULL;

	if (!json_bool(page, "isLastPage", &last, &why) ||
	    !json_u64(page, "start", &start, &why) ||
	    (!last && !json_u64(page, "nextPageStart", &following, &why)))
		return fail(error, GONOGO_ERROR_REMOTE, "%s: not a page: %s",
		    path, why->message);
	if (last) {
		*next = NULL;
		return true;
	}
	if (following <= start)
		return fail(error, GONOGO_ERROR_REMOTE,
		    "%s: the page behind %" G_GUINT64_FORMAT
		    " starts at %" G_GUINT64_FORMAT,
		    path, start, following);
	g_autofree char *base = without_start(path);
	*next = g_strdup_printf("%s%cstart=%" G_GUINT64_FORMAT, base,
	    strchr(base, '?') ? '&' : '?', following);
	return true;
}
