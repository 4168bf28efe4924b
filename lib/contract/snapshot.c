#include "contract/snapshot.h"

const char *const snapshot_status_names[] = {"DEGRADED", "GOOD", NULL};

static const struct field flaw_fields[] = {
    {"kind", FIELD_STRING, offsetof(struct flaw, kind), .must = true},
    {"subject", FIELD_STRING, offsetof(struct flaw, subject), .must = true},
    {"why", FIELD_STRING, offsetof(struct flaw, why)},
    {"sets", FIELD_STRINGS, offsetof(struct flaw, sets)},
    {"touches", FIELD_STRINGS, offsetof(struct flaw, touches)},
    {0},
};
const struct shape flaw_shape = {"flaw", sizeof(struct flaw), flaw_fields};

static const struct field snapshot_database_fields[] = {
    {"kind", FIELD_STRING, offsetof(struct snapshot_database, kind)},
    {"name", FIELD_STRING, offsetof(struct snapshot_database, name)},
    {"server_version", FIELD_STRING,
	offsetof(struct snapshot_database, server_version)},
    {"dump_version", FIELD_STRING,
	offsetof(struct snapshot_database, dump_version)},
    {"form", FIELD_STRING, offsetof(struct snapshot_database, form)},
    {"method", FIELD_STRING, offsetof(struct snapshot_database, method)},
    {"snapshot_id", FIELD_STRING,
	offsetof(struct snapshot_database, snapshot_id)},
    {"lsn", FIELD_STRING, offsetof(struct snapshot_database, lsn)},
    {"tables", FIELD_NUMBER, offsetof(struct snapshot_database, tables)},
    {"rows", FIELD_NUMBER, offsetof(struct snapshot_database, rows)},
    {"bytes", FIELD_NUMBER, offsetof(struct snapshot_database, bytes)},
    {0},
};
static const struct shape snapshot_database_shape = {"snapshot_database",
    sizeof(struct snapshot_database), snapshot_database_fields};

static const struct field snapshot_home_fields[] = {
    {"path", FIELD_STRING, offsetof(struct snapshot_home, path)},
    {"files", FIELD_NUMBER, offsetof(struct snapshot_home, files)},
    {"folders", FIELD_NUMBER, offsetof(struct snapshot_home, folders)},
    {"links", FIELD_NUMBER, offsetof(struct snapshot_home, links)},
    {"bytes", FIELD_NUMBER, offsetof(struct snapshot_home, bytes)},
    {"stored_bytes", FIELD_NUMBER,
	offsetof(struct snapshot_home, stored_bytes)},
    {"new_bytes", FIELD_NUMBER, offsetof(struct snapshot_home, new_bytes)},
    {"repositories", FIELD_NUMBER,
	offsetof(struct snapshot_home, repositories)},
    {"moved", FIELD_NUMBER, offsetof(struct snapshot_home, moved)},
    {"deleted", FIELD_NUMBER, offsetof(struct snapshot_home, deleted)},
    {0},
};
static const struct shape snapshot_home_shape = {
    "snapshot_home", sizeof(struct snapshot_home), snapshot_home_fields};

static const struct field snapshot_fields[] = {
    {"id", FIELD_STRING, offsetof(struct snapshot, id), .must = true},
    {"sequence", FIELD_NUMBER, offsetof(struct snapshot, sequence),
	.must = true},
    {"made_by", FIELD_STRING, offsetof(struct snapshot, made_by)},
    {"mode", FIELD_STRING, offsetof(struct snapshot, mode), .must = true},
    {"parts", FIELD_STRINGS, offsetof(struct snapshot, parts)},
    {"status", FIELD_CHOICE, offsetof(struct snapshot, status),
	.choices = snapshot_status_names},
    {"started_at", FIELD_TIME, offsetof(struct snapshot, started_at)},
    {"point_at", FIELD_TIME, offsetof(struct snapshot, point_at)},
    {"swept_at", FIELD_TIME, offsetof(struct snapshot, swept_at)},
    {"ended_at", FIELD_TIME, offsetof(struct snapshot, ended_at)},
    {"locked_ms", FIELD_NUMBER, offsetof(struct snapshot, locked_ms)},
    {"cluster", FIELD_STRING, offsetof(struct snapshot, cluster)},
    {"url", FIELD_STRING, offsetof(struct snapshot, url)},
    {"server_id", FIELD_STRING, offsetof(struct snapshot, server_id)},
    {"version", FIELD_STRING, offsetof(struct snapshot, version)},
    {"node", FIELD_STRING, offsetof(struct snapshot, node)},
    {"home", FIELD_STRUCT, offsetof(struct snapshot, home),
	.shape = &snapshot_home_shape},
    {"database", FIELD_STRUCT, offsetof(struct snapshot, database),
	.shape = &snapshot_database_shape},
    {"assertion", FIELD_STRUCT, offsetof(struct snapshot, assertion),
	.shape = &assertion_shape},
    {"flaws", FIELD_LIST, offsetof(struct snapshot, flaws),
	.shape = &flaw_shape},
    {"deleted", FIELD_STRINGS, offsetof(struct snapshot, deleted)},
    {"parent", FIELD_STRING, offsetof(struct snapshot, parent)},
    {"parent_sha256", FIELD_STRING, offsetof(struct snapshot, parent_sha256)},
    {"manifest_sha256", FIELD_STRING,
	offsetof(struct snapshot, manifest_sha256), .must = true},
    {"sums_sha256", FIELD_STRING, offsetof(struct snapshot, sums_sha256),
	.must = true},
    {"evidence_sha256", FIELD_STRING,
	offsetof(struct snapshot, evidence_sha256)},
    {"root", FIELD_STRING, offsetof(struct snapshot, root)},
    {"features", FIELD_STRINGS, offsetof(struct snapshot, features)},
    {0},
};
const struct shape snapshot_shape = {
    "snapshot", sizeof(struct snapshot), snapshot_fields};

void snapshot_clear(struct snapshot *s)
{
	shape_clear(&snapshot_shape, s);
}

bool snapshot_has(const struct snapshot *s, const char *part)
{
	for (guint i = 0; i < list_length(s->parts); i++)
		if (g_str_equal(g_ptr_array_index(s->parts, i), part))
			return true;
	return !s->parts;
}

bool snapshot_is_physical(const struct snapshot *s)
{
	return g_strcmp0(s->database.form, SNAPSHOT_FORM_PHYSICAL) == 0;
}

const char *snapshot_home_part(const struct snapshot *s)
{
	static const char *const homes[] = {
	    SNAPSHOT_PART_HOME, SNAPSHOT_PART_MIRROR, SNAPSHOT_PART_MESH};

	for (size_t i = 0; i < G_N_ELEMENTS(homes); i++)
		if (snapshot_has(s, homes[i]))
			return homes[i];
	return NULL;
}

bool snapshot_is_asserted(const struct snapshot *s)
{
	return s->parts && snapshot_has(s, SNAPSHOT_PART_ASSERTED);
}

void snapshot_add_flaw(struct snapshot *s, const char *kind,
    const char *subject, const char *format, ...)
{
	struct flaw *flaw = shape_add(&flaw_shape, &s->flaws);
	va_list arguments;

	va_start(arguments, format);
	flaw->kind = g_strdup(kind);
	flaw->subject = g_strdup(subject);
	flaw->why = g_strdup_vprintf(format, arguments);
	va_end(arguments);
}
