#include "contract/facts.h"

static const char *const app_state_names[] = {"unknown", "compatible",
    "update-before", "update-after", "incompatible", NULL};

static const struct field plan_fields[] = {
    {"target", FIELD_STRING, offsetof(struct plan, target)},
    {"procedure", FIELD_STRING, offsetof(struct plan, procedure)},
    {"store", FIELD_STRING, offsetof(struct plan, store)},
    {0},
};
static const struct shape plan_shape = {
    "plan", sizeof(struct plan), plan_fields};

static const struct field product_fields[] = {
    {"name", FIELD_STRING, offsetof(struct product, name)},
    {"version", FIELD_STRING, offsetof(struct product, version)},
    {"build", FIELD_STRING, offsetof(struct product, build)},
    {0},
};
static const struct shape product_shape = {
    "product", sizeof(struct product), product_fields};

static const struct field cluster_fields[] = {
    {"name", FIELD_STRING, offsetof(struct cluster, name)},
    {"url", FIELD_STRING, offsetof(struct cluster, url)},
    {"expected_nodes", FIELD_STRINGS, offsetof(struct cluster, expected_nodes)},
    {"running", FIELD_FLAG, offsetof(struct cluster, running)},
    {"zdu_state", FIELD_STRING, offsetof(struct cluster, zdu_state)},
    {"upgrade_mode", FIELD_FLAG, offsetof(struct cluster, upgrade_mode)},
    {"original_version", FIELD_STRING,
	offsetof(struct cluster, original_version)},
    {"maintenance", FIELD_FLAG, offsetof(struct cluster, maintenance)},
    {"lock_owner", FIELD_STRING, offsetof(struct cluster, lock_owner)},
    {"finalisation_tasks", FIELD_FLAG,
	offsetof(struct cluster, finalisation_tasks)},
    {"zdu_available", FIELD_FLAG, offsetof(struct cluster, zdu_available)},
    {"rate_limited", FIELD_FLAG, offsetof(struct cluster, rate_limited)},
    {0},
};
static const struct shape cluster_shape = {
    "cluster", sizeof(struct cluster), cluster_fields};

static const struct field installed_fields[] = {
    {"path", FIELD_STRING, offsetof(struct installed, path), .must = true},
    {"sha256", FIELD_STRING, offsetof(struct installed, sha256), .must = true},
    {0},
};
const struct shape installed_shape = {
    "installed", sizeof(struct installed), installed_fields};

static const struct field node_fields[] = {
    {"name", FIELD_STRING, offsetof(struct node, name), .must = true},
    {"id", FIELD_STRING, offsetof(struct node, id)},
    {"address", FIELD_STRING, offsetof(struct node, address)},
    {"url", FIELD_STRING, offsetof(struct node, url)},
    {"answers_as", FIELD_STRING, offsetof(struct node, answers_as)},
    {"version", FIELD_STRING, offsetof(struct node, version)},
    {"build", FIELD_STRING, offsetof(struct node, build)},
    {"state", FIELD_STRING, offsetof(struct node, state)},
    {"status", FIELD_STRING, offsetof(struct node, status)},
    {"member", FIELD_FLAG, offsetof(struct node, member)},
    {"clock_skew_ms", FIELD_NUMBER, offsetof(struct node, clock_skew_ms)},
    {"timezone", FIELD_STRING, offsetof(struct node, timezone)},
    {"os", FIELD_STRING, offsetof(struct node, os)},
    {"kernel", FIELD_STRING, offsetof(struct node, kernel)},
    {"java", FIELD_STRING, offsetof(struct node, java)},
    {"git", FIELD_STRING, offsetof(struct node, git)},
    {"cores", FIELD_NUMBER, offsetof(struct node, cores)},
    {"memory_bytes", FIELD_NUMBER, offsetof(struct node, memory_bytes)},
    {"home_free_bytes", FIELD_NUMBER, offsetof(struct node, home_free_bytes)},
    {"home_size_bytes", FIELD_NUMBER, offsetof(struct node, home_size_bytes)},
    {"open_files_limit", FIELD_NUMBER, offsetof(struct node, open_files_limit)},
    {"processes_limit", FIELD_NUMBER, offsetof(struct node, processes_limit)},
    {"install", FIELD_LIST, offsetof(struct node, install),
	.shape = &installed_shape},
    {0},
};
const struct shape node_shape = {"node", sizeof(struct node), node_fields};

