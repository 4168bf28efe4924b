/*
 * How fast the home is read: no faster than [backup] rate, and slower while
 * others wait for what we take.
 *
 *     once a second: how long do they take to answer?
 *         twice as long as at the start, two times in a row --> half the rate
 *         no longer than that, three times in a row         --> twice the rate
 */
#ifndef GONOGO_BACKUP_PACE_H
#define GONOGO_BACKUP_PACE_H

#include "base/throttle.h"

/* One who may have to wait for us. */
struct pace_probe {
	const char *what;          /* for people: "GET /status" */
	double (*ask)(void *user); /* seconds that others have to wait */
	void *user;
	double least_s; /* longer by less than this nobody feels */
};

typedef struct pace pace;

/*
 * Asks PROBES (ended by {0}, copied) how long they take now, and goes on asking
 * them each PERIOD_MS (0: a second) until pace_end().  RATE: bytes a second; 0:
 * no limit.
 */
pace *pace_start(
    uint64_t rate, const struct pace_probe *probes, unsigned period_ms);
/* What all reading passes through; borrowed. */
throttle *pace_throttle(pace *p);
/* Asks no more.  Gives what is to be said; NULL: it never gave way. */
char *pace_end(pace *p);
void pace_free(pace *p);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(pace, pace_free)

#endif
