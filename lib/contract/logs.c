#include "contract/logs.h"

#include "contract/finding.h"

const char *const logs_state_names[] = {
    "unweighed", "new", "surging", "known", NULL};

static const struct field logs_sample_fields[] = {
    {"node", FIELD_STRING, offsetof(struct logs_sample, node)},
    {"file", FIELD_STRING, offsetof(struct logs_sample, file)},
    {"at", FIELD_TIME, offsetof(struct logs_sample, at)},
    {"offset", FIELD_NUMBER, offsetof(struct logs_sample, offset)},
    {"text", FIELD_STRING, offsetof(struct logs_sample, text)},
    {0},
};
const struct shape logs_sample_shape = {
    "logs-sample", sizeof(struct logs_sample), logs_sample_fields};

static const struct field logs_count_fields[] = {
    {"node", FIELD_STRING, offsetof(struct logs_count, node)},
    {"count", FIELD_NUMBER, offsetof(struct logs_count, count)},
    {0},
};
const struct shape logs_count_shape = {
    "logs-count", sizeof(struct logs_count), logs_count_fields};

static const struct field logs_slot_fields[] = {
    {"node", FIELD_STRING, offsetof(struct logs_slot, node)},
    {"at", FIELD_TIME, offsetof(struct logs_slot, at)},
    {"count", FIELD_NUMBER, offsetof(struct logs_slot, count)},
    {0},
};
const struct shape logs_slot_shape = {
    "logs-slot", sizeof(struct logs_slot), logs_slot_fields};

static const struct field logs_hit_fields[] = {
    {"rule", FIELD_STRING, offsetof(struct logs_hit, rule), .must = true},
    {"title", FIELD_STRING, offsetof(struct logs_hit, title)},
    {"means", FIELD_STRING, offsetof(struct logs_hit, means)},
    {"hint", FIELD_STRING, offsetof(struct logs_hit, hint)},
    {"pack", FIELD_STRING, offsetof(struct logs_hit, pack)},
    {"severity", FIELD_CHOICE, offsetof(struct logs_hit, severity),
	.choices = severity_names},
    {"resolve_by", FIELD_CHOICE, offsetof(struct logs_hit, resolve_by),
	.choices = phase_names},
    {"mark", FIELD_STRING, offsetof(struct logs_hit, mark)},
    {"sense", FIELD_STRING, offsetof(struct logs_hit, sense)},
    {"entries", FIELD_NUMBER, offsetof(struct logs_hit, entries), .must = true},
    {"lines", FIELD_NUMBER, offsetof(struct logs_hit, lines)},
    {"first", FIELD_TIME, offsetof(struct logs_hit, first)},
    {"last", FIELD_TIME, offsetof(struct logs_hit, last)},
    {"undecided", FIELD_NUMBER, offsetof(struct logs_hit, undecided)},
    {"reached", FIELD_FLAG, offsetof(struct logs_hit, reached)},
    {"affects", FIELD_FLAG, offsetof(struct logs_hit, affects)},
    {"anchored", FIELD_FLAG, offsetof(struct logs_hit, anchored)},
    {"at_start", FIELD_FLAG, offsetof(struct logs_hit, at_start)},
    {"starting", FIELD_NUMBER, offsetof(struct logs_hit, starting)},
    {"nodes", FIELD_LIST, offsetof(struct logs_hit, nodes),
	.shape = &logs_count_shape},
    {"hours", FIELD_LIST, offsetof(struct logs_hit, hours),
	.shape = &logs_slot_shape},
    {"samples", FIELD_LIST, offsetof(struct logs_hit, samples),
	.shape = &logs_sample_shape},
    {"references", FIELD_STRINGS, offsetof(struct logs_hit, references)},
    {0},
};
const struct shape logs_hit_shape = {
    "logs-hit", sizeof(struct logs_hit), logs_hit_fields};

