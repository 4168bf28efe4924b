/*
 * A real server: what is dumped at a point comes back, row for row, and what
 * would make a dump lie or do harm is noticed.
 */
#include "tests/unit/lib/private_pg.h"
#include "tests/unit/unit.h"

#include "backup/db/dump.h"
#include "backup/db/files.h"
#include "backup/db/load.h"
#include "backup/db/save.h"
#include "backup/db/vacant.h"
#include "base/clock.h"
#include "base/error.h"
#include "contract/shape.h"
#include "port/fs.h"

static char *folder; /* of the server */
static char *scratch;
static struct settings *settings_of_test;
static store *store_of_test;
static run *run_of_test;

static const char schema[] =
    "CREATE ROLE backup LOGIN PASSWORD 'pass:w\\d';"
    "CREATE DATABASE bitbucket TEMPLATE template0 ENCODING 'UTF8'";
static const char rows[] =
    "GRANT pg_read_all_data TO backup;"
    "CREATE SCHEMA \"Odd Name\";"
    "CREATE TABLE \"Odd Name\".\"a\tb\" (id serial PRIMARY KEY, \"x y\" text,"
    " double_id int GENERATED ALWAYS AS (id * 2) STORED, raw bytea, at "
    "timestamptz, doc json);"
    "INSERT INTO \"Odd Name\".\"a\tb\" (\"x y\", raw, at, doc)"
    " SELECT E'line\\nend\\ttab\\\\.' || g, decode('00ff', 'hex'),"
    " '2026-08-01 12:00+05', '{\"a\": 1}' FROM generate_series(1, 5000) g;"
    "CREATE TABLE empty (a int);"
    "CREATE TABLE parts (a int) PARTITION BY RANGE (a);"
    "CREATE TABLE parts_low PARTITION OF parts FOR VALUES FROM (0) TO (10);"
    "INSERT INTO parts VALUES (1), (2);"
    "CREATE TABLE databasechangeloglock (id int, locked boolean);"
    "CREATE SEQUENCE never_used START 7;"
    "SELECT lo_from_bytea(4711, decode(repeat('ab', 5000), 'hex'));"
    "CREATE MATERIALIZED VIEW seen AS SELECT count(*) FROM parts";

static pg *server(const char *database)
{
	g_autofree char *plain = private_pg_url(folder, "tester");
	g_autofree char *url = pg_url_with(plain, "dbname", database, NULL);
	g_autoptr(GError) error = NULL;
	pg *db = pg_open(url, NULL, &error);

	if (error)
		print_error("%s\n", error->message);
	assert_non_null(db);
	return db;
}

static void done(pg *db, const char *sql)
{
	g_autoptr(GError) error = NULL;
	bool good = pg_do(db, sql, &error);

	if (error)
		print_error("%s\n", error->message);
	assert_true(good);
}

static int start_server(void **state)
{
	(void)state;
	folder = private_pg("start", NULL);
	if (!folder)
		return -1;
	g_autoptr(pg) first = server("postgres");
	g_auto(GStrv) statements = g_strsplit(schema, ";", -1);
	for (char **sql = statements; *sql; sql++)
		done(first, *sql);
	g_autoptr(pg) db = server("bitbucket");
	done(db, rows);
	settings_of_test = settings_read(NULL, NULL);
	return settings_of_test ? 0 : -1;
}

static int stop_server(void **state)
{
	(void)state;
	g_autofree char *said = folder ? private_pg("stop", folder) : NULL;

	settings_free(settings_of_test);
	g_free(folder);
	return said ? 0 : -1;
}

static char *in_scratch(const char *name)
{
	return g_build_filename(scratch, name, NULL);
}

static int before(void **state)
{
	(void)state;
	scratch = g_dir_make_tmp("gonogo-dump-XXXXXX", NULL);
	if (!scratch)
		return -1;
	g_setenv("GONOGO_SHARE", ".", TRUE);
	g_autofree char *path = g_build_filename(scratch, "store", NULL);
	g_autofree char *inner = in_scratch("dumped");
	g_autoptr(GError) error = NULL;
	store_of_test = store_open(path, STORE_WRITE, &error);
	if (error)
		print_error("%s\n", error->message);
	run_of_test = store_of_test ? run_begin(store_of_test, NULL) : NULL;
	return run_of_test && chmod(scratch, 0755) == 0 &&
		       fs_make_folders(inner, 0700, NULL)
		   ? 0
		   : -1;
}

