#include "contract/proof.h"

const char *const proof_level_names[] = {
    "quick", "full", "deep", "restore", NULL};
const char *const proof_outcome_names[] = {
    "unfinished", "failed", "passed", NULL};

#define AT(member) offsetof(struct proof_sample, member)
static const struct field sample_fields[] = {
    {"level", FIELD_STRING, AT(level)},
    {"share", FIELD_STRING, AT(share)},
    {"seed", FIELD_NUMBER, AT(seed)},
    {"objects", FIELD_NUMBER, AT(objects)},
    {"objects_of", FIELD_NUMBER, AT(objects_of)},
    {"groups", FIELD_NUMBER, AT(groups)},
    {"groups_of", FIELD_NUMBER, AT(groups_of)},
    {0},
};
#undef AT
static const struct shape sample_shape = {
    "proof_sample", sizeof(struct proof_sample), sample_fields};

#define AT(member) offsetof(struct proof_times, member)
static const struct field times_fields[] = {
    {"home_ms", FIELD_NUMBER, AT(home_ms)},
    {"database_ms", FIELD_NUMBER, AT(database_ms)},
    {"compare_ms", FIELD_NUMBER, AT(compare_ms)},
    {0},
};
#undef AT
static const struct shape times_shape = {
    "proof_times", sizeof(struct proof_times), times_fields};

static const struct field proof_fields[] = {
    {"made_by", FIELD_STRING, offsetof(struct proof, made_by)},
    {"set", FIELD_STRING, offsetof(struct proof, set), .must = true},
    {"snapshot_sha256", FIELD_STRING, offsetof(struct proof, snapshot_sha256),
	.must = true},
    {"level", FIELD_CHOICE, offsetof(struct proof, level),
	.choices = proof_level_names},
    {"outcome", FIELD_CHOICE, offsetof(struct proof, outcome),
	.choices = proof_outcome_names},
    {"sample", FIELD_STRUCT, offsetof(struct proof, sample),
	.shape = &sample_shape},
    {"started_at", FIELD_TIME, offsetof(struct proof, started_at)},
    {"ended_at", FIELD_TIME, offsetof(struct proof, ended_at)},
    {"files", FIELD_NUMBER, offsetof(struct proof, files)},
    {"objects", FIELD_NUMBER, offsetof(struct proof, objects)},
    {"segments", FIELD_NUMBER, offsetof(struct proof, segments)},
    {"bytes", FIELD_NUMBER, offsetof(struct proof, bytes)},
    {"repositories", FIELD_NUMBER, offsetof(struct proof, repositories)},
    {"refs", FIELD_NUMBER, offsetof(struct proof, refs)},
    {"tables", FIELD_NUMBER, offsetof(struct proof, tables)},
    {"rows", FIELD_NUMBER, offsetof(struct proof, rows)},
    {"times", FIELD_STRUCT, offsetof(struct proof, times),
	.shape = &times_shape},
    {"flaws", FIELD_LIST, offsetof(struct proof, flaws), .shape = &flaw_shape},
    {0},
};
const struct shape proof_shape = {"proof", sizeof(struct proof), proof_fields};

void proof_clear(struct proof *p)
{
	shape_clear(&proof_shape, p);
}