static const struct field licence_fields[] = {
    {"installed", FIELD_FLAG, offsetof(struct licence, installed)},
    {"data_center", FIELD_FLAG, offsetof(struct licence, data_center)},
    {"expires_at", FIELD_TIME, offsetof(struct licence, expires_at)},
    {"maintenance_expires_at", FIELD_TIME,
	offsetof(struct licence, maintenance_expires_at)},
    {"users", FIELD_NUMBER, offsetof(struct licence, users)},
    {"users_max", FIELD_NUMBER, offsetof(struct licence, users_max)},
    {"unlimited_users", FIELD_FLAG, offsetof(struct licence, unlimited_users)},
    {"server_id", FIELD_STRING, offsetof(struct licence, server_id)},
    {"support_entitlement", FIELD_STRING,
	offsetof(struct licence, support_entitlement)},
    {0},
};
static const struct shape licence_shape = {
    "licence", sizeof(struct licence), licence_fields};

static const struct field app_fields[] = {
    {"key", FIELD_STRING, offsetof(struct app, key), .must = true},
    {"name", FIELD_STRING, offsetof(struct app, name)},
    {"version", FIELD_STRING, offsetof(struct app, version)},
    {"vendor", FIELD_STRING, offsetof(struct app, vendor)},
    {"enabled", FIELD_FLAG, offsetof(struct app, enabled)},
    {"user_installed", FIELD_FLAG, offsetof(struct app, user_installed)},
    {"state", FIELD_CHOICE, offsetof(struct app, state),
	.choices = app_state_names},
    {"answered", FIELD_FLAG, offsetof(struct app, answered)},
    {"jar_sha256", FIELD_STRING, offsetof(struct app, jar_sha256)},
    {"enabled_in_database", FIELD_FLAG,
	offsetof(struct app, enabled_in_database)},
    {0},
};
const struct shape app_shape = {"app", sizeof(struct app), app_fields};

static const struct field app_check_fields[] = {
    {"target", FIELD_STRING, offsetof(struct app_check, target)},
    {"reachable", FIELD_FLAG, offsetof(struct app_check, reachable)},
    {"disabled", FIELD_FLAG, offsetof(struct app_check, disabled)},
    {"listed", FIELD_FLAG, offsetof(struct app_check, listed)},
    {"answered", FIELD_FLAG, offsetof(struct app_check, answered)},
    {0},
};
static const struct shape app_check_shape = {
    "app_check", sizeof(struct app_check), app_check_fields};

static const struct field database_fields[] = {
    {"kind", FIELD_STRING, offsetof(struct database, kind)},
    {"version", FIELD_STRING, offsetof(struct database, version)},
    {"version_number", FIELD_NUMBER, offsetof(struct database, version_number)},
    {"size_bytes", FIELD_NUMBER, offsetof(struct database, size_bytes)},
    {"max_connections", FIELD_NUMBER,
	offsetof(struct database, max_connections)},
    {"connections", FIELD_NUMBER, offsetof(struct database, connections)},
    {"in_recovery", FIELD_FLAG, offsetof(struct database, in_recovery)},
    {"changelog_locked", FIELD_FLAG,
	offsetof(struct database, changelog_locked)},
    {"changelog_count", FIELD_NUMBER,
	offsetof(struct database, changelog_count)},
    {"longest_transaction_s", FIELD_NUMBER,
	offsetof(struct database, longest_transaction_s)},
    {"repositories", FIELD_NUMBER, offsetof(struct database, repositories)},
    {"pull_requests", FIELD_NUMBER, offsetof(struct database, pull_requests)},
    {"large_objects", FIELD_NUMBER, offsetof(struct database, large_objects)},
    {"mesh_migrations", FIELD_NUMBER,
	offsetof(struct database, mesh_migrations)},
    {"server_id", FIELD_STRING, offsetof(struct database, server_id)},
    {0},
};
static const struct shape database_shape = {
    "database", sizeof(struct database), database_fields};

