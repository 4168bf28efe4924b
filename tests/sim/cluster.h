/*
 * The simulated cluster: one state, which every port serves (sim.h locks it).
 *
 *     cluster --< node           machines that come and go, each with a clock
 *             --- maintenance    lock, backup task, drain
 *             --- upgrade        rolling-upgrade mode ("ZDU") and its ghosts
 *             --- world          what only describes: users, licence, apps, ...
 *
 * What moves is a struct with a state machine of its own file; what merely is
 * stands in `world`, one JSON object that a state file or the control port
 * changes (README.md beside this file lists its sections).
 */
#ifndef GONOGO_SIM_CLUSTER_H
#define GONOGO_SIM_CLUSTER_H

#include <glib.h>
#include <inttypes.h>
#include <stdbool.h>

#include "base/json.h"

enum { CLUSTER_PORT = 5701 }; /* where the members hear each other */

enum node_state {
	NODE_ACTIVE,
	NODE_STARTING,
	NODE_DRAINING,    /* serves what it has, takes nothing new */
	NODE_TERMINATING, /* on its way down */
	NODE_OFFLINE,     /* nobody listens */
	NODE_ERROR,       /* up, but it could not join the cluster */
};
extern const char *const node_state_names[];

struct node {
	char *name;    /* its identity: ids do not survive a restart */
	char *id;      /* of this life */
	char *address; /* as the cluster knows it, not where we listen */
	char *version;
	enum node_state state;
	int64_t skew_s;    /* its clock against ours */
	bool status_error; /* /status says ERROR although it is a member */
	/* The step that it takes by itself at next_at_ms; 0: none. */
	int64_t next_at_ms;
	char *next_version;           /* of its next life; NULL: the same */
	int64_t drain_ms, drain_from; /* of DRAINING */
	int64_t stop_ms, down_ms, start_ms;
	bool stays_down;
};

/* A node of an earlier life that upgrade mode still lists as OFFLINE. */
struct ghost {
	char *id, *name, *address, *version;
};

enum task_state { TASK_RUNNING, TASK_SUCCESSFUL, TASK_FAILED, TASK_CANCELED };

struct task {
	bool exists;
	bool external; /* false: Bitbucket writes the backup itself */
	char *id;      /* is the cancel token, too */
	enum task_state state;
	int64_t started_ms;
	int64_t client_percentage; /* what progress/client reported last */
};

struct maintenance {
	char *unlock_token; /* NULL: not locked */
	char *owner;
	struct task task;
	/* How the drain goes: settings. */
	int64_t git_operations; /* in flight when it starts */
	int64_t git_drain_ms;   /* until the last one ends */
	int64_t database_drain_ms;
	int64_t fail_after_ms; /* the next task fails then; <0: never */
	/* What was done so far. */
	int64_t locks, unlocks, refusals;
	int64_t locked_since_ms, locked_ms;
};

struct upgrade {
	bool enabled;
	char *original_version;
	GPtrArray *ghosts; /* struct ghost */
	bool keeps_ghosts;
	int64_t finalise_ms;      /* how long finalisation takes */
	int64_t finalising_until; /* 0: not running */
	bool fails;               /* the next finalisation fails */
	bool failed;
};

typedef struct cluster cluster;
struct cluster {
	const char *context; /* "/bitbucket" or "" */
	json *world;
	GPtrArray *nodes; /* struct node */
	struct maintenance maintenance;
	struct upgrade upgrade;
	GHashTable *buckets; /* "node user" -> struct bucket: ratelimit.c */
	char *check_id;      /* health checks in the background; NULL: never */
	int64_t check_done_ms;
	uint64_t seed, drawn;
	int64_t now_ms; /* monotonic, as of the last sim_settle() */
};

/* COUNT nodes of VERSION with WORLD's sections, which it takes. */
cluster *cluster_new(unsigned count, const char *version, const char *context,
    uint64_t seed, json *world);
void cluster_free(cluster *c);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(cluster, cluster_free)

/* NULL: no node of that name. */
struct node *cluster_node(const cluster *c, const char *name);

/* Gives 40 hexadecimal digits that were not drawn before. */
char *cluster_draw(cluster *c);

/* A section of the world, or a value below it: "license.serverId". */
json *cluster_world(const cluster *c, const char *path);
/* The list SECTION of the world, made when it is not there. */
json *cluster_list(cluster *c, const char *section);
/* Typed readings; FALLBACK when it is not there. */
int64_t number_at(const json *value, const char *path, int64_t fallback);
bool flag_at(const json *value, const char *path, bool fallback);
int64_t cluster_number(const cluster *c, const char *path, int64_t fallback);
bool cluster_flag(const cluster *c, const char *path, bool fallback);

/* Merges CHANGES into TARGET: objects member by member, null removes. */
void world_merge(json *target, const json *changes);

/* Seconds since 1970 by the clock of NODE, which may be NULL. */
int64_t cluster_time(const struct node *node);

/* Is it up so far that it answers for the cluster? */
bool node_serves(const struct node *node);
/* Is it a live member of the cluster? */
bool node_is_member(const struct node *node);

/* "9.4.22" -> 9004022, the build number by the vendor's rule; 0: no version. */
int64_t version_build(const char *version);

#endif
