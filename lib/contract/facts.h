/*
 * What is there, and what could not be seen and why.  Facts never say whether
 * that is good.
 *
 *     raw replies --normalise--> facts --judge--> findings
 *
 * Made by `audit collect` and, from the same raw replies, by `audit judge`.
 * What was not seen is absent, never 0 or "", and stands under `unseen`.
 * Bytes, seconds and milliseconds are named so; times are seconds UTC.
 */
#ifndef GONOGO_CONTRACT_FACTS_H
#define GONOGO_CONTRACT_FACTS_H

#include "contract/capacity.h"
#include "contract/logs.h"

/* What the administrator means to do: from the settings. */
struct plan {
	char *target;    /* version to upgrade to; NULL: not said */
	char *procedure; /* "rolling" or "downtime" */
	char *store;     /* folder that backup sets go to */
};

struct product {
	char *name;    /* "Bitbucket" */
	char *version; /* what application-properties says: one node's */
	char *build;   /* opaque */
};

struct cluster {
	char *name, *url;          /* from the settings */
	GPtrArray *expected_nodes; /* names in the settings' inventory */
	struct flag running;       /* admin/cluster */
	char *zdu_state;           /* STABLE, READY_TO_UPGRADE, ... */
	struct flag upgrade_mode;
	char *original_version;
	struct flag maintenance;        /* is it locked now? */
	char *lock_owner;               /* user name; NULL: not locked */
	struct flag finalisation_tasks; /* tasks wait for `approve` */
	struct flag zdu_available;      /* pre-upgrade info of the target */
	struct flag rate_limited;       /* REST calls of a user are limited */
};

struct installed { /* a file of the product's that people may edit */
	char *path, *sha256;
};

struct node {
	char *name; /* its identity: ids do not survive a restart */
	char *id, *address;
	char *url;        /* of the settings; NULL: not in the inventory */
	char *answers_as; /* the name of the node that answers there */
	char *version, *build;
	char *state;        /* ACTIVE, DRAINING, OFFLINE ... of /rest/zdu */
	char *status;       /* RUNNING, MAINTENANCE ... of its own /status */
	struct flag member; /* listed live by admin/cluster */
	struct number clock_skew_ms; /* its HTTP Date against our clock */
	char *timezone, *os, *kernel, *java, *git;
	struct number cores, memory_bytes;
	struct number home_free_bytes, home_size_bytes;
	struct number open_files_limit, processes_limit;
	GPtrArray *install; /* struct installed, in bin and conf */
};

struct licence {
	struct flag installed;
	struct flag data_center;
	struct number expires_at, maintenance_expires_at;
	struct number users, users_max; /* users_max absent: unlimited */
	struct flag unlimited_users;
	char *server_id, *support_entitlement;
};

enum app_state {     /* the update check's answer for one app */
	APP_UNKNOWN, /* it did not know, or did not answer */
	APP_COMPATIBLE,
	APP_UPDATE_BEFORE,
	APP_UPDATE_AFTER,
	APP_INCOMPATIBLE,
};

struct app {
	char *key, *name, *version, *vendor;
	struct flag enabled, user_installed;
	int state;            /* enum app_state */
	struct flag answered; /* did any of the five lists name it? */
	char *jar_sha256;     /* of the jar in the shared home */
	struct flag enabled_in_database; /* plugin_state, second witness */
};

/* How far the update check can be believed. */
struct app_check {
	char *target;                    /* the version it was asked for */
	struct flag reachable, disabled; /* the Marketplace (pac-status) */
	struct flag listed;              /* target in product-updates */
	struct flag answered;            /* five lists were received */
};

struct database {
	char *kind;                   /* "postgresql" */
	char *version;                /* "15.18" */
	struct number version_number; /* 150018 */
	struct number size_bytes, max_connections, connections;
	struct flag in_recovery, changelog_locked;
	struct number changelog_count, longest_transaction_s;
	struct number repositories, pull_requests, large_objects;
	struct number mesh_migrations; /* running ones */
	char *server_id; /* app_property: whose database this is */
};

struct data_store {
	char *id, *path;
	struct flag there;
};

struct home {
	char *path, *filesystem, *mount_options;
	struct number free_bytes, size_bytes;
	struct number repositories; /* folders on disk */
	struct number rows_without_folder, folders_without_row;
	struct number broken_alternates, stale_locks;
	GPtrArray *data_stores; /* struct data_store */
	GPtrArray *properties;  /* struct property, secrets as <key> */
	char *instance_home;    /* app_property instance.home */
};

struct property {
	char *key, *value;
};

struct mirror {
	char *id, *name, *version, *kind;
	struct flag enabled;
	struct number last_seen_at;
};

struct mesh_node {
	char *id, *name, *state;
	struct flag offline;
	struct number last_seen_at;
};

struct health_check {
	char *key, *name, *node, *severity, *reason;
	struct flag healthy;
};

/* What a person says of a question that only people can answer. */
struct attestation {
	char *question; /* key of the finding: NOTES-read */
	struct flag yes;
	char *by, *why;   /* who says so; why may be NULL */
	char *target;     /* the version that it is said of */
	struct number at; /* when it was said */
};

struct audit_event {
	struct number at;
	char *action, *category, *author, *object;
};

