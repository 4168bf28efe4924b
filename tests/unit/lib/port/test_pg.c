/* Before cmocka.h, which has a macro of the name fail. */
#include "base/error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/stop.h"
#include "port/pg.h"
#include "tests/unit/lib/private_pg.h"

static char *folder; /* of the private server; its socket lies there */

static char *url_of(const char *user)
{
	return private_pg_url(folder, user);
}

static pg *open_db(void)
{
	g_autofree char *url = url_of("tester");
	g_autoptr(GError) error = NULL;
	pg *db = pg_open(url, NULL, &error);

	if (!db)
		fail_msg("%s", error->message);
	return db;
}

static void done(pg *db, const char *sql)
{
	g_autoptr(GError) error = NULL;

	if (!pg_do(db, sql, &error))
		fail_msg("%s", error->message);
}

static int start_server(void **state)
{
	(void)state;
	folder = private_pg("start", NULL);
	if (!folder)
		return -1;
	g_autoptr(pg) db = open_db();
	done(db, "CREATE ROLE reader LOGIN PASSWORD 'p:w\\d''x';"
		 "CREATE TABLE hidden (a int);"
		 "CREATE TABLE seen (id int, name text, note text);"
		 "INSERT INTO seen VALUES (1, 'eins', NULL), (2, 'zwei', '');"
		 "GRANT SELECT ON seen TO reader");
	return 0;
}

static int stop_server(void **state)
{
	(void)state;
	g_autofree char *said = folder ? private_pg("stop", folder) : NULL;
	g_free(folder);
	return said ? 0 : -1;
}

static void rows_come_with_names_and_nulls(void **state)
{
	(void)state;
	g_autoptr(pg) db = open_db();
	const char *parameters[] = {"2", NULL};
	g_autoptr(pg_rows) all =
	    pg_query(db, "SELECT * FROM seen ORDER BY id", NULL, NULL);
	g_autoptr(pg_rows) one = pg_query(
	    db, "SELECT name FROM seen WHERE id = $1::int", parameters, NULL);
	g_autoptr(pg_rows) none =
	    pg_query(db, "SELECT 1 FROM seen WHERE false", NULL, NULL);

	assert_int_equal(pg_rows_length(all), 2);
	assert_int_equal(pg_rows_width(all), 3);
	assert_string_equal(pg_rows_name(all, 2), "note");
	assert_string_equal(pg_cell(all, 1, 1), "zwei");
	assert_null(pg_cell(all, 0, 2));
	assert_string_equal(pg_cell(all, 1, 2), "");
	assert_int_equal(pg_rows_length(one), 1);
	assert_string_equal(pg_cell(one, 0, 0), "zwei");
	assert_int_equal(pg_rows_length(none), 0);
	assert_int_equal(pg_rows_width(none), 1);
	assert_true(pg_server_version(db) >= 130000);
}

/* Gives the text of the REMOTE error that SQL ends in. */
static char *complaint(pg *db, const char *sql)
{
	g_autoptr(GError) error = NULL;

	assert_null(pg_query(db, sql, NULL, &error));
	assert_true(g_error_matches(error, GONOGO_ERROR, GONOGO_ERROR_REMOTE));
	return g_strdup(error->message);
}

static void an_audit_can_change_nothing(void **state)
{
	(void)state;
	g_autofree char *url = url_of("tester");
	g_autoptr(pg) db = pg_open_readonly(url, NULL, NULL);
	g_autoptr(GError) error = NULL;

	assert_false(pg_do(db, "INSERT INTO seen VALUES (3)", &error));
	assert_string_equal(error->message,
	    "database: cannot execute INSERT in a read-only transaction "
	    "(25006)");
	g_clear_error(&error);
	assert_false(pg_do(db, "SET TRANSACTION READ WRITE", &error));
}

static void an_audit_sees_one_moment_and_survives_an_error(void **state)
{
	(void)state;
	g_autofree char *url = url_of("tester");
	g_autoptr(pg) audit = pg_open_readonly(url, NULL, NULL);
	g_autoptr(pg) other = open_db();
	const char *count = "SELECT count(*) FROM seen";
	g_autoptr(pg_rows) before = pg_query(audit, count, NULL, NULL);

	assert_string_equal(pg_cell(before, 0, 0), "2");
	done(other, "INSERT INTO seen VALUES (3)");
	g_autofree char *text = complaint(audit, "SELECT * FROM nowhere");
	assert_string_equal(
	    text, "database: relation \"nowhere\" does not exist (42P01)");
	g_autoptr(pg_rows) after = pg_query(audit, count, NULL, NULL);
	done(other, "DELETE FROM seen WHERE id = 3");
	assert_string_equal(pg_cell(after, 0, 0), "2");
	g_autoptr(pg_rows) limits = pg_query(audit,
	    "SELECT current_setting('statement_timeout'), "
	    "current_setting('lock_timeout'), "
	    "current_setting('application_name'), "
	    "current_setting('search_path')",
	    NULL, NULL);
	assert_string_equal(pg_cell(limits, 0, 0), "1min");
	assert_string_equal(pg_cell(limits, 0, 1), "5s");
	assert_string_equal(pg_cell(limits, 0, 2), "gonogo");
	assert_string_equal(pg_cell(limits, 0, 3), "\"$user\", public");
}

