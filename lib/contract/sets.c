#include "contract/sets.h"

#define AT(member) offsetof(struct sets_row, member)
static const struct field row_fields[] = {
    {"id", FIELD_STRING, AT(id), .must = true},
    {"path", FIELD_STRING, AT(path)},
    {"trouble", FIELD_STRING, AT(trouble)},
    {"sequence", FIELD_NUMBER, AT(sequence)},
    {"status", FIELD_STRING, AT(status)},
    {"mode", FIELD_STRING, AT(mode)},
    {"parts", FIELD_STRINGS, AT(parts)},
    {"started_at", FIELD_TIME, AT(started_at)},
    {"point_at", FIELD_TIME, AT(point_at)},
    {"ended_at", FIELD_TIME, AT(ended_at)},
    {"bytes", FIELD_NUMBER, AT(bytes)},
    {"stored_bytes", FIELD_NUMBER, AT(stored_bytes)},
    {"new_bytes", FIELD_NUMBER, AT(new_bytes)},
    {"files", FIELD_NUMBER, AT(files)},
    {"repositories", FIELD_NUMBER, AT(repositories)},
    {"rows", FIELD_NUMBER, AT(rows)},
    {"flaws", FIELD_NUMBER, AT(flaws)},
    {"asserted_by", FIELD_STRING, AT(asserted_by)},
    {"proof_level", FIELD_STRING, AT(proof_level)},
    {"proof_outcome", FIELD_STRING, AT(proof_outcome)},
    {"proved_at", FIELD_TIME, AT(proved_at)},
    {0},
};
#undef AT
const struct shape sets_row_shape = {
    "sets_row", sizeof(struct sets_row), row_fields};

static const struct field sets_fields[] = {
    {"sets", FIELD_LIST, offsetof(struct sets, sets), .shape = &sets_row_shape,
	.must = true},
    {0},
};
const struct shape sets_shape = {"sets", sizeof(struct sets), sets_fields};

void sets_clear(struct sets *s)
{
	shape_clear(&sets_shape, s);
}