static int after(void **state)
{
	(void)state;
	run_abandon(run_of_test);
	store_close(store_of_test);
	bool removed = fs_remove_tree(scratch, NULL);

	g_clear_pointer(&scratch, g_free);
	return removed ? 0 : -1;
}

static void login(const char *user, const char *database, db_login *l)
{
	g_autofree char *plain = private_pg_url(folder, user);
	g_autofree char *url = pg_url_with(plain, "dbname", database, NULL);

	assert_true(db_login_for(settings_of_test, url, l, NULL));
	if (!g_str_equal(user, "tester")) {
		l->password = secret_new("pass:w\\d");
		g_clear_pointer(&l->run_as, g_free);
	}
}

static bool make(db_point *point, const db_login *l, dump *d, GError **error)
{
	g_auto(dump_programs) programs = {0};
	g_autofree char *inner = in_scratch("dumped");

	return dump_programs_find(l, 150000, &programs, error) &&
	       dump_make(l, point, &programs, inner, run_objects(run_of_test),
		   d, error) &&
	       dump_finish(l, point, &programs, inner, d, error);
}

static void take(const db_login *l, db_point *point, dump *d)
{
	g_autoptr(GError) error = NULL;
	bool good =
	    db_point_take(l, point, &error) && make(point, l, d, &error);

	if (error)
		print_error("%s\n", error->message);
	assert_true(good);
}

/* Puts the dump into the run's set, and loads it from there; gives what is not
 * as it was. */
static char *load(const char *database, const dump *d, const db_point *point,
    load_report *report)
{
	g_auto(db_login) l = {0};
	g_auto(snapshot) set = {0};
	g_auto(evidence) how = {0};
	g_autoptr(GError) error = NULL;
	g_autofree char *loading = in_scratch("loading");
	const char *folder_of_set = run_folder(run_of_test);
	g_autofree char *list = g_build_filename(folder_of_set, DB_FILES, NULL);
	g_autofree char *toc = g_build_filename(folder_of_set, DB_TOC, NULL);
	g_autofree char *rows_file =
	    g_build_filename(folder_of_set, DB_TABLES, NULL);

	login("tester", database, &l);
	assert_true(fs_make_folders(loading, 0700, NULL));
	assert_true(dump_save(run_of_test, d, point, &set, &how, NULL));
	assert_true(objects_settle(run_objects(run_of_test), NULL));
	g_autoptr(GPtrArray) files = db_files_read(list, NULL);
	assert_non_null(files);
	const struct load_source from = {store_of_test, toc, rows_file, files};
	bool loaded = load_run(&l, &from, loading, 2, report, &error);
	if (error)
		print_error("%s\n", error->message);
	assert_true(loaded);
	g_autoptr(GString) all = g_string_new(NULL);
	for (guint i = 0; i < list_length(report->differences); i++)
		g_string_append_printf(all, "%s\n",
		    (char *)g_ptr_array_index(report->differences, i));
	return g_string_free(g_steal_pointer(&all), FALSE);
}

static char *answer(const char *database, const char *sql)
{
	g_autoptr(pg) db = server(database);
	g_autoptr(pg_rows) found = pg_query(db, sql, NULL, NULL);

	assert_non_null(found);
	return g_strdup(pg_cell(found, 0, 0));
}

/* ---- the tests ---- */

static void a_dump_comes_back_as_it_was(void **state)
{
	(void)state;
	g_auto(db_login) l = {0};
	g_auto(db_point) point = {0};
	g_auto(dump) d = {0};
	g_auto(load_report) report = {0};

	login("backup", "bitbucket", &l);
	take(&l, &point, &d);
	assert_null(d.flaws);
	assert_non_null(d.large); /* not the role's own: by SQL */
	g_autofree char *differences = load("again", &d, &point, &report);
	assert_string_equal(differences, "");
	assert_int_equal(report.tables, 4);
	assert_int_equal(report.rows, 5002);
	assert_int_equal(report.sequences, 2);
	g_autofree char *large =
	    answer("again", "SELECT encode(sha256(lo_get(4711)), 'hex')");
	g_autofree char *was =
	    answer("bitbucket", "SELECT encode(sha256(lo_get(4711)), 'hex')");
	assert_string_equal(large, was);
	g_autofree char *next =
	    answer("again", "SELECT nextval('\"Odd Name\".\"a\tb_id_seq\"')");
	assert_string_equal(next, "5001");
	g_autofree char *unused =
	    answer("again", "SELECT nextval('never_used')");
	assert_string_equal(unused, "7");
}

