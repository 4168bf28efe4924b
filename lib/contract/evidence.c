#include "contract/evidence.h"

const char *const repository_result_names[] = {
    "unproved", "proved", "flawed", "deleted", NULL};

static const struct field mount_fields[] = {
    {"point", FIELD_STRING, offsetof(struct evidence_mount, point)},
    {"filesystem", FIELD_STRING, offsetof(struct evidence_mount, filesystem)},
    {"source", FIELD_STRING, offsetof(struct evidence_mount, source)},
    {"options", FIELD_STRING, offsetof(struct evidence_mount, options)},
    {"wait_s", FIELD_NUMBER, offsetof(struct evidence_mount, wait_s)},
    {0},
};
static const struct shape mount_shape = {
    "evidence_mount", sizeof(struct evidence_mount), mount_fields};

#define AT(member) offsetof(struct evidence_repository, member)
static const struct field repository_fields[] = {
    {"id", FIELD_STRING, AT(id), .must = true},
    {"project", FIELD_STRING, AT(project)},
    {"slug", FIELD_STRING, AT(slug)},
    {"hierarchy", FIELD_STRING, AT(hierarchy)},
    {"result", FIELD_CHOICE, AT(result), .choices = repository_result_names},
    {"why", FIELD_STRING, AT(why)},
    {"refs", FIELD_NUMBER, AT(refs)},
    {"tips", FIELD_NUMBER, AT(tips)},
    {"rounds", FIELD_NUMBER, AT(rounds)},
    {"moved", FIELD_STRINGS, AT(moved)},
    {"deleted", FIELD_STRINGS, AT(deleted)},
    {"alternates", FIELD_STRINGS, AT(alternates)},
    {0},
};
#undef AT
const struct shape evidence_repository_shape = {"evidence_repository",
    sizeof(struct evidence_repository), repository_fields};

static const struct field part_fields[] = {
    {"rows", FIELD_NUMBER, offsetof(struct evidence_part, rows)},
    {"bytes", FIELD_NUMBER, offsetof(struct evidence_part, bytes)},
    {"sha256", FIELD_STRING, offsetof(struct evidence_part, sha256)},
    {0},
};
const struct shape evidence_part_shape = {
    "evidence_part", sizeof(struct evidence_part), part_fields};

static const struct field table_fields[] = {
    {"name", FIELD_STRING, offsetof(struct evidence_table, name), .must = true},
    {"rows", FIELD_NUMBER, offsetof(struct evidence_table, rows)},
    {"bytes", FIELD_NUMBER, offsetof(struct evidence_table, bytes)},
    {"sha256", FIELD_STRING, offsetof(struct evidence_table, sha256)},
    {"parts", FIELD_LIST, offsetof(struct evidence_table, parts),
	.shape = &evidence_part_shape},
    {"sum", FIELD_STRING, offsetof(struct evidence_table, sum)},
    {0},
};
const struct shape evidence_table_shape = {
    "evidence_table", sizeof(struct evidence_table), table_fields};

#define AT(member) offsetof(struct evidence_check, member)
static const struct field check_fields[] = {
    {"rows", FIELD_NUMBER, AT(rows)},
    {"folders", FIELD_NUMBER, AT(folders)},
    {"pulls", FIELD_NUMBER, AT(pulls)},
    {"rows_without_folder", FIELD_STRINGS, AT(rows_without_folder)},
    {"folders_without_row", FIELD_STRINGS, AT(folders_without_row)},
    {"deleted_after_point", FIELD_STRINGS, AT(deleted_after_point)},
    {"hierarchy_differs", FIELD_STRINGS, AT(hierarchy_differs)},
    {"outside", FIELD_STRINGS, AT(outside)},
    {"elsewhere", FIELD_STRINGS, AT(elsewhere)},
    {0},
};
#undef AT
static const struct shape check_shape = {
    "evidence_check", sizeof(struct evidence_check), check_fields};

