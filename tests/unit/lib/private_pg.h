/*
 * A private PostgreSQL for a test program, by tests/harness/pg.
 */
#ifndef TESTS_UNIT_LIB_PRIVATE_PG_H
#define TESTS_UNIT_LIB_PRIVATE_PG_H

#include <glib.h>

#include "port/process.h"

/* Runs `tests/harness/pg VERB [ARGUMENT]`; gives what it printed; NULL. */
static inline char *private_pg(const char *verb, const char *argument)
{
	const char *argv[] = {"tests/harness/pg", verb, argument, NULL};
	struct process p = {.argv = argv, .timeout_s = 60};
	g_auto(process_result) r = {0};
	g_autoptr(GError) error = NULL;

	if (!process_run_ok(&p, &r, &error)) {
		g_printerr("%s\n", error->message);
		return NULL;
	}
	return g_strdup(g_strstrip(r.out));
}

/* Gives the URL of the server in FOLDER for USER. */
static inline char *private_pg_url(const char *folder, const char *user)
{
	return g_strdup_printf(
	    "postgresql://%s@/postgres?host=%s", user, folder);
}

#endif