static void the_owner_s_dump_holds_its_large_objects(void **state)
{
	(void)state;
	g_auto(db_login) l = {0};
	g_auto(db_point) point = {0};
	g_auto(dump) d = {0};
	g_auto(load_report) report = {0};

	login("tester", "bitbucket", &l);
	take(&l, &point, &d);
	assert_null(d.large);
	assert_non_null(d.globals.roles);
	g_autofree char *differences = load("owned", &d, &point, &report);
	assert_string_equal(differences, "");
	g_autofree char *large =
	    answer("owned", "SELECT length(lo_get(4711))::text");
	assert_string_equal(large, "5000");
}

static void a_dump_shows_its_point_whatever_comes_later(void **state)
{
	(void)state;
	g_auto(db_login) l = {0};
	g_auto(db_point) point = {0};
	g_auto(dump) d = {0};
	g_autoptr(pg) writer = server("bitbucket");

	login("backup", "bitbucket", &l);
	assert_true(db_point_take(&l, &point, NULL));
	assert_in_range(point.at, clock_now() - 5, clock_now() + 1);
	assert_non_null(strchr(point.lsn, '/'));
	assert_false(point.standby);
	assert_string_equal(point.database, "bitbucket");
	done(writer, "INSERT INTO parts VALUES (3)");
	assert_true(make(&point, &l, &d, NULL));
	done(writer, "DELETE FROM parts WHERE a = 3");
	for (guint i = 0; i < d.tables.tables->len; i++) {
		const struct table *t = g_ptr_array_index(d.tables.tables, i);
		if (g_str_equal(t->name, "public.parts_low"))
			assert_int_equal(t->rows, 2);
	}
}

static void what_differs_after_a_load_is_named(void **state)
{
	(void)state;
	g_auto(db_login) l = {0};
	g_auto(db_point) point = {0};
	g_auto(dump) d = {0};
	g_auto(load_report) report = {0};
	g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);

	login("tester", "bitbucket", &l);
	take(&l, &point, &d);
	g_autofree char *none = load("changed", &d, &point, &report);
	assert_string_equal(none, "");
	g_autoptr(pg) db = server("changed");
	done(db, "UPDATE parts SET a = 5 WHERE a = 2;"
		 "INSERT INTO empty VALUES (1);"
		 "DROP TABLE databasechangeloglock;"
		 "SELECT setval('never_used', 99)");
	g_auto(db_login) other = {0};
	login("tester", "changed", &other);
	assert_true(tables_compare(&d.tables, &other, 2, lines, NULL));
	assert_int_equal(lines->len, 4);
	g_ptr_array_add(lines, NULL);
	g_autofree char *text = g_strjoinv("\n", (char **)lines->pdata);
	assert_non_null(
	    strstr(text, "public.parts_low: its rows have another"));
	assert_non_null(strstr(text, "public.empty: 1 rows, not 0"));
	assert_non_null(strstr(text, "databasechangeloglock"));
	assert_non_null(
	    strstr(text, "public.never_used: it stands at 99, not at 7"));
}

static void an_occupied_database_is_refused(void **state)
{
	(void)state;
	g_auto(db_login) l = {0};
	g_autoptr(GError) error = NULL;

	login("tester", "bitbucket", &l);
	assert_false(vacant_check(&l, &error));
	assert_int_equal(error->code, GONOGO_ERROR_USAGE);
	assert_non_null(strstr(error->message, "is not empty"));
	assert_non_null(strstr(error->message, "hint:"));
}

static void a_database_that_cannot_be_made_is_told_before(void **state)
{
	(void)state;
	g_auto(db_login) l = {0};
	g_autoptr(GError) error = NULL;

	login("backup", "nowhere", &l);
	assert_false(vacant_check(&l, &error));
	assert_non_null(strstr(error->message, "may not make it"));
}

static void who_waits_for_us_gets_its_turn(void **state)
{
	(void)state;
	g_auto(db_login) l = {0};
	g_auto(db_point) point = {0};
	g_auto(dump) d = {0};
	g_autoptr(GError) error = NULL;
	g_autoptr(pg) holder = server("bitbucket");

	login("backup", "bitbucket", &l);
	assert_true(db_point_take(&l, &point, NULL));
	/* Another's lock: pg_dump does not wait for it without an end. */
	done(holder, "BEGIN; LOCK TABLE parts IN ACCESS EXCLUSIVE MODE");
	assert_false(make(&point, &l, &d, &error));
	assert_int_equal(error->code, GONOGO_ERROR_BUSY);
	assert_non_null(strstr(error->message, "gave way"));
}