static void a_missing_right_comes_with_the_grant(void **state)
{
	(void)state;
	g_autofree char *url = url_of("reader");
	g_autoptr(secret) password = secret_new("p:w\\d'x");
	g_autoptr(pg) db = pg_open_readonly(url, password, NULL);
	g_autofree char *text = complaint(db, "SELECT * FROM hidden");

	assert_string_equal(text,
	    "database: permission denied for table hidden (42501)\n"
	    "hint: GRANT pg_read_all_data TO \"reader\";");
}

static void refused(const char *url, const char *password,
    enum gonogo_error code, const char *says, const char *hint)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(secret) s = password ? secret_new(password) : NULL;

	assert_null(pg_open(url, s, &error));
	if (!strstr(error->message, says) || !strstr(error->message, hint) ||
	    !strstr(error->message, "\nhint: ") ||
	    strstr(error->message, "s3cret"))
		fail_msg("%s: %s", url, error->message);
	assert_int_equal(error->code, code);
}

static void why_it_cannot_connect_is_said_with_a_hint(void **state)
{
	(void)state;
	g_autofree char *reader = url_of("reader");
	g_autofree char *nobody =
	    g_strdup_printf("postgresql://tester@/nothing?host=%s", folder);

	refused(reader, "s3cret", GONOGO_ERROR_REMOTE,
	    "password authentication failed for user \"reader\"",
	    "password_file");
	refused(reader, NULL, GONOGO_ERROR_REMOTE, "no password supplied",
	    "password_file");
	refused(nobody, NULL, GONOGO_ERROR_REMOTE,
	    "database \"nothing\" does not exist", "[database] url");
	refused("postgresql://u@127.0.0.1:1/b", NULL, GONOGO_ERROR_REMOTE,
	    "Connection refused", "is PostgreSQL up");
	refused("postgresql://u@/b?host=/nowhere", NULL, GONOGO_ERROR_REMOTE,
	    "No such file or directory", "socket");
	refused("postgresql://u:s3cret@h/b", NULL, GONOGO_ERROR_USAGE,
	    "a password does not belong", "password_file");
	refused("host=h password=s3cret", NULL, GONOGO_ERROR_USAGE,
	    "a password does not belong", "password_file");
}

static void what_is_no_url_is_refused_and_not_shown(void **state)
{
	(void)state;
	g_autoptr(GError) error = NULL;

	assert_null(pg_open("postgresql://u:s3cret@[h/b", NULL, &error));
	assert_int_equal(error->code, GONOGO_ERROR_USAGE);
	assert_null(strstr(error->message, "s3cret"));
}

static void quoted_text_comes_back_as_it_was(void **state)
{
	(void)state;
	g_autoptr(pg) db = open_db();
	static const char *const texts[] = {"plain", "it's", "a\"b", "c\\d",
	    "\\'", "", "'; DROP TABLE seen; --", "\xc3\xa4\n"};

	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
		for (int conforming = 0; conforming < 2; conforming++) {
			g_autofree char *name =
			    pg_quote_name(*texts[i] ? texts[i] : "empty");
			g_autofree char *text = pg_quote_text(texts[i]);
			g_autofree char *sql =
			    g_strdup_printf("SELECT %s AS %s", text, name);

			done(db, conforming
				     ? "SET standard_conforming_strings = on"
				     : "SET standard_conforming_strings = off");
			g_autoptr(pg_rows) rows = pg_query(db, sql, NULL, NULL);
			assert_non_null(rows);
			assert_string_equal(pg_cell(rows, 0, 0), texts[i]);
			if (*texts[i])
				assert_string_equal(
				    pg_rows_name(rows, 0), texts[i]);
		}
}

struct copied {
	size_t rows, bytes, stop_at;
};

static bool count_row(
    const char *bytes, size_t length, void *user, GError **error)
{
	struct copied *c = user;

	assert_int_equal(bytes[length - 1], '\n');
	c->rows++;
	c->bytes += length;
	if (c->stop_at && c->rows == c->stop_at)
		return (fail)(error, GONOGO_ERROR_SYSTEM, "enough");
	return true;
}

