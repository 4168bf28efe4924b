#include "port/pg_wal.h"

#include "base/error.h"
#include "tests/unit/unit.h"

static void messages_are_taken_apart(void **state)
{
	(void)state;
	static const char data[] = "w"
				   "\0\0\0\1\0\0\0\2"
				   "\0\0\0\1\0\0\0\5"
				   "timetime"
				   "abc";
	static const char quiet[] = "k"
				    "\0\0\0\1\0\0\0\5"
				    "timetime"
				    "\0";
	static const char asks[] = "k"
				   "\0\0\0\1\0\0\0\5"
				   "timetime"
				   "\1";
	struct pg_wal_message m;

	assert_true(pg_wal_read(&m, data, sizeof data - 1, NULL));
	assert_int_equal(m.start, 0x100000002);
	assert_int_equal(m.length, 3);
	assert_memory_equal(m.bytes, "abc", 3);
	assert_false(m.asks);
	assert_true(pg_wal_read(&m, quiet, sizeof quiet - 1, NULL));
	assert_false(m.asks);
	assert_int_equal(m.length, 0);
	assert_true(pg_wal_read(&m, asks, sizeof asks - 1, NULL));
	assert_true(m.asks);
}

static void what_no_server_sends_is_refused(void **state)
{
	(void)state;
	static const char letters[] = "wkrx";
	g_autofree char *message = g_malloc0(64);
	struct pg_wal_message m;

	for (size_t i = 0; i < strlen(letters); i++)
		for (size_t length = 0; length < 25; length++) {
			/* Of its own length: a reader past its end is seen. */
			g_autofree char *exact = g_malloc0(length + 1);
			*exact = letters[i];
			bool good = length == 18 && letters[i] == 'k';
			g_autoptr(GError) error = NULL;
			g_autofree char *cut = g_memdup2(exact, length);
			assert_int_equal(
			    pg_wal_read(&m, cut, length, &error), good);
			assert_true(good || g_error_matches(error, GONOGO_ERROR,
						GONOGO_ERROR_REMOTE));
		}
	/* WAL that would end beyond all numbers. */
	memset(message, 0xff, 32);
	*message = 'w';
	assert_false(pg_wal_read(&m, message, 32, NULL));
}

static void files_have_the_names_that_a_server_gives_them(void **state)
{
	(void)state;
	static const struct {
		unsigned timeline;
		uint64_t lsn, segment;
		const char *name;
	} rows[] = {
	    {1, 0x1000000, 16 << 20, "000000010000000000000001"},
	    {1, 0x1ffffff, 16 << 20, "000000010000000000000001"},
	    {2, 0x1ffffffff, 16 << 20, "0000000200000001000000FF"},
	    {1, 0x1ffffffff, 1 << 30, "000000010000000100000003"},
	    {1, 0x1ffffffff, 1 << 20, "000000010000000100000FFF"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *name =
		    pg_wal_name(rows[i].timeline, rows[i].lsn, rows[i].segment);
		assert_string_equal(name, rows[i].name);
		assert_true(pg_wal_is_name(name));
		assert_true(pg_wal_is_segment(rows[i].segment));
	}
	g_autofree char *history = pg_wal_history_name(18);
	assert_string_equal(history, "00000012.history");
	assert_true(pg_wal_is_history(history));
	assert_false(pg_wal_is_history("0000012.history"));
	assert_false(pg_wal_is_name("00000001000000000000000g"));
	assert_false(pg_wal_is_segment(3 << 20));
	assert_false(pg_wal_is_segment(0));
}

static void a_place_is_read_and_written(void **state)
{
	(void)state;
	uint64_t lsn = 0;
	g_autofree char *text = pg_lsn_text(0x1a00000028);

	assert_string_equal(text, "1A/28");
	assert_true(pg_lsn_read(text, &lsn, NULL));
	assert_int_equal(lsn, 0x1a00000028);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(messages_are_taken_apart),
	    cmocka_unit_test(what_no_server_sends_is_refused),
	    cmocka_unit_test(files_have_the_names_that_a_server_gives_them),
	    cmocka_unit_test(a_place_is_read_and_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