static const struct field data_store_fields[] = {
    {"id", FIELD_STRING, offsetof(struct data_store, id)},
    {"path", FIELD_STRING, offsetof(struct data_store, path)},
    {"there", FIELD_FLAG, offsetof(struct data_store, there)},
    {0},
};
const struct shape data_store_shape = {
    "data_store", sizeof(struct data_store), data_store_fields};

static const struct field home_fields[] = {
    {"path", FIELD_STRING, offsetof(struct home, path)},
    {"filesystem", FIELD_STRING, offsetof(struct home, filesystem)},
    {"mount_options", FIELD_STRING, offsetof(struct home, mount_options)},
    {"free_bytes", FIELD_NUMBER, offsetof(struct home, free_bytes)},
    {"size_bytes", FIELD_NUMBER, offsetof(struct home, size_bytes)},
    {"repositories", FIELD_NUMBER, offsetof(struct home, repositories)},
    {"rows_without_folder", FIELD_NUMBER,
	offsetof(struct home, rows_without_folder)},
    {"folders_without_row", FIELD_NUMBER,
	offsetof(struct home, folders_without_row)},
    {"broken_alternates", FIELD_NUMBER,
	offsetof(struct home, broken_alternates)},
    {"stale_locks", FIELD_NUMBER, offsetof(struct home, stale_locks)},
    {"data_stores", FIELD_LIST, offsetof(struct home, data_stores),
	.shape = &data_store_shape},
    {"properties", FIELD_LIST, offsetof(struct home, properties),
	.shape = &property_shape},
    {"instance_home", FIELD_STRING, offsetof(struct home, instance_home)},
    {0},
};
static const struct shape home_shape = {
    "home", sizeof(struct home), home_fields};

static const struct field property_fields[] = {
    {"key", FIELD_STRING, offsetof(struct property, key), .must = true},
    {"value", FIELD_STRING, offsetof(struct property, value), .must = true},
    {0},
};
const struct shape property_shape = {
    "property", sizeof(struct property), property_fields};

static const struct field mirror_fields[] = {
    {"id", FIELD_STRING, offsetof(struct mirror, id)},
    {"name", FIELD_STRING, offsetof(struct mirror, name)},
    {"version", FIELD_STRING, offsetof(struct mirror, version)},
    {"kind", FIELD_STRING, offsetof(struct mirror, kind)},
    {"enabled", FIELD_FLAG, offsetof(struct mirror, enabled)},
    {"last_seen_at", FIELD_TIME, offsetof(struct mirror, last_seen_at)},
    {0},
};
const struct shape mirror_shape = {
    "mirror", sizeof(struct mirror), mirror_fields};

static const struct field mesh_node_fields[] = {
    {"id", FIELD_STRING, offsetof(struct mesh_node, id)},
    {"name", FIELD_STRING, offsetof(struct mesh_node, name)},
    {"state", FIELD_STRING, offsetof(struct mesh_node, state)},
    {"offline", FIELD_FLAG, offsetof(struct mesh_node, offline)},
    {"last_seen_at", FIELD_TIME, offsetof(struct mesh_node, last_seen_at)},
    {0},
};
const struct shape mesh_node_shape = {
    "mesh_node", sizeof(struct mesh_node), mesh_node_fields};

static const struct field health_check_fields[] = {
    {"key", FIELD_STRING, offsetof(struct health_check, key)},
    {"name", FIELD_STRING, offsetof(struct health_check, name)},
    {"node", FIELD_STRING, offsetof(struct health_check, node)},
    {"severity", FIELD_STRING, offsetof(struct health_check, severity)},
    {"reason", FIELD_STRING, offsetof(struct health_check, reason)},
    {"healthy", FIELD_FLAG, offsetof(struct health_check, healthy)},
    {0},
};
const struct shape health_check_shape = {
    "health_check", sizeof(struct health_check), health_check_fields};

static const struct field audit_event_fields[] = {
    {"at", FIELD_TIME, offsetof(struct audit_event, at)},
    {"action", FIELD_STRING, offsetof(struct audit_event, action)},
    {"category", FIELD_STRING, offsetof(struct audit_event, category)},
    {"author", FIELD_STRING, offsetof(struct audit_event, author)},
    {"object", FIELD_STRING, offsetof(struct audit_event, object)},
    {0},
};
const struct shape audit_event_shape = {
    "audit_event", sizeof(struct audit_event), audit_event_fields};

