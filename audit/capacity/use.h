/*
 * How full the fullest node is while another is away: in thousandths of its
 * tickets, second by second.
 */
#ifndef GONOGO_AUDIT_CAPACITY_USE_H
#define GONOGO_AUDIT_CAPACITY_USE_H

#include "audit/capacity/load.h"

enum { USE_MOST = G_MAXUINT16 - 1 };

/* The nodes that share the load. */
struct pool {
	const struct load *load;
	const unsigned *app; /* nodes of the load that hold tickets */
	unsigned apps;
	const unsigned *tickets; /* by node of the load */
	const uint64_t *weights; /* by node: what it had */
};

/* Gives the use of each second of the load without the node AWAY, whose
 * requests go to the others by their weights. */
uint16_t *use_without(const struct pool *p, unsigned away);

/* Gives the most within SPAN seconds from each second on. */
uint16_t *use_widest(const uint16_t *use, int64_t seconds, int64_t span);

#endif
