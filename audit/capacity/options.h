/* What one asks of the access logs. */
#ifndef GONOGO_AUDIT_CAPACITY_OPTIONS_H
#define GONOGO_AUDIT_CAPACITY_OPTIONS_H

#include "audit/capacity/replay.h"

struct capacity_options {
	const char *zone;         /* of the logs; NULL: this machine's */
	unsigned tickets;         /* of each node; 0: what the logs show */
	const char *tickets_from; /* "told", "properties" */
	unsigned cores; /* of each node; 0: two thirds of the tickets */
	enum balance balance;
	int64_t step_s;  /* stop, start, warm-up; 0: what the logs show */
	int64_t wait_ms; /* that one in a hundred may wait at most */
	const GArray *proposed; /* unsigned: minutes of the week */
	unsigned threads;
	bool counts_alone; /* no replay, no windows */
};

#endif