static const struct field attestation_fields[] = {
    {"question", FIELD_STRING, offsetof(struct attestation, question),
	.must = true},
    {"yes", FIELD_FLAG, offsetof(struct attestation, yes)},
    {"by", FIELD_STRING, offsetof(struct attestation, by)},
    {"why", FIELD_STRING, offsetof(struct attestation, why)},
    {"target", FIELD_STRING, offsetof(struct attestation, target)},
    {"at", FIELD_TIME, offsetof(struct attestation, at)},
    {0},
};
const struct shape attestation_shape = {
    "attestation", sizeof(struct attestation), attestation_fields};

static const struct field backup_set_fields[] = {
    {"id", FIELD_STRING, offsetof(struct backup_set, id)},
    {"mode", FIELD_STRING, offsetof(struct backup_set, mode)},
    {"status", FIELD_STRING, offsetof(struct backup_set, status)},
    {"store", FIELD_STRING, offsetof(struct backup_set, store)},
    {"cluster", FIELD_STRING, offsetof(struct backup_set, cluster)},
    {"server_id", FIELD_STRING, offsetof(struct backup_set, server_id)},
    {"made_at", FIELD_TIME, offsetof(struct backup_set, made_at)},
    {"point_at", FIELD_TIME, offsetof(struct backup_set, point_at)},
    {"version", FIELD_STRING, offsetof(struct backup_set, version)},
    {"repositories", FIELD_NUMBER, offsetof(struct backup_set, repositories)},
    {"degraded", FIELD_NUMBER, offsetof(struct backup_set, degraded)},
    {"flaws", FIELD_STRINGS, offsetof(struct backup_set, flaws)},
    {"lacks", FIELD_STRINGS, offsetof(struct backup_set, lacks)},
    {"proof_level", FIELD_STRING, offsetof(struct backup_set, proof_level)},
    {"proof_outcome", FIELD_STRING, offsetof(struct backup_set, proof_outcome)},
    {"proved_at", FIELD_TIME, offsetof(struct backup_set, proved_at)},
    {"rehearsed_at", FIELD_TIME, offsetof(struct backup_set, rehearsed_at)},
    {"asserted_by", FIELD_STRING, offsetof(struct backup_set, asserted_by)},
    {"restore_tested_at", FIELD_TIME,
	offsetof(struct backup_set, restore_tested_at)},
    {0},
};
const struct shape backup_set_shape = {
    "backup_set", sizeof(struct backup_set), backup_set_fields};

static const struct field release_fields[] = {
    {"version", FIELD_STRING, offsetof(struct release, version)},
    {"line", FIELD_STRING, offsetof(struct release, line)},
    {"released_at", FIELD_TIME, offsetof(struct release, released_at)},
    {0},
};
static const struct shape release_shape = {
    "release", sizeof(struct release), release_fields};

static const struct field advisory_fields[] = {
    {"id", FIELD_STRING, offsetof(struct advisory, id)},
    {"issue", FIELD_STRING, offsetof(struct advisory, issue)},
    {"severity", FIELD_STRING, offsetof(struct advisory, severity)},
    {"text", FIELD_STRING, offsetof(struct advisory, text)},
    {"fixed_by_target", FIELD_FLAG, offsetof(struct advisory, fixed_by_target)},
    {0},
};
const struct shape advisory_shape = {
    "advisory", sizeof(struct advisory), advisory_fields};

static const struct field condition_fields[] = {
    {"fact", FIELD_STRING, offsetof(struct condition, fact)},
    {"op", FIELD_STRING, offsetof(struct condition, op)},
    {"value", FIELD_STRING, offsetof(struct condition, value)},
    {"seen", FIELD_STRING, offsetof(struct condition, seen)},
    {0},
};
const struct shape condition_shape = {
    "condition", sizeof(struct condition), condition_fields};

