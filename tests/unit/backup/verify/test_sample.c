#include "tests/unit/unit.h"

#include "backup/verify/sample.h"
#include "base/error.h"

enum { THINGS = 200 };

static void names_of(char (*texts)[8], const char **names)
{
	for (int i = 0; i < THINGS; i++) {
		g_snprintf(texts[i], 8, "%d", i);
		names[i] = texts[i];
	}
}

static uint64_t choose(const char *share, uint64_t seed, bool *chosen)
{
	char texts[THINGS][8];
	const char *names[THINGS];
	struct sample s = {0};

	names_of(texts, names);
	if (share)
		assert_true(sample_parse(&s, share, NULL));
	s.seed = seed;
	return sample_choose(&s, names, THINGS, chosen);
}

static guint count(const bool *chosen)
{
	guint all = 0;

	for (int i = 0; i < THINGS; i++)
		all += chosen[i];
	return all;
}

static void a_share_or_a_count_of_all_is_chosen(void **state)
{
	bool chosen[THINGS];

	(void)state;
	assert_int_equal(choose("10%", 1, chosen), 20);
	assert_int_equal(count(chosen), 20);
	assert_int_equal(choose("7", 1, chosen), 7);
	assert_int_equal(count(chosen), 7);
	assert_int_equal(choose("1000", 1, chosen), THINGS);
	assert_int_equal(count(chosen), THINGS);
}

static void any_share_is_at_least_one(void **state)
{
	bool chosen[THINGS];

	(void)state;
	assert_int_equal(choose("0.01%", 1, chosen), 1);
	assert_int_equal(count(chosen), 1);
}

static void without_a_share_all_is_chosen(void **state)
{
	bool chosen[THINGS];

	(void)state;
	assert_int_equal(choose(NULL, 1, chosen), THINGS);
	assert_int_equal(count(chosen), THINGS);
}

static void a_seed_chooses_the_same_again_and_another_does_not(void **state)
{
	bool one[THINGS], again[THINGS], other[THINGS];

	(void)state;
	choose("25%", 1, one);
	choose("25%", 1, again);
	choose("25%", 2, other);
	assert_memory_equal(one, again, sizeof one);
	assert_memory_not_equal(one, other, sizeof one);
}

static void seeds_come_round_to_everything(void **state)
{
	bool seen[THINGS] = {false}, chosen[THINGS];

	(void)state;
	for (uint64_t seed = 0; seed < 100; seed++) {
		choose("10%", seed, chosen);
		for (int i = 0; i < THINGS; i++)
			seen[i] |= chosen[i];
	}
	assert_int_equal(count(seen), THINGS);
}

static void what_is_no_share_is_refused(void **state)
{
	static const char *const texts[] = {
	    "", "0", "0%", "101%", "-1", "+1", "1.5", "ten", "10 %", "1e99"};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autoptr(GError) error = NULL;
		struct sample s = {0};
		assert_false(sample_parse(&s, texts[i], &error));
		assert_true(
		    g_error_matches(error, GONOGO_ERROR, GONOGO_ERROR_USAGE));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_share_or_a_count_of_all_is_chosen),
	    cmocka_unit_test(any_share_is_at_least_one),
	    cmocka_unit_test(without_a_share_all_is_chosen),
	    cmocka_unit_test(
		a_seed_chooses_the_same_again_and_another_does_not),
	    cmocka_unit_test(seeds_come_round_to_everything),
	    cmocka_unit_test(what_is_no_share_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
