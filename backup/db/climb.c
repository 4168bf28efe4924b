#include "backup/db/climb.h"

enum {
	MOST = 32,
	FAR = 4, /* to begin with, where the server has its own processors */
};
static const double span_s = 2.0, worth = 1.10;

void climb_start(struct climb *c, const struct db_login *l, unsigned jobs)
{
	unsigned cores = g_get_num_processors();

	/* Here a server's process and our thread share the processors. */
	*c = (struct climb){.allowed = db_login_is_local(l) ? MAX(cores / 2, 1)
							    : MIN(cores, FAR),
	    .most = MIN(MAX(jobs, 1), MOST)};
	if (l->jobs) {
		c->allowed = l->jobs;
		c->most = MIN(MAX(jobs, 1), l->jobs);
		c->measured = true;
	}
	c->allowed = MIN(c->allowed, c->most);
}

unsigned climb_step(struct climb *c, double now, uint64_t bytes)
{
	if (c->measured)
		return c->allowed;
	if (c->since == 0 || bytes == 0) {
		c->since = now;
		c->bytes = bytes;
	}
	double span = now - c->since;
	if (span < span_s)
		return c->allowed;
	double rate = (double)(bytes - c->bytes) / span;
	if (c->rate > 0 && rate < c->rate * worth) {
		c->allowed--; /* the last one did not help */
		c->measured = true;
		return c->allowed;
	}
	c->rate = rate;
	c->since = now;
	c->bytes = bytes;
	if (c->allowed == c->most)
		c->measured = true;
	else
		c->allowed++;
	return c->allowed;
}

void climb_end(struct climb *c, unsigned allowed)
{
	c->allowed = MAX(allowed, 1);
	c->measured = true;
}
