#include <sys/socket.h>
#include <sys/un.h>

#include "base/error.h"
#include "port/pg.h"
#include "port/pg_replication.h"
#include "tests/unit/lib/private_pg.h"
#include "tests/unit/unit.h"

static char *folder; /* of the private server; its socket lies there */

static int start_server(void **state)
{
	(void)state;
	folder = private_pg("start", NULL);
	if (!folder)
		return -1;
	g_autofree char *url = private_pg_url(folder, "tester");
	g_autoptr(pg) db = pg_open(url, NULL, NULL);
	/* The role copier may read nothing: not a table, not a file. */
	static const char *const sql[] = {
	    "CREATE ROLE copier LOGIN REPLICATION", "CREATE ROLE plain LOGIN",
	    "CREATE TABLE hba (line text)",
	    "INSERT INTO hba VALUES ('local replication copier trust'),"
	    "('local replication plain trust'), ('local all tester trust')",
	    "DO $$ BEGIN EXECUTE pg_catalog.format('COPY hba TO %L', "
	    "current_setting('hba_file')); END $$",
	    "SELECT pg_reload_conf()"};
	for (size_t i = 0; i < G_N_ELEMENTS(sql); i++)
		if (!db || !pg_do(db, sql[i], NULL))
			return -1;
	return 0;
}

static int stop_server(void **state)
{
	(void)state;
	g_autofree char *said = folder ? private_pg("stop", folder) : NULL;
	g_free(folder);
	return said ? 0 : -1;
}

struct got {
	GString *archives; /* their names */
	uint64_t bytes;
	GString *manifest;
	bool full; /* refuse the next bytes */
	bool cut;  /* have the server end it at the next bytes */
};

static bool take_archive(
    const char *name, const char *place, void *user, GError **error)
{
	struct got *g = user;

	(void)place;
	(void)error;
	g_string_append_printf(g->archives, "%s ", name);
	return true;
}

/* Another session ends the one that copies. */
static void cut_off(void)
{
	g_autofree char *url = private_pg_url(folder, "tester");
	g_autoptr(pg) db = pg_open(url, NULL, NULL);

	assert_non_null(db);
	assert_true(pg_do(db,
	    "SELECT pg_terminate_backend(pid) FROM pg_stat_replication", NULL));
}

static bool take_bytes(
    const void *bytes, size_t length, void *user, GError **error)
{
	struct got *g = user;

	(void)bytes;
	g->bytes += length;
	if (g->cut)
		cut_off();
	g->cut = false;
	return !g->full || fail(error, GONOGO_ERROR_SYSTEM, "disk full");
}

static bool take_manifest(
    const void *bytes, size_t length, void *user, GError **error)
{
	struct got *g = user;

	(void)error;
	g_string_append_len(g->manifest, bytes, (gssize)length);
	return true;
}

static bool copy_as(const char *user, struct got *g,
    struct pg_base_result *result, GError **error)
{
	static const struct pg_base_takers takers = {
	    take_archive, take_bytes, take_manifest};
	static const struct pg_base_order order = {
	    .label = "it's a test", .fast = true, .rate_kib = 1 << 20};
	g_autofree char *url = private_pg_url(folder, user);
	g_autoptr(pg_replication) r = pg_replication_open(url, NULL, error);

	return r &&
	       pg_replication_base(r, &order, &takers, NULL, g, result, error);
}

static void a_role_of_replication_alone_copies_a_server(void **state)
{
	(void)state;
	g_autoptr(GString) archives = g_string_new(NULL);
	g_autoptr(GString) manifest = g_string_new(NULL);
	struct got g = {archives, 0, manifest, false};
	struct pg_base_result result = {0};
	g_autoptr(GError) error = NULL;

	if (!copy_as("copier", &g, &result, &error)) {
		print_error("%s\n", error->message);
		assert_null(error);
	}
	assert_string_equal(archives->str, "base.tar ");
	assert_true(g.bytes > 1 << 20);
	assert_non_null(strstr(manifest->str, "\"Checksum-Algorithm\": "
					      "\"SHA256\""));
	assert_non_null(strstr(manifest->str, "\"Manifest-Checksum\""));
	assert_int_equal(result.timeline, 1);
	assert_true(result.first_lsn > 0);
	assert_true(result.last_lsn > result.first_lsn);
}