static const struct field lock_fields[] = {
    {"drain_ms", FIELD_NUMBER, offsetof(struct evidence_lock, drain_ms)},
    {"still_ms", FIELD_NUMBER, offsetof(struct evidence_lock, still_ms)},
    {"repositories", FIELD_NUMBER,
	offsetof(struct evidence_lock, repositories)},
    {"changed", FIELD_NUMBER, offsetof(struct evidence_lock, changed)},
    {"to_end", FIELD_FLAG, offsetof(struct evidence_lock, to_end)},
    {0},
};
static const struct shape lock_shape = {
    "evidence_lock", sizeof(struct evidence_lock), lock_fields};

#define AT(member) offsetof(struct evidence_snapshot, member)
static const struct field snapshot_fields[] = {
    {"name", FIELD_STRING, AT(name)},
    {"place", FIELD_STRING, AT(place)},
    {"created_at", FIELD_TIME, AT(created_at)},
    {"taken_ms", FIELD_NUMBER, AT(taken_ms)},
    {"destroyed", FIELD_FLAG, AT(destroyed)},
    {0},
};
#undef AT
static const struct shape evidence_snapshot_shape = {
    "evidence_snapshot", sizeof(struct evidence_snapshot), snapshot_fields};

#define AT(member) offsetof(struct evidence_physical, member)
static const struct field physical_fields[] = {
    {"system", FIELD_STRING, AT(system)},
    {"role", FIELD_STRING, AT(role)},
    {"first_lsn", FIELD_STRING, AT(first_lsn)},
    {"last_lsn", FIELD_STRING, AT(last_lsn)},
    {"timeline", FIELD_NUMBER, AT(timeline)},
    {"checkpoint", FIELD_STRING, AT(checkpoint)},
    {"files", FIELD_NUMBER, AT(files)},
    {"bytes", FIELD_NUMBER, AT(bytes)},
    {"wal_bytes", FIELD_NUMBER, AT(wal_bytes)},
    {"databases", FIELD_STRINGS, AT(databases)},
    {"tablespaces", FIELD_STRINGS, AT(tablespaces)},
    {0},
};
#undef AT
static const struct shape physical_shape = {
    "evidence_physical", sizeof(struct evidence_physical), physical_fields};

#define AT(member) offsetof(struct evidence, member)
static const struct field evidence_fields[] = {
    {"made_by", FIELD_STRING, AT(made_by)},
    {"point_at", FIELD_TIME, AT(point_at)},
    {"lsn", FIELD_STRING, AT(lsn)},
    {"snapshot_id", FIELD_STRING, AT(snapshot_id)},
    {"server", FIELD_STRING, AT(server)},
    {"standby", FIELD_FLAG, AT(standby)},
    {"harvest_at", FIELD_TIME, AT(harvest_at)},
    {"sweep_started_at", FIELD_TIME, AT(sweep_started_at)},
    {"sweep_ended_at", FIELD_TIME, AT(sweep_ended_at)},
    {"saved_at", FIELD_TIME, AT(saved_at)},
    {"mount", FIELD_STRUCT, AT(mount), .shape = &mount_shape},
    {"lock", FIELD_STRUCT, AT(lock), .shape = &lock_shape},
    {"snapshot", FIELD_STRUCT, AT(snapshot), .shape = &evidence_snapshot_shape},
    {"physical", FIELD_STRUCT, AT(physical), .shape = &physical_shape},
    {"repositories", FIELD_LIST, AT(repositories),
	.shape = &evidence_repository_shape},
    {"tables", FIELD_LIST, AT(tables), .shape = &evidence_table_shape},
    {"check", FIELD_STRUCT, AT(check), .shape = &check_shape},
    {"left_out", FIELD_STRINGS, AT(left_out)},
    {"vanished", FIELD_STRINGS, AT(vanished)},
    {"notes", FIELD_STRINGS, AT(notes)},
    {0},
};
#undef AT
const struct shape evidence_shape = {
    "evidence", sizeof(struct evidence), evidence_fields};

void evidence_clear(struct evidence *e)
{
	shape_clear(&evidence_shape, e);
}
