/*
 * One request and its reply on their way: from the HTTP library to
 * dispatch(), and back in the manner that a fault asks for.
 */
#ifndef GONOGO_SIM_EXCHANGE_H
#define GONOGO_SIM_EXCHANGE_H

#include <microhttpd.h>

#include "tests/sim/dispatch.h"
#include "tests/sim/waiting.h"

/* What requests to one port have in common. */
struct exchange_place {
	sim *sim;
	enum role role;
	const char *node;    /* NULL: not a node's */
	const char *context; /* cut off the paths */
	const char *base;
	struct waiting_room room;
	void (*changed)(void *data); /* after each request to the control */
	void *data;
};

/* The daemon's callbacks; `place` is a struct exchange_place. */
void *exchange_begin(
    void *place, const char *uri, struct MHD_Connection *connection);
enum MHD_Result exchange_go_on(void *place, struct MHD_Connection *connection,
    const char *url, const char *method, const char *version,
    const char *upload, size_t *upload_length, void **exchange);
void exchange_end(void *place, struct MHD_Connection *connection,
    void **exchange, enum MHD_RequestTerminationCode code);

#endif