static const struct field note_fields[] = {
    {"id", FIELD_STRING, offsetof(struct note, id)},
    {"at", FIELD_STRING, offsetof(struct note, at)},
    {"text", FIELD_STRING, offsetof(struct note, text)},
    {"source", FIELD_STRING, offsetof(struct note, source)},
    {"severity", FIELD_STRING, offsetof(struct note, severity)},
    {"when", FIELD_LIST, offsetof(struct note, when),
	.shape = &condition_shape},
    {0},
};
const struct shape note_shape = {"note", sizeof(struct note), note_fields};

static const struct field knowledge_fields[] = {
    {"current", FIELD_STRUCT, offsetof(struct knowledge, current),
	.shape = &release_shape},
    {"target", FIELD_STRUCT, offsetof(struct knowledge, target),
	.shape = &release_shape},
    {"newest_of_line", FIELD_STRUCT, offsetof(struct knowledge, newest_of_line),
	.shape = &release_shape},
    {"current_listed", FIELD_FLAG, offsetof(struct knowledge, current_listed)},
    {"target_listed", FIELD_FLAG, offsetof(struct knowledge, target_listed)},
    {"line_ends_at", FIELD_TIME, offsetof(struct knowledge, line_ends_at)},
    {"long_term", FIELD_FLAG, offsetof(struct knowledge, long_term)},
    {"server_licence_allowed", FIELD_FLAG,
	offsetof(struct knowledge, server_licence_allowed)},
    {"advisories", FIELD_LIST, offsetof(struct knowledge, advisories),
	.shape = &advisory_shape},
    {"notes", FIELD_LIST, offsetof(struct knowledge, notes),
	.shape = &note_shape},
    {"unread", FIELD_STRINGS, offsetof(struct knowledge, unread)},
    {"regressions", FIELD_LIST, offsetof(struct knowledge, regressions),
	.shape = &note_shape},
    {"java", FIELD_STRING, offsetof(struct knowledge, java)},
    {0},
};
static const struct shape knowledge_shape = {
    "knowledge", sizeof(struct knowledge), knowledge_fields};

static const struct field pack_fields[] = {
    {"name", FIELD_STRING, offsetof(struct pack, name)},
    {"version", FIELD_STRING, offsetof(struct pack, version)},
    {"sha256", FIELD_STRING, offsetof(struct pack, sha256)},
    {"as_of", FIELD_TIME, offsetof(struct pack, as_of)},
    {"stale_after", FIELD_TIME, offsetof(struct pack, stale_after)},
    {0},
};
const struct shape pack_shape = {"pack", sizeof(struct pack), pack_fields};

static const struct field source_fields[] = {
    {"what", FIELD_STRING, offsetof(struct source, what), .must = true},
    {"collector", FIELD_STRING, offsetof(struct source, collector)},
    {"file", FIELD_STRING, offsetof(struct source, file)},
    {"sha256", FIELD_STRING, offsetof(struct source, sha256)},
    {"at", FIELD_TIME, offsetof(struct source, at)},
    {0},
};
const struct shape source_shape = {
    "source", sizeof(struct source), source_fields};

static const char *const unseen_kind_names[] = {
    "unanswered", "not-asked", "not-here", NULL};

static const struct field unseen_fields[] = {
    {"what", FIELD_STRING, offsetof(struct unseen, what), .must = true},
    {"why", FIELD_STRING, offsetof(struct unseen, why), .must = true},
    {"kind", FIELD_CHOICE, offsetof(struct unseen, kind),
	.choices = unseen_kind_names},
    {0},
};
const struct shape unseen_shape = {
    "unseen", sizeof(struct unseen), unseen_fields};

