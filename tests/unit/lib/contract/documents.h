/*
 * The documents of lib/contract, and one of each filled by its own table: for
 * the tests that hold for all of them.
 */
#ifndef GONOGO_TESTS_DOCUMENTS_H
#define GONOGO_TESTS_DOCUMENTS_H

#include "contract/advice.h"
#include "contract/approval.h"
#include "contract/bundle.h"
#include "contract/capacity.h"
#include "contract/facts.h"
#include "contract/finding.h"
#include "contract/logs.h"
#include "contract/proof.h"
#include "contract/sets.h"
#include "contract/snapshot.h"
#include "contract/verdict.h"

static const struct shape *const documents[] = {&facts_shape, &findings_shape,
    &snapshot_shape, &proof_shape, &verdict_shape, &contents_shape,
    &raw_meta_shape, &sets_shape, &logs_shape, &capacity_shape, &advice_shape,
    &assertion_shape, &approval_shape};

/*
 * Fills the empty struct at VALUE.  DENSITY of 100 sets every member; less
 * leaves some empty, as the random numbers say; 0 sets only what must be.
 */
static void fill(
    const struct shape *shape, void *value, GRand *random, int density);

static void fill_list(
    const struct field *f, GPtrArray **list, GRand *random, int density)
{
	for (int i = 0; i < 2; i++) {
		g_autofree char *text =
		    g_strdup_printf("%s \"%d\"\n", f->key, i);
		if (f->kind == FIELD_STRINGS)
			strings_add(list, text);
		else
			fill(f->shape, shape_add(f->shape, list), random,
			    density);
	}
}

static void fill_field(
    const struct field *f, void *at, GRand *random, int density)
{
	int words = 0;

	switch (f->kind) {
	case FIELD_STRING:
		*(char **)at = g_strdup_printf(
		    "%s é\t%d", f->key, g_rand_int_range(random, 0, 1000));
		break;
	case FIELD_NUMBER:
		*(struct number *)at = number_of(
		    g_rand_boolean(random) ? (INT64_C(1) << 53) - 1
					   : -g_rand_int_range(random, 0, 9));
		break;
	case FIELD_TIME:
		*(struct number *)at =
		    number_of(g_rand_int_range(random, 0, INT32_MAX));
		break;
	case FIELD_FLAG:
		*(struct flag *)at = flag_of(g_rand_boolean(random));
		break;
	case FIELD_CHOICE:
		while (f->choices[words])
			words++;
		*(int *)at = g_rand_int_range(random, 0, words);
		break;
	case FIELD_STRUCT:
		fill(f->shape, at, random, density);
		break;
	case FIELD_STRINGS:
	case FIELD_LIST:
		fill_list(f, at, random, density);
		break;
	}
}

static void fill(
    const struct shape *shape, void *value, GRand *random, int density)
{
	for (const struct field *f = shape->fields; f->key; f++)
		if (f->must || g_rand_int_range(random, 0, 100) < density)
			fill_field(
			    f, (char *)value + f->offset, random, density);
}

#endif
