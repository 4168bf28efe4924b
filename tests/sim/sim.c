#include "tests/sim/sim.h"

#include "tests/sim/lifecycle.h"
#include "tests/sim/maintenance.h"
#include "tests/sim/zdu.h"

sim *sim_new(cluster *c, cluster *stranger)
{
	sim *s = g_new0(sim, 1);

	g_mutex_init(&s->lock);
	s->cluster = c;
	s->stranger = stranger;
	s->faults = faults_new();
	return s;
}

void sim_free(sim *s)
{
	if (!s)
		return;
	cluster_free(s->cluster);
	cluster_free(s->stranger);
	faults_free(s->faults);
	journal_clear(&s->journal);
	g_mutex_clear(&s->lock);
	g_free(s);
}

void sim_settle(sim *s)
{
	cluster *both[] = {s->cluster, s->stranger};

	for (size_t i = 0; i < G_N_ELEMENTS(both); i++) {
		both[i]->now_ms = g_get_monotonic_time() / 1000;
		lifecycle_settle(both[i]);
		maintenance_settle(both[i]);
		zdu_settle(both[i]);
	}
}

bool sim_listens(const sim *s, const char *node)
{
	return cluster_node(s->cluster, node)->state != NODE_OFFLINE &&
	       !faults_refuse(s->faults, node);
}
