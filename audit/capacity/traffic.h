/*
 * What the access logs hold, for all that comes behind.
 *
 *     lines --> requests by day, hours, counters, names, oddities
 *
 * Each thread has its own; merged and settled, one is equal to another that
 * was made of the same lines in any order.
 */
#ifndef GONOGO_AUDIT_CAPACITY_TRAFFIC_H
#define GONOGO_AUDIT_CAPACITY_TRAFFIC_H

#include "audit/capacity/counters.h"
#include "audit/capacity/line.h"
#include "audit/capacity/names.h"

enum {
	NODES_MOST = 255,
	DAY_MS = 86400000,
	IN_FLIGHT_MOST = 1023, /* and more; or not known */
	CLIENTS = 1024,        /* by which sticky sessions are told apart */
	DAYS_MOST = 1000,
	TOOK_STEPS = 64, /* half powers of two of a millisecond */
};

/* A request that was answered; two are the same when all is equal. */
struct request {
	uint32_t start_ms; /* of its day, UTC */
	uint32_t took_ms;
	uint32_t counter;
	unsigned node : 8, class : 4, in_flight : 10, client : 10;
};

struct day {
	int64_t number; /* since 1970 */
	struct request *list;
	size_t length, room;
};

/* One whose moment is one of two; settled by the order of its counter. */
struct doubtful {
	struct request request; /* start_ms is not set */
	int64_t start_ms;       /* the first of the two */
	int32_t again_ms;
	uint64_t token, counter;
};

struct hour {
	uint32_t node;
	int64_t number; /* since 1970, UTC */
	uint64_t requests, hosting, refs, errors, limited, slow, written;
	uint32_t in_flight; /* most */
};

enum oddity {
	ODD_LINE,  /* none of an access log */
	ODD_CUT,   /* ends before its end */
	ODD_LONG,  /* longer than a line may be */
	ODD_TIME,  /* no such day */
	ODD_TOOK,  /* answered, but not how long it took */
	ODD_FAR,   /* more days than are kept, or took longer than that */
	ODD_BACK,  /* the clock went back by half an hour or more */
	ODD_APART, /* came and went do not agree on how long it took */
	ODDITIES,
};

extern const char *const oddity_names[];

struct traffic {
	GPtrArray *days;  /* struct day, by number once settled */
	GArray *doubtful; /* struct doubtful */
	GArray *hours;    /* struct hour, by node and number once settled */
	struct counters counters;
	struct names users, repositories, clients;
	uint64_t odd[ODDITIES];
	uint64_t bytes, lines, compared; /* compared: came with went */
	uint64_t took[CLASSES][TOOK_STEPS];
	uint64_t cache[CACHES];
	uint64_t repeated; /* the same request logged more than once */
	struct day *last_day;
	guint last_hour;
};

void traffic_init(struct traffic *t);
typedef struct traffic traffic;
void traffic_clear(struct traffic *t);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(traffic, traffic_clear)

/* Takes *FROM, which is empty and ready for more then. */
void traffic_merge(struct traffic *into, struct traffic *from);

/* Adds a request that begins at START_MS; false: too many days. */
bool traffic_add(
    struct traffic *t, int64_t start_ms, const struct request *request);
struct hour *traffic_hour(struct traffic *t, uint32_t node, int64_t number);

/*
 * Puts all in order: requests by their start, doubtful moments decided, what
 * was logged twice taken out.
 */
void traffic_settle(struct traffic *t);

/* Which step of `took` a duration is in, and the least of a step. */
unsigned took_step(uint64_t ms);
uint64_t took_least(unsigned step);

#endif