static void a_copy_is_streamed_and_can_be_stopped(void **state)
{
	(void)state;
	g_autoptr(pg) db = open_db();
	struct copied all = {0}, few = {.stop_at = 10};
	const char *sql = "COPY (SELECT repeat('x', 99) FROM "
			  "generate_series(1, 20000)) TO STDOUT";
	g_autoptr(GError) error = NULL;

	assert_true(pg_copy_out(db, sql, count_row, &all, NULL));
	assert_int_equal(all.rows, 20000);
	assert_int_equal(all.bytes, 2000000);
	assert_false(pg_copy_out(db, sql, count_row, &few, &error));
	assert_string_equal(error->message, "enough");
	assert_int_equal(few.rows, 10);
	g_autoptr(pg_rows) still = pg_query(db, "SELECT 1", NULL, NULL);
	assert_non_null(still);
}

static void a_copy_that_fails_midway_is_an_error(void **state)
{
	(void)state;
	g_autoptr(pg) db = open_db();
	struct copied all = {0};
	g_autoptr(GError) error = NULL;

	assert_false(pg_copy_out(db,
	    "COPY (SELECT 1 / (500 - n) FROM generate_series(1, 999) AS n) "
	    "TO STDOUT",
	    count_row, &all, &error));
	assert_string_equal(
	    error->message, "database: division by zero (22012)");
	g_clear_error(&error);
	assert_false(pg_copy_out(db, "COPY nothing", count_row, &all, &error));
	assert_non_null(strstr(error->message, "(42601)"));
	g_clear_error(&error);
	assert_false(pg_copy_out(db, "SELECT 1", count_row, &all, &error));
	assert_int_equal(error->code, GONOGO_ERROR_INTERNAL);
	done(db, "SELECT 1");
}

static void a_lost_server_is_an_error(void **state)
{
	(void)state;
	g_autoptr(pg) db = open_db(), killer = open_db();
	g_autoptr(GError) error = NULL;

	done(killer, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
		     "WHERE pid <> pg_backend_pid() AND usename = 'tester'");
	assert_false(pg_do(db, "SELECT 1", &error));
	assert_int_equal(error->code, GONOGO_ERROR_REMOTE);
	assert_non_null(strstr(error->message, "terminating connection"));
	g_clear_error(&error);
	assert_false(pg_do(db, "SELECT 1", &error));
	assert_int_equal(error->code, GONOGO_ERROR_REMOTE);
}

