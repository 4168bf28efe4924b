/*
 * The command line: a tool is a table of verbs, a verb a function with a table
 * of GOptionEntry.  Parsing, --help and the test that the manual is in step
 * all read the tables.
 */
#ifndef GONOGO_BASE_CLI_H
#define GONOGO_BASE_CLI_H

#include <glib.h>
#include <stdbool.h>

#include "base/exits.h" /* every verb answers with one of these */

#ifndef GONOGO_VERSION
#define GONOGO_VERSION "0.1.0"
#endif

struct cli_verb {
	const char *name;
	/* Gives an exit code, or -1 with *error set. */
	int (*run)(int argc, char **argv, GError **error);
	const char *what; /* one line for --help, lower case */
};

struct cli_tool {
	const char *name;             /* "gonogo-audit" */
	const char *what;             /* one line */
	const struct cli_verb *verbs; /* ended by {0} */
};

/*
 * Parses a verb's options out of *argc, *argv; what is left are its arguments
 * (argv[0] stays the verb).  ARGUMENTS ("SET [PATH...]") and DETAILS (a
 * paragraph, may be NULL) are for --help, which is printed to standard output
 * and ends the program with 0.  USAGE: an unknown option, a bad value, fewer
 * than LEAST or more than MOST arguments.
 */
bool cli_parse(int *argc, char **argv, const GOptionEntry *options,
    const char *arguments, int least, int most, const char *details,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Runs the verb that argv[1] names; prints its error, once, with its hint;
 * gives the exit code for main() to return.
 */
int cli_run(int argc, char **argv, const struct cli_tool *tool);

/*
 * Prints one line of a doctor to standard output: "ok     WHAT       GOOD", or
 * "no     WHAT       " with what ERROR says and its hint below.
 */
void cli_show_check(const char *what, const char *good, const GError *error);

/* Prints ERROR as cli_run() does, and gives its exit code. */
int cli_report(const GError *error);

#endif