static const struct field logs_error_fields[] = {
    {"f1", FIELD_STRING, offsetof(struct logs_error, f1), .must = true},
    {"c1", FIELD_STRING, offsetof(struct logs_error, c1)},
    {"level", FIELD_STRING, offsetof(struct logs_error, level)},
    {"state", FIELD_CHOICE, offsetof(struct logs_error, state),
	.choices = logs_state_names},
    {"entries", FIELD_NUMBER, offsetof(struct logs_error, entries),
	.must = true},
    {"first", FIELD_TIME, offsetof(struct logs_error, first)},
    {"last", FIELD_TIME, offsetof(struct logs_error, last)},
    {"starting", FIELD_NUMBER, offsetof(struct logs_error, starting)},
    {"nodes", FIELD_LIST, offsetof(struct logs_error, nodes),
	.shape = &logs_count_shape},
    {"days", FIELD_LIST, offsetof(struct logs_error, days),
	.shape = &logs_slot_shape},
    {"samples", FIELD_LIST, offsetof(struct logs_error, samples),
	.shape = &logs_sample_shape},
    {0},
};
const struct shape logs_error_shape = {
    "logs-error", sizeof(struct logs_error), logs_error_fields};

static const struct field logs_gone_fields[] = {
    {"f1", FIELD_STRING, offsetof(struct logs_gone, f1), .must = true},
    {"text", FIELD_STRING, offsetof(struct logs_gone, text)},
    {"entries", FIELD_NUMBER, offsetof(struct logs_gone, entries)},
    {"last", FIELD_TIME, offsetof(struct logs_gone, last)},
    {0},
};
const struct shape logs_gone_shape = {
    "logs-gone", sizeof(struct logs_gone), logs_gone_fields};

static const struct field logs_file_fields[] = {
    {"path", FIELD_STRING, offsetof(struct logs_file, path), .must = true},
    {"node", FIELD_STRING, offsetof(struct logs_file, node)},
    {"kind", FIELD_STRING, offsetof(struct logs_file, kind)},
    {"bytes", FIELD_NUMBER, offsetof(struct logs_file, bytes)},
    {"lines", FIELD_NUMBER, offsetof(struct logs_file, lines)},
    {"entries", FIELD_NUMBER, offsetof(struct logs_file, entries)},
    {"first", FIELD_TIME, offsetof(struct logs_file, first)},
    {"last", FIELD_TIME, offsetof(struct logs_file, last)},
    {"orphan_lines", FIELD_NUMBER, offsetof(struct logs_file, orphan_lines)},
    {"cut_lines", FIELD_NUMBER, offsetof(struct logs_file, cut_lines)},
    {"cut_entries", FIELD_NUMBER, offsetof(struct logs_file, cut_entries)},
    {"binary_lines", FIELD_NUMBER, offsetof(struct logs_file, binary_lines)},
    {"undated_entries", FIELD_NUMBER,
	offsetof(struct logs_file, undated_entries)},
    {"clock_went_back", FIELD_NUMBER,
	offsetof(struct logs_file, clock_went_back)},
    {"unfinished", FIELD_FLAG, offsetof(struct logs_file, unfinished)},
    {"anew", FIELD_FLAG, offsetof(struct logs_file, anew)},
    {"lost", FIELD_STRING, offsetof(struct logs_file, lost)},
    {0},
};
const struct shape logs_file_shape = {
    "logs-file", sizeof(struct logs_file), logs_file_fields};

static const struct field logs_gap_fields[] = {
    {"from", FIELD_TIME, offsetof(struct logs_gap, from)},
    {"until", FIELD_TIME, offsetof(struct logs_gap, until)},
    {0},
};
const struct shape logs_gap_shape = {
    "logs-gap", sizeof(struct logs_gap), logs_gap_fields};

static const struct field logs_node_fields[] = {
    {"name", FIELD_STRING, offsetof(struct logs_node, name), .must = true},
    {"entries", FIELD_NUMBER, offsetof(struct logs_node, entries)},
    {"warnings", FIELD_NUMBER, offsetof(struct logs_node, warnings)},
    {"errors", FIELD_NUMBER, offsetof(struct logs_node, errors)},
    {"first", FIELD_TIME, offsetof(struct logs_node, first)},
    {"last", FIELD_TIME, offsetof(struct logs_node, last)},
    {"starts", FIELD_NUMBER, offsetof(struct logs_node, starts)},
    {"stops", FIELD_NUMBER, offsetof(struct logs_node, stops)},
    {"unclean_starts", FIELD_NUMBER,
	offsetof(struct logs_node, unclean_starts)},
    {"version", FIELD_STRING, offsetof(struct logs_node, version)},
    {"gaps", FIELD_LIST, offsetof(struct logs_node, gaps),
	.shape = &logs_gap_shape},
    {"hours", FIELD_LIST, offsetof(struct logs_node, hours),
	.shape = &logs_slot_shape},
    {0},
};
const struct shape logs_node_shape = {
    "logs-node", sizeof(struct logs_node), logs_node_fields};