static const struct field facts_fields[] = {
    {"made_by", FIELD_STRING, offsetof(struct facts, made_by)},
    {"made_at", FIELD_TIME, offsetof(struct facts, made_at), .must = true},
    {"plan", FIELD_STRUCT, offsetof(struct facts, plan), .shape = &plan_shape},
    {"product", FIELD_STRUCT, offsetof(struct facts, product),
	.shape = &product_shape},
    {"cluster", FIELD_STRUCT, offsetof(struct facts, cluster),
	.shape = &cluster_shape},
    {"nodes", FIELD_LIST, offsetof(struct facts, nodes), .shape = &node_shape},
    {"licence", FIELD_STRUCT, offsetof(struct facts, licence),
	.shape = &licence_shape},
    {"app_check", FIELD_STRUCT, offsetof(struct facts, app_check),
	.shape = &app_check_shape},
    {"apps", FIELD_LIST, offsetof(struct facts, apps), .shape = &app_shape},
    {"database", FIELD_STRUCT, offsetof(struct facts, database),
	.shape = &database_shape},
    {"home", FIELD_STRUCT, offsetof(struct facts, home), .shape = &home_shape},
    {"mirrors", FIELD_LIST, offsetof(struct facts, mirrors),
	.shape = &mirror_shape},
    {"mesh_nodes", FIELD_LIST, offsetof(struct facts, mesh_nodes),
	.shape = &mesh_node_shape},
    {"mesh_migrating", FIELD_FLAG, offsetof(struct facts, mesh_migrating)},
    {"mesh_unreachable", FIELD_NUMBER,
	offsetof(struct facts, mesh_unreachable)},
    {"health", FIELD_LIST, offsetof(struct facts, health),
	.shape = &health_check_shape},
    {"audit_events", FIELD_LIST, offsetof(struct facts, audit_events),
	.shape = &audit_event_shape},
    {"audit_since", FIELD_TIME, offsetof(struct facts, audit_since)},
    {"answers", FIELD_LIST, offsetof(struct facts, answers),
	.shape = &attestation_shape},
    {"backup_sets", FIELD_LIST, offsetof(struct facts, backup_sets),
	.shape = &backup_set_shape},
    {"logs", FIELD_STRUCT, offsetof(struct facts, logs), .shape = &logs_shape},
    {"capacity", FIELD_STRUCT, offsetof(struct facts, capacity),
	.shape = &capacity_shape},
    {"knowledge", FIELD_STRUCT, offsetof(struct facts, knowledge),
	.shape = &knowledge_shape},
    {"packs", FIELD_LIST, offsetof(struct facts, packs), .shape = &pack_shape},
    {"sources", FIELD_LIST, offsetof(struct facts, sources),
	.shape = &source_shape},
    {"unseen", FIELD_LIST, offsetof(struct facts, unseen),
	.shape = &unseen_shape},
    {0},
};
const struct shape facts_shape = {"facts", sizeof(struct facts), facts_fields};

void facts_clear(struct facts *f)
{
	shape_clear(&facts_shape, f);
}

struct node *facts_find_node(const struct facts *f, const char *name)
{
	for (guint i = 0; i < list_length(f->nodes); i++) {
		struct node *node = g_ptr_array_index(f->nodes, i);
		if (g_str_equal(node->name, name))
			return node;
	}
	return NULL;
}

struct node *facts_node(struct facts *f, const char *name)
{
	struct node *node = facts_find_node(f, name);

	if (!node) {
		node = shape_add(&node_shape, &f->nodes);
		node->name = g_strdup(name);
	}
	return node;
}

struct app *facts_find_app(const struct facts *f, const char *key)
{
	for (guint i = 0; i < list_length(f->apps); i++) {
		struct app *app = g_ptr_array_index(f->apps, i);
		if (g_str_equal(app->key, key))
			return app;
	}
	return NULL;
}

const struct source *facts_find_source(const struct facts *f, const char *what)
{
	for (guint i = 0; i < list_length(f->sources); i++) {
		const struct source *s = g_ptr_array_index(f->sources, i);
		if (g_str_equal(s->what, what))
			return s;
	}
	return NULL;
}

const struct attestation *facts_find_answer(
    const struct facts *f, const char *question)
{
	for (guint i = 0; i < list_length(f->answers); i++) {
		const struct attestation *a = g_ptr_array_index(f->answers, i);
		if (g_str_equal(a->question, question))
			return a;
	}
	return NULL;
}

const char *facts_why_unseen(const struct facts *f, const char *what)
{
	for (guint i = 0; i < list_length(f->unseen); i++) {
		const struct unseen *u = g_ptr_array_index(f->unseen, i);
		if (g_str_equal(u->what, what))
			return u->why;
	}
	return NULL;
}

struct unseen *facts_add_unseen(
    struct facts *f, const char *what, const char *format, ...)
{
	struct unseen *u = shape_add(&unseen_shape, &f->unseen);
	va_list arguments;

	va_start(arguments, format);
	u->what = g_strdup(what);
	u->why = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	return u;
}
