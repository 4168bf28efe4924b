/*
 * The rolling upgrade ("ZDU") as it is read: the names of its states, and in
 * which a cluster may be upgraded or backed up.  We never change it.
 * docs/sources.md#zdu
 */
#ifndef GONOGO_BITBUCKET_ZDU_H
#define GONOGO_BITBUCKET_ZDU_H

#include <stdbool.h>

#define ZDU_CLUSTER "/rest/zdu/cluster"
#define ZDU_STATE "/rest/zdu/state"

/*
 * Is NAME a state that is known?  A state of another name answers nothing: it
 * is UNKNOWN, neither good nor bad.
 */
bool zdu_is_cluster_state(const char *name);
bool zdu_is_node_state(const char *name);

/* Before a rolling upgrade: STABLE, all ACTIVE, one version, mode off. */
struct zdu_condition {
	const char *cluster_state;
	const char *node_state; /* of every node */
	unsigned versions;      /* different ones among the nodes */
	bool upgrade_mode;
};
extern const struct zdu_condition zdu_go;

#endif
