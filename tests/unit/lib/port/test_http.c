/* Before cmocka.h, which has a macro of the name fail. */
#include "tests/unit/lib/raw_server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <signal.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/stop.h"
#include "port/http.h"
#include "port/process.h"

/* ---- a server that misbehaves as a path says ---- */

static struct raw_server server;

static bool answer(int fd, const char *request)
{
	static const struct {
		const char *path, *reply;
	} canned[] = {
	    {" /ok", "HTTP/1.1 200 OK\r\nContent-Type: Application/JSON; "
		     "charset=UTF-8\r\nX-A: 1\r\nx-a: 2\r\n"
		     "Content-Length: 7\r\n\r\n{\"a\":1}"},
	    {" /ctx/ok", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"},
	    {" http://bitbucket.invalid/by-proxy",
		"HTTP/1.1 204 No Content\r\n\r\n"},
	    {" /moved", "HTTP/1.1 302 Found\r\nLocation: /ok\r\n"
			"Content-Length: 0\r\n\r\n"},
	    {" /continue", "HTTP/1.1 100 Continue\r\nX-Old: 1\r\n\r\n"
			   "HTTP/1.1 204 No Content\r\nX-New: 1\r\n\r\n"},
	    {" /busy", "HTTP/1.1 503 Busy\r\nRetry-After: 0\r\n"
		       "Content-Length: 2\r\n\r\nno"},
	    {" /patience", "HTTP/1.1 429 Slow\r\nRetry-After: 3600\r\n"
			   "Content-Length: 0\r\n\r\n"},
	    {NULL, NULL},
	};
	static const struct {
		const char *path, *reply;
	} broken[] = {
	    {" /cut", "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{\"a\""},
	    {" /chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked"
			"\r\n\r\n5\r\nabcde\r\n5\r\nab"},
	    {" /noise", "SSH-2.0-OpenSSH_9.2\r\n"},
	    {" /silence", ""},
	    {NULL, NULL},
	};
	const struct linger at_once = {1, 0};

	for (size_t i = 0; canned[i].path; i++)
		if (strstr(request, canned[i].path)) {
			raw_say(fd, canned[i].reply);
			return true;
		}
	for (size_t i = 0; broken[i].path; i++)
		if (strstr(request, broken[i].path))
			raw_say(fd, broken[i].reply);
	if (strstr(request, " /reset"))
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
	if (strstr(request, " /late"))
		g_usleep(1200 * 1000);
	if (strstr(request, " /flood")) {
		g_autofree char *much = g_strnfill(1 << 20, 'x');

		raw_say(fd, "HTTP/1.1 200 OK\r\n\r\n");
		for (int i = 0; i < 34; i++)
			raw_say(fd, much);
	}
	if (strstr(request, " /headers")) {
		g_autofree char *much = g_strnfill(60000, 'x');

		raw_say(fd, "HTTP/1.1 200 OK\r\n");
		for (int i = 0; i < 6; i++) {
			raw_say(fd, "X-Much: ");
			raw_say(fd, much);
			raw_say(fd, "\r\n");
		}
		raw_say(fd, "Content-Length: 0\r\n\r\n");
	}
	if (strstr(request, " /drip")) {
		raw_say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n");
		for (int i = 0; i < 20; i++) {
			raw_say(fd, "x");
			g_usleep(50 * 1000);
		}
	}
	return false;
}

static int start_server(void **state)
{
	(void)state;
	/* Whoever asks the environment would be led astray. */
	g_setenv("http_proxy", "http://127.0.0.1:1", TRUE);
	g_setenv("all_proxy", "http://127.0.0.1:1", TRUE);
	return raw_start(&server, answer) ? 0 : -1;
}

/* ---- asking ---- */

static http *open_with(struct http_options options)
{
	g_autoptr(GError) error = NULL;

	if (!options.url)
		options.url = server.url;
	http *h = http_open(&options, &error);
	if (!h)
		fail_msg("%s", error->message);
	return h;
}

static void get(http *h, const char *path, struct http_reply *reply)
{
	g_autoptr(GError) error = NULL;
	const struct http_request request = {.path = path};

	if (!http_do(h, &request, reply, &error))
		fail_msg("%s", error->message);
}

/* Gives the text behind "GET <url>: " of the error that REQUEST ends in. */
static char *complaint_of(http *h, const struct http_request *request)
{
	g_auto(http_reply) reply = {0};
	g_autoptr(GError) error = NULL;

	assert_false(http_do(h, request, &reply, &error));
	assert_true(g_error_matches(error, GONOGO_ERROR, GONOGO_ERROR_REMOTE));
	assert_null(reply.body);
	g_autofree char *start = g_strdup_printf("GET %s%.*s: ", http_url(h),
	    (int)strcspn(request->path, "?"), request->path);
	assert_true(g_str_has_prefix(error->message, start));
	return g_strdup(error->message + strlen(start));
}

static char *complaint(http *h, const char *path)
{
	const struct http_request request = {.path = path};

	return complaint_of(h, &request);
}

static void a_reply_is_given_with_its_type_and_headers(void **state)
{
	(void)state;
	g_autoptr(http) h = open_with((struct http_options){0});
	g_auto(http_reply) r = {0};

	get(h, "/ok", &r);
	assert_int_equal(r.status, 200);
	assert_string_equal(r.body, "{\"a\":1}");
	assert_int_equal(r.length, 7);
	assert_string_equal(r.media_type, "application/json");
	assert_string_equal(g_hash_table_lookup(r.headers, "x-a"), "1, 2");
	assert_true(ABS(r.at - clock_now()) < 5);
	assert_true(r.elapsed_ms < 5000);
}

static void the_path_of_the_base_stays(void **state)
{
	(void)state;
	g_autofree char *base = g_strconcat(server.url, "/ctx//", NULL);
	g_autoptr(http) h = open_with((struct http_options){.url = base});
	g_auto(http_reply) r = {0};

	assert_true(g_str_has_suffix(http_url(h), "/ctx"));
	get(h, "/ok", &r);
	assert_int_equal(r.status, 200);
	assert_int_equal(r.length, 0);
	assert_string_equal(r.body, "");
	assert_null(r.media_type);
}

static void the_login_is_sent_at_once(void **state)
{
	(void)state;
	g_autoptr(secret) password = secret_new("p:w");
	g_autoptr(http) h = open_with(
	    (struct http_options){.user = "audit", .password = password});
	g_auto(http_reply) r = {0};

	get(h, "/ok?login", &r);
	g_autofree char *request = raw_last(&server);
	assert_non_null(
	    strstr(request, "Authorization: Basic YXVkaXQ6cDp3\r\n"));
	assert_non_null(strstr(request, "User-Agent: gonogo/"));
	assert_non_null(strstr(request, "Accept: application/json\r\n"));
}

static void a_body_and_headers_are_sent_as_given(void **state)
{
	(void)state;
	g_autoptr(http) h = open_with((struct http_options){0});
	const char *headers[] = {"X-Token: abc", NULL};
	const struct http_request post = {.method = "POST",
	    .path = "/ok",
	    .accept = "text/plain",
	    .content_type = "application/json",
	    .headers = headers,
	    .body = "{}",
	    .once = true};
	const struct http_request empty = {.method = "POST", .path = "/ok"};
	const struct http_request delete = {.method = "DELETE", .path = "/ok"};
	g_auto(http_reply) a = {0}, b = {0}, c = {0};

	assert_true(http_do(h, &post, &a, NULL));
	g_autofree char *first = raw_last(&server);
	assert_true(g_str_has_prefix(first, "POST /ok HTTP/1.1\r\n"));
	assert_true(g_str_has_suffix(first, "\r\n\r\n{}"));
	assert_non_null(strstr(first, "Content-Type: application/json\r\n"));
	assert_non_null(strstr(first, "Accept: text/plain\r\n"));
	assert_non_null(strstr(first, "X-Token: abc\r\n"));
	assert_true(http_do(h, &empty, &b, NULL));
	g_autofree char *second = raw_last(&server);
	assert_non_null(strstr(second, "Content-Length: 0\r\n"));
	assert_null(strstr(second, "Content-Type"));
	assert_true(http_do(h, &delete, &c, NULL));
	g_autofree char *third = raw_last(&server);
	assert_true(g_str_has_prefix(third, "DELETE /ok HTTP/1.1\r\n"));
}

static void a_redirect_is_a_reply(void **state)
{
	(void)state;
	g_autoptr(http) h = open_with((struct http_options){0});
	g_auto(http_reply) r = {0};

	get(h, "/moved", &r);
	assert_int_equal(r.status, 302);
	assert_string_equal(g_hash_table_lookup(r.headers, "location"), "/ok");
}

static void only_the_last_head_counts(void **state)
{
	(void)state;
	g_autoptr(http) h = open_with((struct http_options){0});
	g_auto(http_reply) r = {0};

	get(h, "/continue", &r);
	assert_int_equal(r.status, 204);
	assert_null(g_hash_table_lookup(r.headers, "x-old"));
	assert_string_equal(g_hash_table_lookup(r.headers, "x-new"), "1");
}

static void one_connection_serves_many_requests(void **state)
{
	(void)state;
	g_autoptr(http) h = open_with((struct http_options){0});
	int before = server.connections;

	for (int i = 0; i < 5; i++) {
		g_auto(http_reply) r = {0};
		get(h, "/ok", &r);
	}
	assert_int_equal(server.connections - before, 1);
}

static void busy_is_asked_again_but_not_for_what_changes_something(void **state)
{
	(void)state;
	g_autoptr(http) h = open_with((struct http_options){0});
	g_auto(http_reply) r = {0}, once = {0};
	const struct http_request request = {
	    .method = "POST", .path = "/busy?once", .once = true};

	get(h, "/busy?thrice", &r);
	assert_int_equal(r.status, 503);
	assert_string_equal(r.body, "no");
	assert_int_equal(raw_count(&server, "/busy?thrice"), 3);
	assert_true(http_do(h, &request, &once, NULL));
	assert_int_equal(raw_count(&server, "/busy?once"), 1);
}

static void a_connection_that_went_stale_repeats_no_change(void **state)
{
	(void)state;
	g_autoptr(http) h = open_with((struct http_options){0});
	g_auto(http_reply) a = {0}, b = {0};
	const struct http_request request = {
	    .method = "POST", .path = "/silence?change", .once = true};
	g_autoptr(GError) error = NULL;

	get(h, "/ok", &a); /* leaves a connection to be used again */
	assert_false(http_do(h, &request, &b, &error));
	assert_int_equal(raw_count(&server, "/silence?change"), 1);
}

static void a_long_retry_after_is_not_waited_for(void **state)
{
	(void)state;
	g_autoptr(http) h = open_with((struct http_options){0});
	g_auto(http_reply) r = {0};

	get(h, "/patience", &r);
	assert_int_equal(r.status, 429);
	assert_true(r.elapsed_ms < 2000);
}

static void every_broken_reply_is_an_error_that_says_how(void **state)
{
	(void)state;
	g_autoptr(http) h = open_with((struct http_options){0});
	static const struct {
		const char *path, *says;
	} cases[] = {
	    {"/cut?token=x", "the reply was cut short after 4 bytes"},
	    {"/chunk", "the reply was cut short after 7 bytes"},
	    {"/noise", "the server's answer is not HTTP"},
	    {"/silence", "the server hung up without a reply"},
	    {"/reset", "the connection broke: "},
	    {"/flood", "the reply is longer than 33554432 bytes"},
	    {"/headers", "the reply is longer than"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *text = complaint(h, cases[i].path);
		if (!g_str_has_prefix(text, cases[i].says))
			fail_msg("%s: %s", cases[i].path, text);
	}
}

static void slowness_has_an_end(void **state)
{
	(void)state;
	g_autoptr(http) hasty =
	    open_with((struct http_options){.timeout_ms = 300});
	g_autoptr(http) patient =
	    open_with((struct http_options){.timeout_ms = 2000});
	g_autofree char *late = complaint(hasty, "/late");
	g_autofree char *drip = complaint(patient, "/drip");

	assert_true(g_str_has_prefix(late, "no whole reply in time"));
	assert_true(g_str_has_prefix(drip, "the reply drips: "));
}

static void a_refused_connection_is_tried_again_and_named(void **state)
{
	(void)state;
	int port = 0;
	int fd = raw_bind(&port); /* bound, but nobody listens */
	g_autofree char *url = g_strdup_printf("http://127.0.0.1:%d", port);
	g_autoptr(http) h = open_with((struct http_options){.url = url});
	double start = clock_monotonic();
	g_autofree char *text = complaint(h, "/ok");

	assert_true(g_str_has_prefix(
	    text, "cannot connect: Connection refused\nhint: "));
	assert_true(clock_monotonic() - start > 0.5); /* two pauses */
	ignore(close(fd));
}

static void an_unknown_host_is_named(void **state)
{
	(void)state;
	g_autoptr(http) h =
	    open_with((struct http_options){.url = "http://nowhere.invalid"});
	g_autofree char *text = complaint(h, "/ok");

	assert_non_null(strstr(text, "nowhere.invalid"));
	assert_non_null(strstr(text, "\nhint: check the name"));
}

static void the_proxy_is_the_one_that_is_asked_for(void **state)
{
	(void)state;
	g_autoptr(http) h = open_with((struct http_options){
	    .url = "http://bitbucket.invalid", .proxy = server.url});
	g_auto(http_reply) r = {0};

	g_setenv("no_proxy", "*", TRUE);
	get(h, "/by-proxy", &r);
	g_unsetenv("no_proxy");
	assert_int_equal(r.status, 204);
	g_autofree char *request = raw_last(&server);
	assert_true(g_str_has_prefix(
	    request, "GET http://bitbucket.invalid/by-proxy HTTP/1.1\r\n"));
}

static void refuse(struct http_options options, const char *why)
{
	g_autoptr(GError) error = NULL;

	assert_null(http_open(&options, &error));
	assert_true(g_error_matches(error, GONOGO_ERROR, GONOGO_ERROR_USAGE));
	assert_non_null(strstr(error->message, why));
	assert_null(strstr(error->message, "s3cret"));
}

static void a_base_that_cannot_work_is_refused(void **state)
{
	(void)state;
	refuse((struct http_options){.url = "bitbucket.example.com"},
	    "not a base URL");
	refuse((struct http_options){.url = ""}, "not a base URL");
	refuse((struct http_options){.url = "file:///etc/passwd"},
	    "not a base URL");
	refuse(
	    (struct http_options){.url = "https://h/?a=b"}, "not a base URL");
	refuse((struct http_options){.url = "https://u:s3cret@h/"},
	    "a login does not belong into a URL");
	refuse((struct http_options){.url = "u:s3cret@h"}, "not a base URL");
	refuse((struct http_options){.url = "https://u:s3cret@[h"},
	    "not a base URL");
	refuse((struct http_options){.url = "https://h", .user = "a:b"},
	    "no colon");
	refuse((struct http_options){.url = "https://h", .ca_file = "/nowhere"},
	    "CA file /nowhere: No such file");
}

static void a_signal_to_us_ends_the_wait(void **state)
{
	(void)state;
	pid_t pid = fork();

	if (pid == 0) {
		g_autoptr(http) h = open_with((struct http_options){0});
		const struct http_request ask = {.path = "/late"};
		const struct http_request change = {
		    .method = "POST", .path = "/ok", .once = true};
		struct http_reply r = {0};
		GError *error = NULL;

		stop_listen();
		alarm(20);
		ignore(raise(SIGTERM));
		bool stopped =
		    !http_do(h, &ask, &r, &error) &&
		    g_error_matches(error, GONOGO_ERROR, GONOGO_ERROR_STOPPED);
		_exit(stopped && http_do(h, &change, &r, NULL) ? 0 : 1);
	}
	int status = -1;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* ---- TLS: certificates and a server by the openssl command ---- */

static const char make_certificates[] =
    "set -e\n"
    "ec='-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes'\n"
    "openssl req -x509 $ec -keyout good.key -out good.pem -days 2"
    " -subj /CN=localhost -addext subjectAltName=DNS:localhost\n"
    "openssl req -new $ec -keyout old.key -out old.csr -subj /CN=localhost\n"
    "touch index\n"
    "cat >ca.conf <<END\n"
    "[ca]\ndefault_ca=a\n[a]\ndatabase=index\nnew_certs_dir=.\n"
    "serial=serial\ndefault_md=sha256\npolicy=p\nx509_extensions=e\n"
    "[p]\ncommonName=supplied\n"
    "[e]\nsubjectAltName=DNS:localhost\nbasicConstraints=CA:TRUE\n"
    "END\n"
    "of='openssl ca -batch -selfsign -create_serial -keyfile old.key"
    " -config ca.conf -in old.csr -notext'\n"
    "$of -out old.pem -startdate 20200101000000Z -enddate 20200201000000Z\n"
    "rm index* && touch index && cp old.key young.key\n"
    "$of -out young.pem -startdate 20980101000000Z"
    " -enddate 20990101000000Z\n";

/* Starts a TLS server that answers a page to anything; gives its port. */
static pid_t start_tls(const char *folder, const char *name, int *port)
{
	int ends[2];
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	if (pid == 0) {
		g_autofree char *certificate =
		    g_strdup_printf("%s/%s.pem", folder, name);
		g_autofree char *key =
		    g_strdup_printf("%s/%s.key", folder, name);

		dup2(ends[1], STDOUT_FILENO);
		/* It tells of each handshake that we broke off. */
		ignore(!freopen("/dev/null", "w", stderr));
		execlp("openssl", "openssl", "s_server", "-accept",
		    "127.0.0.1:0", "-cert", certificate, "-key", key, "-www",
		    (char *)NULL);
		_exit(127);
	}
	ignore(close(ends[1]));
	FILE *from = fdopen(ends[0], "r");
	char line[256];
	*port = 0;
	while (*port == 0 && fgets(line, sizeof line, from))
		if (sscanf(line, "ACCEPT 127.0.0.1:%d", port) == 1)
			break;
	ignore(fclose(from));
	assert_true(*port > 0);
	return pid;
}

static void end_tls(pid_t pid)
{
	ignore(kill(pid, SIGKILL));
	ignore(waitpid(pid, NULL, 0) < 0);
}

static http *open_tls(const char *host, int port, const char *ca_file)
{
	g_autofree char *url = g_strdup_printf("https://%s:%d", host, port);

	return open_with((struct http_options){.url = url, .ca_file = ca_file});
}

static void tls_is_verified_and_its_flaws_are_named(void **state)
{
	(void)state;
	char folder[] = "/tmp/gonogo-tls-XXXXXX";
	assert_non_null(mkdtemp(folder));
	const char *argv[] = {"sh", "-c", make_certificates, NULL};
	struct process p = {.argv = argv, .folder = folder, .timeout_s = 30};
	g_auto(process_result) made = {0};
	g_autoptr(GError) error = NULL;
	if (!process_run_ok(&p, &made, &error))
		fail_msg("%s", error->message);
	g_autofree char *good = g_strconcat(folder, "/good.pem", NULL);
	g_autofree char *old = g_strconcat(folder, "/old.pem", NULL);
	g_autofree char *young = g_strconcat(folder, "/young.pem", NULL);
	int port = 0, old_port = 0, young_port = 0;
	pid_t pid = start_tls(folder, "good", &port);
	pid_t old_pid = start_tls(folder, "old", &old_port);
	pid_t young_pid = start_tls(folder, "young", &young_port);

	g_autoptr(http) trusted = open_tls("localhost", port, good);
	g_auto(http_reply) r = {0};
	get(trusted, "/", &r);
	assert_int_equal(r.status, 200);
	assert_string_equal(r.media_type, "text/html");

	g_autoptr(http) unknown = open_tls("localhost", port, NULL);
	g_autofree char *text = complaint(unknown, "/");
	assert_non_null(strstr(text, "certificate is not trusted: "));
	assert_non_null(strstr(text, "hint: set [cluster] ca_file"));

	g_autoptr(http) misnamed = open_tls("127.0.0.1", port, good);
	g_autofree char *other = complaint(misnamed, "/");
	assert_non_null(strstr(other, "certificate is for another name: "));

	g_autoptr(http) expired = open_tls("localhost", old_port, old);
	g_autofree char *ended = complaint(expired, "/");
	g_autofree char *says = g_strdup_printf(
	    "the certificate has expired: that of localhost:%d, or of its "
	    "issuer\nhint: renew it there; its dates: openssl s_client "
	    "-connect localhost:%d </dev/null | openssl x509 -noout -dates",
	    old_port, old_port);
	assert_string_equal(ended, says);

	g_autoptr(http) early = open_tls("localhost", young_port, young);
	g_autofree char *soon = complaint(early, "/");
	assert_non_null(strstr(soon, "is not yet valid\nhint: "));

	g_autofree char *plain =
	    g_strconcat("https://", server.url + strlen("http://"), NULL);
	g_autoptr(http) no_tls =
	    open_with((struct http_options){.url = plain, .timeout_ms = 500});
	g_autofree char *no = complaint(no_tls, "/");
	assert_non_null(no);

	end_tls(pid);
	end_tls(old_pid);
	end_tls(young_pid);
	const char *clean[] = {"rm", "-rf", folder, NULL};
	p = (struct process){.argv = clean};
	g_auto(process_result) gone = {0};
	assert_true(process_run_ok(&p, &gone, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_reply_is_given_with_its_type_and_headers),
	    cmocka_unit_test(the_path_of_the_base_stays),
	    cmocka_unit_test(the_login_is_sent_at_once),
	    cmocka_unit_test(a_body_and_headers_are_sent_as_given),
	    cmocka_unit_test(a_redirect_is_a_reply),
	    cmocka_unit_test(only_the_last_head_counts),
	    cmocka_unit_test(one_connection_serves_many_requests),
	    cmocka_unit_test(
		busy_is_asked_again_but_not_for_what_changes_something),
	    cmocka_unit_test(a_connection_that_went_stale_repeats_no_change),
	    cmocka_unit_test(a_long_retry_after_is_not_waited_for),
	    cmocka_unit_test(every_broken_reply_is_an_error_that_says_how),
	    cmocka_unit_test(slowness_has_an_end),
	    cmocka_unit_test(a_refused_connection_is_tried_again_and_named),
	    cmocka_unit_test(an_unknown_host_is_named),
	    cmocka_unit_test(the_proxy_is_the_one_that_is_asked_for),
	    cmocka_unit_test(a_base_that_cannot_work_is_refused),
	    cmocka_unit_test(a_signal_to_us_ends_the_wait),
	    cmocka_unit_test(tls_is_verified_and_its_flaws_are_named),
	};

	return cmocka_run_group_tests(tests, start_server, NULL);
}