/* In a thread: waits for a lock that the point holds. */
static void *wait_and_do(void *sql)
{
	g_autoptr(pg) db = server("bitbucket");

	done(db, sql);
	return NULL;
}

static void a_table_that_somebody_waits_for_is_let_go_of(void **state)
{
	(void)state;
	g_auto(db_login) l = {0};
	g_auto(db_point) point = {0};
	g_auto(dump) d = {0};
	g_auto(load_report) report = {0};

	login("tester", "bitbucket", &l);
	l.patience_s = 1;
	assert_true(db_point_take(&l, &point, NULL));
	GThread *thread = g_thread_new(
	    "alter", wait_and_do, "ALTER TABLE empty ADD COLUMN later int");
	g_thread_join(thread); /* it gets through */
	assert_true(make(&point, &l, &d, NULL));
	assert_int_equal(list_length(d.notes), 1);
	assert_non_null(
	    strstr(g_ptr_array_index(d.notes, 0), "let go of public.empty"));
	g_autofree char *differences = load("altered", &d, &point, &report);
	assert_string_equal(differences, "");
	g_autoptr(pg) db = server("bitbucket");
	done(db, "ALTER TABLE empty DROP COLUMN later");
}

static void rows_that_went_while_we_let_go_are_noticed(void **state)
{
	(void)state;
	g_auto(db_login) l = {0};
	g_auto(db_point) point = {0};
	g_auto(dump) d = {0};
	g_autoptr(GError) error = NULL;

	login("tester", "bitbucket", &l);
	l.patience_s = 1;
	assert_true(db_point_take(&l, &point, NULL));
	GThread *thread =
	    g_thread_new("truncate", wait_and_do, "TRUNCATE parts_low");
	g_thread_join(thread);
	assert_false(make(&point, &l, &d, &error));
	assert_int_equal(error->code, GONOGO_ERROR_BUSY);
	assert_non_null(strstr(error->message, "public.parts_low was emptied"));
	g_autoptr(pg) db = server("bitbucket");
	done(db, "INSERT INTO parts VALUES (1), (2)");
}

static void the_loss_of_any_connection_is_survived(void **state)
{
	(void)state;
	g_auto(db_login) l = {0};
	g_auto(db_point) point = {0};
	g_auto(dump) d = {0};
	g_auto(load_report) report = {0};
	g_autoptr(pg) db = server("bitbucket");

	login("tester", "bitbucket", &l);
	assert_true(db_point_take(&l, &point, NULL));
	/* The exporter is the first of all that are ours. */
	done(db, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
		 " WHERE application_name LIKE 'gonogo backup%'"
		 " ORDER BY backend_start LIMIT 1");
	done(db, "INSERT INTO parts VALUES (3)");
	assert_true(make(&point, &l, &d, NULL));
	done(db, "DELETE FROM parts WHERE a = 3");
	g_autofree char *differences = load("survived", &d, &point, &report);
	assert_string_equal(differences, "");
	for (guint i = 0; i < d.tables.tables->len; i++) {
		const struct table *t = g_ptr_array_index(d.tables.tables, i);
		if (g_str_equal(t->name, "public.parts_low"))
			assert_int_equal(t->rows, 2);
	}
}

static void the_loss_of_all_asks_for_a_new_point(void **state)
{
	(void)state;
	g_auto(db_login) l = {0};
	g_auto(db_point) point = {0};
	g_auto(dump) d = {0};
	g_autoptr(GError) error = NULL;
	g_autoptr(pg) db = server("bitbucket");

	login("tester", "bitbucket", &l);
	assert_true(db_point_take(&l, &point, NULL));
	done(db, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
		 " WHERE application_name LIKE 'gonogo backup%'");
	assert_false(make(&point, &l, &d, &error));
	assert_int_equal(error->code, GONOGO_ERROR_BUSY);
	assert_non_null(strstr(error->message, "snapshot were lost"));
}

static void a_snapshot_that_grows_too_old_ends_the_dump(void **state)
{
	(void)state;
	g_auto(db_login) l = {0};
	g_auto(db_point) point = {0};
	g_auto(dump) d = {0};
	g_autoptr(GError) error = NULL;
	g_autoptr(pg) db = server("bitbucket");

	login("tester", "bitbucket", &l);
	l.most_xmin = 3;
	assert_true(db_point_take(&l, &point, NULL));
	for (int i = 0; i < 10; i++)
		done(db, "SELECT txid_current()");
	g_usleep(2500 * 1000);
	assert_false(make(&point, &l, &d, &error));
	assert_int_equal(error->code, GONOGO_ERROR_REMOTE);
	assert_non_null(strstr(error->message, "max_xmin_age"));
}

