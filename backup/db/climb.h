/*
 * How many connections copy: begins with what the processors here suggest, adds
 * one as long as the rate grows by it, and stays there.  {0} is empty.
 */
#ifndef GONOGO_BACKUP_DB_CLIMB_H
#define GONOGO_BACKUP_DB_CLIMB_H

#include "backup/db/login.h"

struct climb {
	unsigned allowed, most;
	bool measured;  /* the search is over */
	double since;   /* of the rate that is measured; 0: not begun */
	uint64_t bytes; /* then */
	double rate;    /* with one connection less; 0: unknown */
};

/* JOBS: how many parts there are. */
void climb_start(struct climb *c, const struct db_login *l, unsigned jobs);
/* Gives how many may work from NOW on, when BYTES have come so far. */
unsigned climb_step(struct climb *c, double now, uint64_t bytes);

/* The search ends with so many. */
void climb_end(struct climb *c, unsigned allowed);

#endif