static void a_signal_to_us_cancels_the_query(void **state)
{
	(void)state;
	pid_t pid = fork();

	if (pid == 0) {
		stop_listen();
		alarm(30);
		g_autoptr(pg) db = open_db();
		GError *error = NULL;
		bool stopped =
		    !pg_do(db, "SELECT pg_sleep(471)", &error) &&
		    g_error_matches(error, GONOGO_ERROR, GONOGO_ERROR_STOPPED);
		_exit(stopped ? 0 : 1);
	}
	g_autoptr(pg) db = open_db();
	const char *running = "SELECT 1 FROM pg_stat_activity WHERE state = "
			      "'active' AND query = 'SELECT pg_sleep(471)'";
	bool seen = false, gone = false;
	for (int i = 0; i < 500 && !gone; i++) {
		g_autoptr(pg_rows) rows = pg_query(db, running, NULL, NULL);

		gone = seen && pg_rows_length(rows) == 0;
		if (!seen && pg_rows_length(rows) > 0) {
			seen = true;
			ignore(kill(pid, SIGTERM));
		}
		g_usleep(20000);
	}
	assert_true(gone);
	int status = -1;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void a_program_logs_in_with_a_passfile(void **state)
{
	(void)state;
	g_autofree char *url = url_of("reader");
	g_autoptr(secret) password = secret_new("p:w\\d'x");
	g_autofree char *dbname = NULL, *passfile = NULL;
	struct stat status;

	assert_true(
	    pg_program_login(url, password, "/tmp", &dbname, &passfile, NULL));
	assert_int_equal(stat(passfile, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	assert_null(strstr(dbname, "p:w"));
	g_autofree char *env = g_strconcat("PGPASSFILE=", passfile, NULL);
	const char *envs[] = {env, NULL};
	const char *argv[] = {"psql", "-XAtd", dbname, "-c",
	    "SELECT current_user, current_setting('application_name')", NULL};
	struct process p = {.argv = argv, .env = envs, .timeout_s = 20};
	g_auto(process_result) r = {0};
	g_autoptr(GError) error = NULL;
	bool ran = process_run_ok(&p, &r, &error);
	ignore(unlink(passfile));
	if (!ran)
		fail_msg("%s", error->message);
	assert_string_equal(r.out, "reader|gonogo\n");
}

static void a_url_tells_its_parts_and_takes_others(void **state)
{
	const char *url = "postgresql://me@/one?host=/tmp/a%20b";
	g_autofree char *host = pg_url_value(url, "host");
	g_autofree char *other = pg_url_with(url, "dbname", "t'wo", NULL);
	g_autofree char *name = pg_url_value(other, "dbname");
	g_autofree char *user = pg_url_value(other, "user");

	(void)state;
	assert_string_equal(host, "/tmp/a b");
	assert_string_equal(name, "t'wo");
	assert_string_equal(user, "me");
	assert_null(pg_url_value(url, "port"));
	assert_null(pg_url_value("http://no", "host"));
	assert_null(pg_url_with("http://no", "dbname", "x", NULL));
}

static void the_server_tells_its_own_process(void **state)
{
	g_autofree char *url = url_of("tester");
	g_autoptr(pg) mine = pg_open(url, NULL, NULL);
	g_autoptr(pg_rows) rows =
	    pg_query(mine, "SELECT pg_backend_pid()", NULL, NULL);

	(void)state;
	assert_int_equal(
	    g_ascii_strtoll(pg_cell(rows, 0, 0), NULL, 10), pg_backend(mine));
}

static void a_program_login_without_password_has_no_passfile(void **state)
{
	(void)state;
	g_autofree char *dbname = NULL, *passfile = NULL;
	g_autoptr(secret) lines = secret_new("two\nlines");
	g_autoptr(GError) error = NULL;

	assert_true(pg_program_login("host=h user='it''s'", NULL, "/tmp",
			&dbname, &passfile, NULL) == false);
	assert_true(pg_program_login(
	    "host=/h user='it\\'s'", NULL, "/tmp", &dbname, &passfile, NULL));
	assert_null(passfile);
	assert_true(g_str_has_prefix(dbname, "application_name='gonogo' "));
	assert_true(g_str_has_suffix(dbname, " user='it\\'s' host='/h'"));
	assert_non_null(strstr(dbname, "keepalives_idle='30'"));
	g_clear_pointer(&dbname, g_free);
	assert_false(pg_program_login(
	    "host=h", lines, "/tmp", &dbname, &passfile, &error));
	assert_int_equal(error->code, GONOGO_ERROR_USAGE);
	assert_null(dbname);
}

static void a_host_elsewhere_is_asked_for_a_known_certificate(void **state)
{
	(void)state;
	static const struct {
		const char *url;
		bool asked;
	} cases[] = {
	    {"postgresql://u@db.example.org/b", true},
	    {"host=/tmp,db.example.org", true},
	    {"host=localhost hostaddr=192.0.2.1", true},
	    {"postgresql://u@db.example.org/b?sslmode=require", false},
	    {"postgresql://u@localhost/b", false},
	    {"host=127.0.0.1", false},
	    {"host=127.example.com", true},
	    {"host=/var/run/postgresql", false},
	    {"service=site", false},
	};

	g_unsetenv("PGSSLMODE");
	g_unsetenv("PGSERVICE");
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *words =
		    pg_url_with(cases[i].url, "dbname", "x", NULL);
		bool asked = strstr(words, "sslmode='verify-full'") != NULL;
		if (asked != cases[i].asked)
			print_error("%s\n", cases[i].url);
		assert_int_equal(asked, cases[i].asked);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rows_come_with_names_and_nulls),
	    cmocka_unit_test(an_audit_can_change_nothing),
	    cmocka_unit_test(an_audit_sees_one_moment_and_survives_an_error),
	    cmocka_unit_test(a_missing_right_comes_with_the_grant),
	    cmocka_unit_test(why_it_cannot_connect_is_said_with_a_hint),
	    cmocka_unit_test(what_is_no_url_is_refused_and_not_shown),
	    cmocka_unit_test(a_url_tells_its_parts_and_takes_others),
	    cmocka_unit_test(the_server_tells_its_own_process),
	    cmocka_unit_test(quoted_text_comes_back_as_it_was),
	    cmocka_unit_test(a_copy_is_streamed_and_can_be_stopped),
	    cmocka_unit_test(a_copy_that_fails_midway_is_an_error),
	    cmocka_unit_test(a_lost_server_is_an_error),
	    cmocka_unit_test(a_signal_to_us_cancels_the_query),
	    cmocka_unit_test(a_program_logs_in_with_a_passfile),
	    cmocka_unit_test(a_program_login_without_password_has_no_passfile),
	    cmocka_unit_test(a_host_elsewhere_is_asked_for_a_known_certificate),
	};

	return cmocka_run_group_tests(tests, start_server, stop_server);
}