static void what_a_role_may_not_read_is_named(void **state)
{
	(void)state;
	g_autoptr(pg) admin = server("bitbucket");
	g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
	g_auto(db_login) l = {0};

	done(admin, "CREATE TABLE rows_of_others (a int);"
		    "ALTER TABLE rows_of_others ENABLE ROW LEVEL SECURITY;"
		    "INSERT INTO databasechangeloglock VALUES (1, true);"
		    "REVOKE pg_read_all_data FROM backup");
	login("backup", "bitbucket", &l);
	g_autoptr(pg) db = db_open(&l, NULL);
	assert_true(dump_problems(db, problems, NULL));
	done(admin, "GRANT pg_read_all_data TO backup");
	assert_true(problems->len > 5);
	g_ptr_array_set_size(problems, 0);
	assert_true(dump_problems(db, problems, NULL));
	assert_int_equal(problems->len, 2);
	assert_non_null(strstr(
	    g_ptr_array_index(problems, 0), "row security) of public.rows"));
	assert_non_null(strstr(g_ptr_array_index(problems, 1), "is locked"));
	done(admin, "DROP TABLE rows_of_others;"
		    "UPDATE databasechangeloglock SET locked = false");
	g_ptr_array_set_size(problems, 0);
	assert_true(dump_problems(db, problems, NULL));
	assert_int_equal(problems->len, 0);
	done(admin, "DELETE FROM databasechangeloglock");
}

static void a_missing_or_old_program_names_its_package(void **state)
{
	(void)state;
	g_auto(db_login) l = {0};
	g_autofree char *path = NULL;
	g_autoptr(GError) missing = NULL, old = NULL;

	login("tester", "bitbucket", &l);
	assert_false(db_program(&l, "pg_dump", 990001, &path, NULL, &old));
	assert_non_null(strstr(old->message, "older than the server's 99"));
	assert_non_null(strstr(old->message, "postgresql-client-99"));
	l.bindir = g_strdup("/nonexistent");
	assert_false(db_program(&l, "pg_dump", 150000, &path, NULL, &missing));
	assert_non_null(strstr(missing->message, "/nonexistent/pg_dump"));
	assert_non_null(strstr(missing->message, "postgresql-client-15"));
}

static void of_several_hosts_the_one_that_answers_is_named(void **state)
{
	(void)state;
	g_auto(db_login) l = {0};
	g_autoptr(GError) error = NULL;
	g_autofree char *url = g_strdup_printf(
	    "postgresql://tester@/bitbucket?host=/nonexistent,%s", folder);

	assert_true(db_login_for(settings_of_test, url, &l, NULL));
	bool pinned = db_pin_server(&l, &error);
	if (error)
		print_error("%s\n", error->message);
	assert_true(pinned);
	g_autofree char *host = pg_url_value(l.url, "host");
	assert_string_equal(host, folder);
}

#define DUMP_TEST(f) cmocka_unit_test_setup_teardown(f, before, after)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    DUMP_TEST(a_dump_comes_back_as_it_was),
	    DUMP_TEST(the_owner_s_dump_holds_its_large_objects),
	    DUMP_TEST(a_dump_shows_its_point_whatever_comes_later),
	    DUMP_TEST(what_differs_after_a_load_is_named),
	    DUMP_TEST(an_occupied_database_is_refused),
	    DUMP_TEST(a_database_that_cannot_be_made_is_told_before),
	    DUMP_TEST(who_waits_for_us_gets_its_turn),
	    DUMP_TEST(a_table_that_somebody_waits_for_is_let_go_of),
	    DUMP_TEST(rows_that_went_while_we_let_go_are_noticed),
	    DUMP_TEST(the_loss_of_any_connection_is_survived),
	    DUMP_TEST(the_loss_of_all_asks_for_a_new_point),
	    DUMP_TEST(a_snapshot_that_grows_too_old_ends_the_dump),
	    DUMP_TEST(what_a_role_may_not_read_is_named),
	    DUMP_TEST(a_missing_or_old_program_names_its_package),
	    DUMP_TEST(of_several_hosts_the_one_that_answers_is_named),
	};

	return cmocka_run_group_tests(tests, start_server, stop_server);
}