/* A backup set and what was proved of it, for the BACKUP rules. */
struct backup_set {
	char *id, *mode, *status, *store; /* status: GOOD or DEGRADED */
	char *cluster, *server_id;
	struct number made_at, point_at;      /* end of the run; T0 */
	char *version;                        /* of the product it holds */
	struct number repositories, degraded; /* degraded: named flaws, but
					       * for its being asserted */
	GPtrArray *flaws; /* strings: "mesh 42 (DEMO/alpha): why" */
	GPtrArray *lacks; /* strings: home, database: never in the set */
	char *proof_level, *proof_outcome; /* newest proof; NULL: none */
	struct number proved_at, rehearsed_at;
	char *asserted_by; /* others have it, and say so; NULL: we made it */
	struct number restore_tested_at; /* by their word */
};

/* What the version pack knows of this upgrade; absent: it does not know. */
struct release {
	char *version, *line;
	struct number released_at;
};

struct advisory {
	char *id, *issue, *severity, *text;
	struct flag fixed_by_target; /* false: still open after it; not
				      * known: the record names no version */
};

/* Of a note: holds when the fact is so; a star in its place is any entry. */
struct condition {
	char *fact;  /* where it stands: "/licence/data_center" */
	char *op;    /* is, is-not, below, from, contains, there */
	char *value; /* NULL: `there` needs none */
	char *seen;  /* the source that shows it to be absent; or NULL */
};

struct note {
	char *at, *text, *source;
	char *id;        /* of an upgrade note: "9.0-java" */
	char *severity;  /* of a note that fails when it concerns us; NULL: a
			  * person says what was done about it */
	GPtrArray *when; /* struct condition, all; none: always */
};

struct knowledge {
	struct release current, target, newest_of_line;
	struct flag current_listed, target_listed;
	struct number line_ends_at; /* end of life of the target's line */
	struct flag long_term;      /* the target's line is an LTS one */
	struct flag server_licence_allowed;
	GPtrArray *advisories; /* struct advisory */
	GPtrArray *notes;      /* struct note: versions on the way */
	GPtrArray *unread; /* strings: versions on the way, up to the target,
			    * of which nobody recorded reading the notes */
	GPtrArray *regressions; /* struct note */
	char *java;             /* what the pack says of the line's Java */
};

struct pack {
	char *name, *version, *sha256;
	struct number as_of, stale_after;
};

/* One raw reply that facts were read from. */
struct source {
	char *what; /* "apps.installed": rules name it as their input */
	char *collector, *file, *sha256;
	struct number at;
};

enum unseen_kind {
	UNSEEN_UNANSWERED, /* it was asked for, and no good answer came */
	UNSEEN_NOT_ASKED,
	UNSEEN_NOT_HERE, /* the documented answer is that there is none */
};

struct unseen {
	char *what; /* a source's name, or "node.bb-2.status" */
	char *why;
	int kind; /* enum unseen_kind */
};

struct facts {
	char *made_by;
	struct number made_at;
	struct plan plan;
	struct product product;
	struct cluster cluster;
	GPtrArray *nodes; /* struct node */
	struct licence licence;
	struct app_check app_check;
	GPtrArray *apps; /* struct app */
	struct database database;
	struct home home;
	GPtrArray *mirrors;    /* struct mirror */
	GPtrArray *mesh_nodes; /* struct mesh_node */
	struct flag mesh_migrating;
	struct number mesh_unreachable; /* pairs that can't reach each other */
	GPtrArray *health;              /* struct health_check */
	struct number audit_since;      /* how far back the events were asked */
	GPtrArray *audit_events;        /* struct audit_event */
	GPtrArray *answers;             /* struct attestation */
	GPtrArray *backup_sets;         /* struct backup_set, newest first */
	struct logs logs;               /* without what no rule asks for */
	struct capacity capacity;       /* likewise */
	struct knowledge knowledge;
	GPtrArray *packs;   /* struct pack */
	GPtrArray *sources; /* struct source */
	GPtrArray *unseen;  /* struct unseen */
};

extern const struct shape facts_shape;
extern const struct shape installed_shape, node_shape, app_shape,
    data_store_shape, property_shape, mirror_shape, mesh_node_shape,
    health_check_shape, audit_event_shape, attestation_shape, backup_set_shape,
    advisory_shape, note_shape, condition_shape, pack_shape, source_shape,
    unseen_shape;

typedef struct facts facts;
void facts_clear(struct facts *f);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(facts, facts_clear)

/* Borrowed from F; the find functions may give NULL. */
struct node *facts_find_node(const struct facts *f, const char *name);
struct node *facts_node(struct facts *f, const char *name); /* found or added */
struct app *facts_find_app(const struct facts *f, const char *key);
const struct source *facts_find_source(const struct facts *f, const char *what);
const struct attestation *facts_find_answer(
    const struct facts *f, const char *question);
/* Why WHAT was not seen; NULL: nothing is said of it. */
const char *facts_why_unseen(const struct facts *f, const char *what);

/* Adds what nobody answered; of another kind the caller may make it. */
G_GNUC_PRINTF(3, 4)
struct unseen *facts_add_unseen(
    struct facts *f, const char *what, const char *format, ...);

#endif
