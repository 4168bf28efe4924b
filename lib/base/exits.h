/*
 * One table of exit codes for all tools.  1 and 2 are never used, so that a
 * crash or a shell's error can't be mistaken for an answer.
 */
#ifndef GONOGO_BASE_EXITS_H
#define GONOGO_BASE_EXITS_H

#include <glib.h>

enum exits {
	EXITS_DONE = 0,         /* done; where there is a verdict: GO */
	EXITS_CONDITIONAL = 10, /* open warnings; a DEGRADED set */
	EXITS_NO_GO = 20,       /* a blocker; a set that does not verify */
	EXITS_UNKNOWN = 30,     /* required evidence missing or stale */
	EXITS_INVALID = 40,     /* evidence: hash, signature, schema, expiry */
	EXITS_DRIFT = 50,       /* the cluster is not what was approved */
	EXITS_HOLD = 60,        /* later: window, draining node, load */
	EXITS_USAGE = 64,
	EXITS_DATA = 65,
	EXITS_UNAVAILABLE = 69,
	EXITS_INTERNAL = 70,
	EXITS_IO = 74,
	EXITS_BUSY = 75,
	EXITS_SIGNAL = 128, /* + N: stopped by signal N */
};

/* The code that an error's kind ends the program with. */
int exits_of(const GError *error);

/* The worse of two verdict codes: 40 > 50 > 20 > 30 > 60 > 10 > 0. */
int exits_worse(int a, int b);

#endif