static const struct field logs_pack_fields[] = {
    {"name", FIELD_STRING, offsetof(struct logs_pack, name)},
    {"version", FIELD_STRING, offsetof(struct logs_pack, version)},
    {"sha256", FIELD_STRING, offsetof(struct logs_pack, sha256)},
    {"rules", FIELD_NUMBER, offsetof(struct logs_pack, rules)},
    {"as_of", FIELD_TIME, offsetof(struct logs_pack, as_of)},
    {"stale_after", FIELD_TIME, offsetof(struct logs_pack, stale_after)},
    {0},
};
const struct shape logs_pack_shape = {
    "logs-pack", sizeof(struct logs_pack), logs_pack_fields};

#define AT(member) offsetof(struct logs_acknowledged, member)
static const struct field logs_acknowledged_fields[] = {
    {"what", FIELD_STRING, AT(what), .must = true},
    {"by", FIELD_STRING, AT(by)},
    {"why", FIELD_STRING, AT(why)},
    {"at", FIELD_TIME, AT(at)},
    {"count", FIELD_NUMBER, AT(count)},
    {"nodes", FIELD_STRINGS, AT(nodes)},
    {0},
};
#undef AT
const struct shape logs_acknowledged_shape = {"logs-acknowledged",
    sizeof(struct logs_acknowledged), logs_acknowledged_fields};

static const struct field logs_fields[] = {
    {"made_by", FIELD_STRING, offsetof(struct logs, made_by)},
    {"zone", FIELD_STRING, offsetof(struct logs, zone)},
    {"version", FIELD_STRING, offsetof(struct logs, version)},
    {"read_at", FIELD_TIME, offsetof(struct logs, read_at)},
    {"from", FIELD_TIME, offsetof(struct logs, from)},
    {"until", FIELD_TIME, offsetof(struct logs, until)},
    {"bytes", FIELD_NUMBER, offsetof(struct logs, bytes)},
    {"lines", FIELD_NUMBER, offsetof(struct logs, lines)},
    {"entries", FIELD_NUMBER, offsetof(struct logs, entries)},
    {"files_lost", FIELD_NUMBER, offsetof(struct logs, files_lost)},
    {"passed_over", FIELD_NUMBER, offsetof(struct logs, passed_over)},
    {"errors_dropped", FIELD_NUMBER, offsetof(struct logs, errors_dropped)},
    {"baseline", FIELD_STRING, offsetof(struct logs, baseline)},
    {"packs", FIELD_LIST, offsetof(struct logs, packs),
	.shape = &logs_pack_shape},
    {"hits", FIELD_LIST, offsetof(struct logs, hits), .shape = &logs_hit_shape},
    {"errors", FIELD_LIST, offsetof(struct logs, errors),
	.shape = &logs_error_shape},
    {"gone", FIELD_LIST, offsetof(struct logs, gone),
	.shape = &logs_gone_shape},
    {"nodes", FIELD_LIST, offsetof(struct logs, nodes),
	.shape = &logs_node_shape},
    {"files", FIELD_LIST, offsetof(struct logs, files),
	.shape = &logs_file_shape},
    {"acknowledged", FIELD_LIST, offsetof(struct logs, acknowledged),
	.shape = &logs_acknowledged_shape},
    {"lost", FIELD_STRINGS, offsetof(struct logs, lost)},
    {0},
};
const struct shape logs_shape = {"logs", sizeof(struct logs), logs_fields};

void logs_clear(struct logs *l)
{
	shape_clear(&logs_shape, l);
}
