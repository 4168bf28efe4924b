#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "bitbucket/rest.h"

static struct http_reply reply_of(
    long status, const char *media_type, const char *body)
{
	return (struct http_reply){
	    .status = status,
	    .media_type = g_strdup(media_type),
	    .body = g_strdup(body),
	    .length = strlen(body),
	    .headers = g_hash_table_new(g_str_hash, g_str_equal),
	};
}

#define JSON_TYPE "application/json"

static void a_200_to_202_with_json_is_an_answer(void **state)
{
	(void)state;
	static const struct {
		long status;
		const char *type;
	} cases[] = {{200, JSON_TYPE}, {201, JSON_TYPE}, {202, NULL},
	    {200, "application/vnd.atl.plugins.installed+json"}};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_auto(http_reply) reply =
		    reply_of(cases[i].status, cases[i].type, "{\"a\":\"b\"}");
		g_autoptr(json) value = rest_json(&reply, "/x", NULL);

		assert_string_equal(json_text(value, "a"), "b");
	}
}

static void any_other_answer_is_an_error_in_clear_words(void **state)
{
	(void)state;
	static const struct {
		long status;
		const char *type, *body, *says, *hint;
	} cases[] = {
	    {401, JSON_TYPE,
		"{\"errors\":[{\"context\":null,\"message\":\"You are not "
		"permitted\\nto access this resource\"}]}",
		"/x: 401: You are not permitted to access this resource",
		"system administrator"},
	    {400, JSON_TYPE,
		"{\"errors\":[{\"message\":\"one\"},{\"message\":\"two\"}]}",
		"/x: 400: one; two", NULL},
	    {401, JSON_TYPE, "{\"subCode\":\"upm.websudo.error\"}",
		"/x: 401: upm.websudo.error", "secure administrator"},
	    {401, JSON_TYPE,
		"{\"errors\":[{\"message\":\"Tokens may not have the "
		"following permission: ADMIN\"}]}",
		"/x: 401: Tokens may not have", "HTTP access tokens"},
	    {403, NULL, "", "/x: 403: forbidden", "system administrator"},
	    {404, "text/html", "<p>gone", "/x: 404: not found, as an HTML",
		"context path"},
	    {429, NULL, "", "/x: 429: too many requests", "rate limit"},
	    {503, JSON_TYPE, "{\"state\":\"STARTING\"}",
		"/x: 503: not available", NULL},
	    {418, NULL, "", "/x: 418: unexpected status", NULL},
	    {204, NULL, "", "/x: 204: unexpected status", NULL},
	    {200, JSON_TYPE, "", "/x: an empty answer", NULL},
	    {200, "text/html", "x", "/x: answered HTML: a login page or",
		"[cluster] url"},
	    {200, JSON_TYPE, " \n<!DOCTYPE HTML><p>",
		"/x: answered HTML: a login page or", "[cluster] url"},
	    {200, "text/plain", "{}", "/x: answered text/plain instead of",
		NULL},
	    {200, JSON_TYPE, "{\"a\":", "/x: ", NULL},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_auto(http_reply) reply =
		    reply_of(cases[i].status, cases[i].type, cases[i].body);
		g_autoptr(GError) error = NULL;

		assert_null(rest_json(&reply, "/x?token=secret", &error));
		const char *hint = strstr(error->message, "\nhint: ");
		if (!g_str_has_prefix(error->message, cases[i].says) ||
		    !hint != !cases[i].hint ||
		    (hint && !strstr(hint, cases[i].hint)) ||
		    strstr(error->message, "token="))
			fail_msg("case %zu: %s", i, error->message);
	}
}

static void a_redirect_names_where_it_leads(void **state)
{
	(void)state;
	g_auto(http_reply) reply = reply_of(302, NULL, "");
	g_hash_table_insert(
	    reply.headers, "location", "https://sso.example.com/in?ticket=1");
	g_autofree char *complaint = rest_complaint(&reply);

	assert_string_equal(
	    complaint, "302: redirected to https://sso.example.com/in");
}

static void a_long_foreign_text_is_cut(void **state)
{
	(void)state;
	g_autofree char *much = g_strnfill(100000, 'x');
	g_autofree char *body =
	    g_strdup_printf("{\"message\":\"%s\\u001b[2J\"}", much);
	g_auto(http_reply) reply = reply_of(500, JSON_TYPE, body);
	g_autofree char *complaint = rest_complaint(&reply);

	assert_true(strlen(complaint) < 300);
	assert_true(g_str_has_suffix(complaint, "xxx..."));
}

/* Gives the path behind the page TEXT of PATH, "" for none, "!" an error. */
static char *behind(const char *path, const char *text)
{
	g_autoptr(json) page = json_parse(text, strlen(text), "x", NULL);
	g_autoptr(GError) error = NULL;
	char *next = NULL;

	assert_non_null(page);
	if (!rest_next_page(path, page, &next, &error)) {
		assert_non_null(error);
		return g_strdup("!");
	}
	return next ? next : g_strdup("");
}

static void pages_follow_each_other(void **state)
{
	(void)state;
	static const struct {
		const char *path, *page, *next;
	} cases[] = {
	    {"/a", "{\"start\":0,\"isLastPage\":false,\"nextPageStart\":25}",
		"/a?start=25"},
	    {"/a?limit=5&start=25&x=y",
		"{\"start\":25,\"isLastPage\":false,\"nextPageStart\":30}",
		"/a?limit=5&x=y&start=30"},
	    {"/a?start=5",
		"{\"start\":5,\"isLastPage\":false,\"nextPageStart\":9}",
		"/a?start=9"},
	    {"/a", "{\"start\":0,\"isLastPage\":true,\"nextPageStart\":null}",
		""},
	    {"/a", "{\"start\":0,\"isLastPage\":false}", "!"},
	    {"/a", "{\"start\":0,\"isLastPage\":false,\"nextPageStart\":null}",
		"!"},
	    {"/a", "{\"start\":7,\"isLastPage\":false,\"nextPageStart\":7}",
		"!"},
	    {"/a", "{\"start\":0}", "!"},
	    {"/a", "[]", "!"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *next = behind(cases[i].path, cases[i].page);
		assert_string_equal(next, cases[i].next);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_200_to_202_with_json_is_an_answer),
	    cmocka_unit_test(any_other_answer_is_an_error_in_clear_words),
	    cmocka_unit_test(a_redirect_names_where_it_leads),
	    cmocka_unit_test(a_long_foreign_text_is_cut),
	    cmocka_unit_test(pages_follow_each_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
