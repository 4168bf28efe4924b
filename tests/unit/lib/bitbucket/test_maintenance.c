/* Before cmocka.h, which has a macro of the name fail. */
#include "tests/unit/lib/raw_server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "bitbucket/maintenance.h"

static struct raw_server server;
static char *canned; /* the status and body of the next answers */
static char *older;  /* of /mvc/maintenance, when not NULL */

static bool answer(int fd, const char *request)
{
	const char *text =
	    older && strstr(request, " /mvc/maintenance HTTP") ? older : canned;
	const char *body = strchr(text, ' ') + 1;
	g_autofree char *reply =
	    g_strdup_printf("HTTP/1.1 %.3s X\r\nContent-Type: "
			    "application/json\r\nContent-Length: %zu\r\n\r\n%s",
		text, strlen(body), body);

	raw_say(fd, reply);
	return true;
}

static int start_server(void **state)
{
	(void)state;
	return raw_start(&server, answer) ? 0 : -1;
}

/* Opens the server, whose next answers will be TEXT. */
static http *door(const char *text)
{
	const struct http_options options = {.url = server.url, .attempts = 1};

	g_free(canned);
	canned = g_strdup(text);
	return http_open(&options, NULL);
}

static void assert_asked(const char *line)
{
	g_autofree char *request = raw_last(&server);
	g_autofree char *whole = g_strconcat(line, " HTTP/1.1\r\n", NULL);

	if (!g_str_has_prefix(request, whole))
		fail_msg("%s", request);
}

static void a_lock_gives_its_token(void **state)
{
	(void)state;
	g_autoptr(http) h = door("202 {\"unlockToken\":\"9d1c\","
				 "\"owner\":{\"name\":\"svc\"}}");
	g_autofree char *token = NULL;

	assert_true(maintenance_lock(h, &token, NULL));
	assert_string_equal(token, "9d1c");
	assert_asked("POST /mvc/maintenance/lock");
}

static void what_is_no_token_is_an_error(void **state)
{
	(void)state;
	static const char *const bodies[] = {
	    "202 {}",
	    "202 {\"unlockToken\":null}",
	    "202 {\"unlockToken\":\"\"}",
	    "202 {\"unlockToken\":\"null\"}",
	    "202 {\"unlockToken\":7}",
	    "202 {\"unlockToken\":\"a b\"}",
	    "202 {\"unlockToken\":\"a\\r\\nX: y\"}",
	    "202 {\"errors\":[{\"message\":\"no\"}]}",
	    "202 [\"unlockToken\"]",
	    "202 <html>",
	    "202 ",
	    "200 {\"cancelToken\":\"x\"}",
	    "401 {\"unlockToken\":\"x\"}",
	    "500 {\"unlockToken\":\"x\"}",
	    "302 {\"unlockToken\":\"x\"}",
	};

	for (size_t i = 0; i < G_N_ELEMENTS(bodies); i++) {
		g_autoptr(http) h = door(bodies[i]);
		g_autofree char *token = NULL;
		g_autoptr(GError) error = NULL;

		if (maintenance_lock(h, &token, &error))
			fail_msg("%s", bodies[i]);
		assert_null(token);
		assert_int_equal(error->code, GONOGO_ERROR_REMOTE);
	}
}

static void who_locked_first_is_busy(void **state)
{
	(void)state;
	g_autoptr(http) h =
	    door("409 {\"errors\":[{\"message\":\"already locked\"}]}");
	g_autofree char *token = NULL;
	g_autoptr(GError) error = NULL;

	assert_false(maintenance_lock(h, &token, &error));
	assert_int_equal(error->code, GONOGO_ERROR_BUSY);
	assert_non_null(strstr(error->message, "lock: 409: already locked"));
}

static void owned_by(const char *reply, const char *name)
{
	g_autoptr(http) h = door(reply);
	g_autofree char *owner = NULL;

	assert_true(maintenance_owner(h, &owner, NULL));
	if (name)
		assert_string_equal(owner, name);
	else
		assert_null(owner);
}

static void a_lock_has_an_owner_and_404_is_no_lock(void **state)
{
	(void)state;
	g_autoptr(http) h = door("500 {}");
	g_autofree char *owner = NULL;

	owned_by("404 {}", NULL);
	owned_by("200 {\"owner\":{\"name\":\"svc\"}}", "svc");
	owned_by("200 {\"owner\":{\"displayName\":\"S V\"}}", "S V");
	owned_by("200 {}", "somebody");
	g_free(canned);
	canned = g_strdup("500 {}");
	assert_false(maintenance_owner(h, &owner, NULL));
	assert_null(owner);
}

static void an_external_backup_is_started_with_the_token(void **state)
{
	(void)state;
	g_autoptr(http) h = door("202 {\"id\":\"5\",\"cancelToken\":\"c5\"}");
	g_autofree char *token = NULL;

	assert_true(maintenance_start_backup(h, "u1", &token, NULL));
	assert_string_equal(token, "c5");
	assert_asked("POST /mvc/admin/backups?external=true");
	g_autofree char *request = raw_last(&server);
	assert_non_null(
	    strstr(request, "X-Atlassian-Maintenance-Token: u1\r\n"));
}

