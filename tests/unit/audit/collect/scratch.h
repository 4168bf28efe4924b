/* A folder of its own for each test: *state is its path. */
#ifndef GONOGO_TESTS_SCRATCH_H
#define GONOGO_TESTS_SCRATCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include "base/error.h"
#include "port/fs.h"

/* Behind our own headers: it makes a macro of fail. */
#include <cmocka.h>

static inline int scratch_make(void **state)
{
	*state = g_dir_make_tmp("gng.XXXXXX", NULL);
	return *state ? 0 : -1;
}

static inline int scratch_end(void **state)
{
	ignore(!fs_remove_tree(*state, NULL));
	g_free(*state);
	return 0;
}

/* The test FUNCTION, with such a folder. */
#define IN_SCRATCH(function)                                                   \
	cmocka_unit_test_setup_teardown(function, scratch_make, scratch_end)

#endif
