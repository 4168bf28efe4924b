/*
 * How many connections copy: begins with what the processors here suggest, adds
 * one as long as the rate grows by it, and stays there.  {0} is empty.
 *
 *     2 --rate--> 3 --more?--> 2 --less again?--> 4 --no more--> 3: measured
 *
 * What the machine does besides changes the rate too, so one more counts only
 * if the rate falls when it is taken away.
 */
#ifndef GONOGO_BACKUP_DB_CLIMB_H
#define GONOGO_BACKUP_DB_CLIMB_H

#include <stdbool.h>
#include <stdint.h>

struct climb {
	unsigned allowed, most;
	bool measured;  /* the search is over */
	bool returned;  /* one was taken away, to see what it was worth */
	double since;   /* when `allowed` became what it is; 0: not begun */
	double settled; /* when the span that counts began; 0: not yet */
	uint64_t bytes; /* then */
	double less;    /* rate with one less; 0: unknown */
	double more;    /* rate with the one that is taken away */
};

/*
 * ASKED connections, or, if that is 0, as many as help with JOBS parts to copy.
 * LOCAL: the server has the same PROCESSORS as we.
 */
void climb_start(struct climb *c, unsigned asked, bool local,
    unsigned processors, unsigned jobs);
/* Gives how many may work from NOW (seconds) on, when BYTES have come so far.
 */
unsigned climb_step(struct climb *c, double now, uint64_t bytes);

/* The search ends with so many. */
void climb_end(struct climb *c, unsigned allowed);

#endif
