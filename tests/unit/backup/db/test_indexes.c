#include "tests/unit/unit.h"

#include "backup/db/indexes.h"

static void entry_free(void *member)
{
	struct contents_entry *e = member;

	g_ptr_array_unref(e->needs);
	g_free(e);
}

static struct contents_entry *add(
    contents *c, char *kind, char *needs, int section)
{
	struct contents_entry *e = g_new0(struct contents_entry, 1);

	e->id = ++c->last_id;
	e->kind = kind;
	e->section = section;
	e->sql = "SELECT 1;";
	e->needs = g_ptr_array_new();
	if (needs)
		g_ptr_array_add(e->needs, needs);
	g_ptr_array_add(c->entries, e);
	return e;
}

static void only_what_stands_alone_is_built_at_once(void **state)
{
	(void)state;
	g_autoptr(GPtrArray) entries =
	    g_ptr_array_new_with_free_func(entry_free);
	contents c = {.entries = entries};

	add(&c, "TABLE", NULL, CONTENTS_PRE_DATA)->oid = "100";
	add(&c, "MATERIALIZED VIEW", NULL, CONTENTS_PRE_DATA)->oid = "200";
	const struct contents_entry *index =
	    add(&c, "INDEX", "1", CONTENTS_POST_DATA);
	const struct contents_entry *key =
	    add(&c, "CONSTRAINT", "1", CONTENTS_POST_DATA);
	add(&c, "CONSTRAINT", "1", CONTENTS_POST_DATA);
	add(&c, "COMMENT", "5", CONTENTS_NONE);
	add(&c, "INDEX", "1", CONTENTS_POST_DATA)->tablespace = "fast";
	add(&c, "INDEX", "2", CONTENTS_POST_DATA);
	add(&c, "FK CONSTRAINT", "1", CONTENTS_POST_DATA);
	add(&c, "INDEX ATTACH", "3", CONTENTS_POST_DATA);

	g_autoptr(GHashTable) all = indexes_by_table(&c);
	assert_int_equal(g_hash_table_size(all), 1);
	const GPtrArray *some = g_hash_table_lookup(all, "100");
	assert_int_equal(some->len, 2);
	assert_ptr_equal(g_ptr_array_index(some, 0), index);
	assert_ptr_equal(g_ptr_array_index(some, 1), key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(only_what_stands_alone_is_built_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
