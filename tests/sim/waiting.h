/*
 * Connections that wait: suspended in their daemon until their time has come,
 * or until their port closes.
 */
#ifndef GONOGO_SIM_WAITING_H
#define GONOGO_SIM_WAITING_H

#include <glib.h>
#include <microhttpd.h>
#include <stdbool.h>
#include <stdint.h>

struct waiting {
	GMutex lock;
	GHashTable *held; /* id -> struct waiter */
	uint64_t last_id;
};

/* The connections of one port; {0} is open. */
struct waiting_room {
	struct waiting *waiting;
	bool closed;
};

struct waiter { /* stands in what belongs to the connection */
	struct waiting_room *room;
	struct MHD_Connection *connection;
	uint64_t id;
	bool given_up; /* woken for its end */
};

struct waiting *waiting_new(void);
void waiting_free(struct waiting *w);

/*
 * Suspends WHO for WAIT_MS, or for ever (0); timers run in the main loop.
 * False: the room is closed, nothing was suspended.
 */
bool waiting_hold(struct waiter *who, int64_t wait_ms);

/* Wakes everybody in ROOM for the end; nobody is held from then on. */
void waiting_close(struct waiting_room *room);
void waiting_open(struct waiting_room *room);

#endif