static void the_drain_is_read_from_both_states_and_the_task(void **state)
{
	(void)state;
	static const struct {
		const char *reply;
		bool locked, db, scm, running;
		int percentage;
	} cases[] = {
	    {"200 {\"task\":{\"state\":\"RUNNING\",\"progress\":{"
	     "\"percentage\":15}},\"db-state\":\"DRAINED\","
	     "\"scm-state\":\"LATCHED\"}",
		true, true, false, true, 15},
	    {"200 {\"task\":{\"state\":\"RUNNING\",\"progress\":{"
	     "\"percentage\":900}},\"db-state\":\"DRAINED\","
	     "\"scm-state\":\"DRAINED\"}",
		true, true, true, true, 100},
	    {"200 {\"task\":{\"state\":\"FAILED\"},\"db-state\":\"DRAINED\","
	     "\"scm-state\":\"DRAINED\"}",
		true, true, true, false, 0},
	    {"200 {\"db-state\":\"AVAILABLE\",\"scm-state\":\"AVAILABLE\"}",
		true, false, false, false, 0},
	    {"404 {}", false, false, false, false, 0},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(http) h = door(cases[i].reply);
		struct maintenance_state s = {0};

		assert_true(maintenance_poll(h, "u1", &s, NULL));
		assert_int_equal(s.locked, cases[i].locked);
		assert_int_equal(s.db_drained, cases[i].db);
		assert_int_equal(s.scm_drained, cases[i].scm);
		assert_int_equal(s.task_running, cases[i].running);
		assert_int_equal(s.percentage, cases[i].percentage);
	}
}

static void the_newer_path_is_asked_when_the_older_is_not_there(void **state)
{
	(void)state;
	g_autoptr(http) h = door("200 {\"task\":{\"state\":\"RUNNING\"},"
				 "\"db-state\":\"DRAINED\","
				 "\"scm-state\":\"DRAINED\"}");
	struct maintenance_state s = {0};

	older = "404 {}";
	bool polled = maintenance_poll(h, "u1", &s, NULL);
	older = NULL;
	assert_true(polled);
	assert_true(s.locked && s.db_drained && s.scm_drained);
	assert_asked("GET /system/maintenance");
}

static void other_json_is_no_state(void **state)
{
	(void)state;
	static const char *const replies[] = {"200 {}", "200 []",
	    "200 {\"db-state\":\"DRAINED\"}", "200 ", "500 {}"};

	for (size_t i = 0; i < G_N_ELEMENTS(replies); i++) {
		g_autoptr(http) h = door(replies[i]);
		struct maintenance_state s = {.percentage = 7};

		assert_false(maintenance_poll(h, "u1", &s, NULL));
		assert_int_equal(s.percentage, 7);
	}
}

static void progress_takes_the_escaped_unlock_token(void **state)
{
	(void)state;
	g_autoptr(http) h = door("202 ");
	g_autoptr(GError) error = NULL;

	assert_true(maintenance_progress(h, "a&b=1", 100, NULL));
	assert_asked("POST /mvc/admin/backups/progress/client?token=a%26b%3D1"
		     "&percentage=100");
	g_free(canned);
	canned = g_strdup("404 {}");
	assert_false(maintenance_progress(h, "a&b=1", 100, &error));
	assert_null(strstr(error->message, "a%26b"));
}

static void an_unlock_of_nothing_is_done_and_of_another_lock_is_busy(
    void **state)
{
	(void)state;
	static const struct {
		const char *reply;
		bool done;
		int code;
	} cases[] = {
	    {"200 ", true, 0},
	    {"204 ", true, 0},
	    {"404 {}", true, 0},
	    {"409 {}", false, GONOGO_ERROR_BUSY},
	    {"401 {}", false, GONOGO_ERROR_REMOTE},
	    {"302 ", false, GONOGO_ERROR_REMOTE},
	    {"500 {}", false, GONOGO_ERROR_REMOTE},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(http) h = door(cases[i].reply);
		g_autoptr(GError) error = NULL;

		assert_int_equal(
		    maintenance_unlock(h, "9d1c", &error), cases[i].done);
		assert_asked("DELETE /mvc/maintenance/lock?token=9d1c");
		if (!cases[i].done) {
			assert_int_equal(error->code, cases[i].code);
			assert_null(strstr(error->message, "9d1c"));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_lock_gives_its_token),
	    cmocka_unit_test(what_is_no_token_is_an_error),
	    cmocka_unit_test(who_locked_first_is_busy),
	    cmocka_unit_test(a_lock_has_an_owner_and_404_is_no_lock),
	    cmocka_unit_test(an_external_backup_is_started_with_the_token),
	    cmocka_unit_test(the_drain_is_read_from_both_states_and_the_task),
	    cmocka_unit_test(
		the_newer_path_is_asked_when_the_older_is_not_there),
	    cmocka_unit_test(other_json_is_no_state),
	    cmocka_unit_test(progress_takes_the_escaped_unlock_token),
	    cmocka_unit_test(
		an_unlock_of_nothing_is_done_and_of_another_lock_is_busy),
	};

	return cmocka_run_group_tests(tests, start_server, NULL);
}
