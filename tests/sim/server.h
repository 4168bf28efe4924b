/*
 * The ports: one HTTP daemon each for every node, the balancer, the
 * Marketplace and the control.  A node's port is open while the node is up.
 */
#ifndef GONOGO_SIM_SERVER_H
#define GONOGO_SIM_SERVER_H

#include "tests/sim/dispatch.h"

typedef struct server server;

struct server_options {
	const char *context; /* "/bitbucket" or "" */
	const char *host;    /* in the URLs that are told */
	uint16_t port;       /* of the balancer, others follow; 0: free */
	const char *certificate, *key; /* PEM texts; NULL: plain HTTP */
};

/* Opens all ports.  SYSTEM: a port is taken.  S lives longer. */
server *server_open(sim *s, const struct server_options *options,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
void server_close(server *server);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(server, server_close)

/* Opens and closes ports as nodes and faults want it now. */
void server_follow(server *server);

/* {"control":URL,"url":URL,"marketplace":URL,"nodes":[{"name","url"}]} */
json *server_urls(const server *server);

#endif
