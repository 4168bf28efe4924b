#include "backup/db/climb.h"

#include <glib.h>

enum {
	MOST = 32,
	FAR = 4, /* to begin with, where the server has its own processors */
};
/* One that is sent away ends its part first, one that comes has to connect. */
static const double settle_s = 1.0, span_s = 2.0, worth = 1.10;

void climb_start(struct climb *c, unsigned asked, bool local,
    unsigned processors, unsigned jobs)
{
	/* Here a server's process and our thread share the processors: one
	 * connection keeps two of them busy, and never less than one. */
	unsigned first = local ? MAX(processors / 2, 1) : MIN(processors, FAR);
	unsigned most = local ? MAX(processors, 1) : MOST;

	*c = (struct climb){.allowed = asked ? asked : first,
	    .most = MIN(MAX(jobs, 1), asked ? asked : most),
	    .measured = asked > 0};
	c->allowed = MIN(c->allowed, c->most);
}

static void allow(struct climb *c, unsigned count)
{
	c->allowed = count;
	c->since = c->settled = 0;
}

void climb_end(struct climb *c, unsigned allowed)
{
	allow(c, MAX(allowed, 1));
	c->measured = true;
}

/* So many are worth it, and give RATE. */
static void try_one_more(struct climb *c, unsigned count, double rate)
{
	c->less = rate;
	c->returned = false;
	if (count == c->most)
		climb_end(c, count);
	else
		allow(c, count + 1);
}

/* RATE is that of as many as are allowed. */
static void judge(struct climb *c, double rate)
{
	if (c->less == 0) {
		try_one_more(c, c->allowed, rate);
	} else if (c->returned && c->more >= worth * rate) {
		try_one_more(c, c->allowed + 1, c->more);
	} else if (c->returned) {
		climb_end(c, c->allowed);
	} else if (rate < worth * c->less) {
		climb_end(c, c->allowed - 1);
	} else {
		c->returned = true;
		c->more = rate;
		allow(c, c->allowed - 1);
	}
}

unsigned climb_step(struct climb *c, double now, uint64_t bytes)
{
	if (c->measured)
		return c->allowed;
	if (c->since == 0 || bytes == 0) {
		c->since = now;
	} else if (c->settled == 0 && now - c->since >= settle_s) {
		c->settled = now;
		c->bytes = bytes;
	} else if (c->settled > 0 && now - c->settled >= span_s) {
		judge(c, (double)(bytes - c->bytes) / (now - c->settled));
	}
	return c->allowed;
}