static void what_ends_it_is_told(void **state)
{
	(void)state;
	g_autoptr(GString) archives = g_string_new(NULL);
	g_autoptr(GString) manifest = g_string_new(NULL);
	struct got g = {archives, 0, manifest, true};
	struct pg_base_result result = {0};
	g_autoptr(GError) error = NULL;

	assert_false(copy_as("copier", &g, &result, &error));
	assert_string_equal(error->message, "disk full");
	assert_int_equal(result.last_lsn, 0);
	g_clear_error(&error);
	assert_false(copy_as("plain", &g, &result, &error));
	assert_true(g_error_matches(error, GONOGO_ERROR, GONOGO_ERROR_REMOTE));
	assert_non_null(strstr(error->message, "hint: ALTER ROLE"));
	g_clear_error(&error);
	assert_false(copy_as("nobody", &g, &result, &error));
	assert_non_null(strstr(error->message, "the database 'replication'"));
}

static void a_copy_that_was_cut_off_is_none(void **state)
{
	(void)state;
	g_autoptr(GString) archives = g_string_new(NULL);
	g_autoptr(GString) manifest = g_string_new(NULL);
	struct got g = {archives, 0, manifest, .cut = true};
	struct pg_base_result result = {0};
	g_autoptr(GError) error = NULL;

	assert_false(copy_as("copier", &g, &result, &error));
	assert_true(g_error_matches(error, GONOGO_ERROR, GONOGO_ERROR_REMOTE));
	assert_non_null(strstr(error->message, "database: replication: "));
	assert_int_equal(result.last_lsn, 0);
	assert_true(g.bytes > 0);
}

static void a_place_in_the_wal_is_two_numbers(void **state)
{
	(void)state;
	static const char *const bad[] = {
	    "", "/", "0", "0/", "/0", "0/1/2", "0/-1", "0/100000000", "x/1"};
	uint64_t lsn = 7;

	for (size_t i = 0; i < G_N_ELEMENTS(bad); i++)
		assert_false(pg_lsn_read(bad[i], &lsn, NULL));
	assert_int_equal(lsn, 7);
	assert_true(pg_lsn_read("1A/FFFFFFFF", &lsn, NULL));
	assert_int_equal(lsn, 0x1affffffff);
}

/* Answers one login as PostgreSQL 14 does, and hears the end. */
static void *be_older(void *user)
{
	static const char login[] = "R\0\0\0\x8\0\0\0\0"
				    "S\0\0\0\x18server_version\00014.9\0"
				    "K\0\0\0\xc\0\0\0\1\0\0\0\1"
				    "Z\0\0\0\5I";
	int listener = GPOINTER_TO_INT(user);
	int door = accept(listener, NULL, NULL);
	char heard[1024];

	assert_true(read(door, heard, sizeof heard) > 0);
	assert_int_equal(
	    write(door, login, sizeof login - 1), sizeof login - 1);
	while (read(door, heard, sizeof heard) > 0)
		;
	close(door);
	return NULL;
}

static void an_older_server_is_refused(void **state)
{
	(void)state;
	g_autofree char *place = g_strdup("/tmp/gonogo-older-XXXXXX");
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	g_autoptr(GError) error = NULL;

	assert_non_null(g_mkdtemp(place));
	g_snprintf(at.sun_path, sizeof at.sun_path, "%s/.s.PGSQL.5432", place);
	int listener = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(
	    bind(listener, (const struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(listen(listener, 1), 0);
	GThread *older =
	    g_thread_new("older", be_older, GINT_TO_POINTER(listener));
	g_autofree char *url = g_strdup_printf(
	    "postgresql://copier@/postgres?host=%s&port=5432", place);
	assert_null(pg_replication_open(url, NULL, &error));
	g_thread_join(older);
	close(listener);
	assert_true(g_error_matches(error, GONOGO_ERROR, GONOGO_ERROR_REMOTE));
	assert_non_null(strstr(error->message, "PostgreSQL 14"));
	assert_non_null(strstr(error->message, "hint: save this one by"));
	assert_int_equal(unlink(at.sun_path), 0);
	assert_int_equal(rmdir(place), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_role_of_replication_alone_copies_a_server),
	    cmocka_unit_test(what_ends_it_is_told),
	    cmocka_unit_test(a_copy_that_was_cut_off_is_none),
	    cmocka_unit_test(an_older_server_is_refused),
	    cmocka_unit_test(a_place_in_the_wal_is_two_numbers),
	};

	return cmocka_run_group_tests(tests, start_server, stop_server);
}
