#include "audit/capacity/use.h"

/* What comes to a node in place of SHARE parts of WEIGHT; rounded up. */
static unsigned part(unsigned count, uint64_t share, uint64_t weight)
{
	return weight ? (unsigned)((count * share + weight - 1) / weight)
		      : count;
}

uint16_t *use_without(const struct pool *p, unsigned away)
{
	int64_t seconds = p->load->end_s - p->load->begin_s;
	uint16_t *use = g_new0(uint16_t, (gsize)seconds);
	const uint16_t *gone = p->load->node[away].series;
	uint64_t weight = 0;

	for (unsigned i = 0; i < p->apps; i++)
		if (p->app[i] != away)
			weight += MAX(p->weights[p->app[i]], 1u);
	for (unsigned i = 0; i < p->apps; i++) {
		unsigned node = p->app[i];
		const uint16_t *own = p->load->node[node].series;
		uint64_t share = MAX(p->weights[node], 1u);
		unsigned tickets = MAX(p->tickets[node], 1u);
		if (node == away)
			continue;
		for (int64_t s = 0; s < seconds; s++) {
			if (!own[s] && !gone[s])
				continue;
			unsigned here = own[s] + part(gone[s], share, weight);
			unsigned permille = here * 1000 / tickets;
			use[s] = (uint16_t)MIN(
			    MAX((unsigned)use[s], permille), USE_MOST);
		}
	}
	return use;
}

/* The most within SPAN from each second on, by a falling queue of places. */
uint16_t *use_widest(const uint16_t *use, int64_t seconds, int64_t span)
{
	uint16_t *most = g_new0(uint16_t, (gsize)seconds);
	g_autofree int32_t *queue = g_new(int32_t, (gsize)seconds + 1);
	int64_t head = seconds, tail = seconds; /* queue[head..tail) */

	for (int64_t s = seconds - 1; s >= 0; s--) {
		while (head < tail && use[queue[head]] <= use[s])
			head++;
		queue[--head] = (int32_t)s;
		while (queue[tail - 1] >= s + span)
			tail--;
		most[s] = use[queue[tail - 1]];
	}
	return most;
}
