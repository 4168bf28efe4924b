/*
 * The list of contents of a dump, as pg_dump of this machine writes it.
 */
#include "tests/unit/lib/private_pg.h"
#include "tests/unit/unit.h"

#include "backup/db/contents.h"
#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"
#include "port/fs.h"

static char *folder; /* of the server */
static char *scratch;
static char *bytes; /* of a toc.dat */
static size_t length;

static int dump(void **state)
{
	(void)state;
	folder = private_pg("start", NULL);
	scratch = g_dir_make_tmp("contents-XXXXXX", NULL);
	if (!folder || !scratch)
		return -1;
	g_autofree char *url = private_pg_url(folder, "tester");
	g_autofree char *to = g_build_filename(scratch, "dump", NULL);
	const char *const make[] = {"psql", "-qXc",
	    "CREATE TABLE one (id serial PRIMARY KEY, x text);"
	    "CREATE TABLE two (id int REFERENCES one);"
	    "COMMENT ON TABLE two IS 'of one'",
	    url, NULL};
	const char *const save[] = {"pg_dump", "-Fd", "-Z0",
	    "--exclude-table-data=\"public\".(\"one\"|\"two\")", "-f", to, url,
	    NULL};
	const struct process makes = {.argv = make};
	const struct process saves = {.argv = save};
	g_auto(process_result) r = {0}, s = {0};
	g_autoptr(GError) error = NULL;
	if (!process_run_ok(&makes, &r, &error) ||
	    !process_run_ok(&saves, &s, &error)) {
		print_error("%s\n", error->message);
		return -1;
	}
	g_autofree char *path = g_build_filename(to, "toc.dat", NULL);
	bytes = file_read(path, LIMIT_DOCUMENT, &length, NULL);
	return bytes ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	g_autofree char *said = folder ? private_pg("stop", folder) : NULL;
	bool removed = fs_remove_tree(scratch, NULL);

	g_free(folder);
	g_free(scratch);
	g_free(bytes);
	return said && removed ? 0 : -1;
}

static contents *parsed(void)
{
	g_autoptr(GError) error = NULL;
	contents *c = contents_parse(bytes, length, "toc.dat", &error);

	if (error)
		print_error("%s\n", error->message);
	assert_non_null(c);
	return c;
}

static const struct contents_entry *find(
    const contents *c, const char *kind, const char *tag)
{
	for (guint i = 0; i < c->entries->len; i++) {
		const struct contents_entry *e =
		    g_ptr_array_index(c->entries, i);
		if (g_str_equal(e->kind, kind) && g_str_equal(e->tag, tag))
			return e;
	}
	return NULL;
}

static void what_is_read_is_written_again(void **state)
{
	(void)state;
	g_autoptr(contents) c = parsed();
	g_autoptr(GByteArray) out = contents_print(c);

	assert_int_equal(out->len, length);
	assert_memory_equal(out->data, bytes, length);
}

static void sequences_stay_when_rows_are_left_out(void **state)
{
	(void)state;
	g_autoptr(contents) c = parsed();

	assert_non_null(find(c, "SEQUENCE SET", "one_id_seq"));
	assert_null(find(c, "TABLE DATA", "one"));
	assert_null(find(c, "TABLE DATA", "two"));
}

static bool needs(const struct contents_entry *e, int id)
{
	g_autofree char *text = g_strdup_printf("%d", id);

	return g_ptr_array_find_with_equal_func(
	    e->needs, text, g_str_equal, NULL);
}

static void parts_wait_for_the_first_and_indexes_for_all(void **state)
{
	(void)state;
	g_autoptr(contents) c = parsed();
	const struct contents_entry *table = find(c, "TABLE", "one");
	int last = c->last_id;
	int first = contents_add_rows(
	    c, table, "COPY public.one (id, x) FROM stdin;\n", 3);
	const struct contents_entry *key =
	    find(c, "CONSTRAINT", "one one_pkey");
	unsigned parts = 0;

	assert_int_equal(first, last + 1);
	assert_non_null(key);
	for (guint i = 0; i < c->entries->len; i++) {
		const struct contents_entry *e =
		    g_ptr_array_index(c->entries, i);
		if (!g_str_equal(e->kind, "TABLE DATA"))
			continue;
		parts++;
		assert_int_equal(e->section, CONTENTS_DATA);
		assert_int_equal(e->needs->len, 1);
		assert_true(needs(e, e->id == first ? table->id : first));
		assert_true(e->id == first || needs(key, e->id));
		/* In the list: behind the tables, before the indexes. */
		for (guint k = 0; k < i; k++)
			assert_true(((struct contents_entry *)g_ptr_array_index(
					 c->entries, k))
					->section <= CONTENTS_DATA);
	}
	assert_int_equal(parts, 3);
}

static void what_is_cut_short_anywhere_is_refused(void **state)
{
	(void)state;

	for (size_t cut = 0; cut < length; cut++) {
		g_autoptr(GError) error = NULL;
		/* Of its own size, so that a reader too far is seen. */
		g_autofree char *some = g_memdup2(bytes, cut + 1);
		assert_null(contents_parse(some, cut, "toc.dat", &error));
		assert_int_equal(error->code, GONOGO_ERROR_DATA);
	}
}

static void a_changed_byte_does_no_harm(void **state)
{
	(void)state;

	for (size_t at = 0; at < length; at++) {
		g_autofree char *some = g_memdup2(bytes, length);
		some[at] = (char)(some[at] ^ 0x81);
		contents_free(contents_parse(some, length, "toc.dat", NULL));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_read_is_written_again),
	    cmocka_unit_test(sequences_stay_when_rows_are_left_out),
	    cmocka_unit_test(parts_wait_for_the_first_and_indexes_for_all),
	    cmocka_unit_test(what_is_cut_short_anywhere_is_refused),
	    cmocka_unit_test(a_changed_byte_does_no_harm),
	};

	return cmocka_run_group_tests(tests, dump, end);
}
