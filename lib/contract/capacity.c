#include "contract/capacity.h"

const char *const capacity_state_names[] = {
    "unknown", "unsafe", "marginal", "safe", NULL};

static const struct field capacity_count_fields[] = {
    {"what", FIELD_STRING, offsetof(struct capacity_count, what), .must = true},
    {"count", FIELD_NUMBER, offsetof(struct capacity_count, count)},
    {0},
};
const struct shape capacity_count_shape = {
    "capacity-count", sizeof(struct capacity_count), capacity_count_fields};

static const struct field capacity_replay_fields[] = {
    {"requests", FIELD_NUMBER, offsetof(struct capacity_replay, requests)},
    {"moved", FIELD_NUMBER, offsetof(struct capacity_replay, moved)},
    {"waited", FIELD_NUMBER, offsetof(struct capacity_replay, waited)},
    {"refused", FIELD_NUMBER, offsetof(struct capacity_replay, refused)},
    {"wait_p95_ms", FIELD_NUMBER,
	offsetof(struct capacity_replay, wait_p95_ms)},
    {"wait_p99_ms", FIELD_NUMBER,
	offsetof(struct capacity_replay, wait_p99_ms)},
    {"wait_most_ms", FIELD_NUMBER,
	offsetof(struct capacity_replay, wait_most_ms)},
    {"over_s", FIELD_NUMBER, offsetof(struct capacity_replay, over_s)},
    {"peak", FIELD_NUMBER, offsetof(struct capacity_replay, peak)},
    {"peak_permille", FIELD_NUMBER,
	offsetof(struct capacity_replay, peak_permille)},
    {0},
};
const struct shape capacity_replay_shape = {
    "capacity-replay", sizeof(struct capacity_replay), capacity_replay_fields};

static const struct field capacity_hour_fields[] = {
    {"at", FIELD_TIME, offsetof(struct capacity_hour, at)},
    {"requests", FIELD_NUMBER, offsetof(struct capacity_hour, requests)},
    {"hosting", FIELD_NUMBER, offsetof(struct capacity_hour, hosting)},
    {"refs", FIELD_NUMBER, offsetof(struct capacity_hour, refs)},
    {"in_flight", FIELD_NUMBER, offsetof(struct capacity_hour, in_flight)},
    {"errors", FIELD_NUMBER, offsetof(struct capacity_hour, errors)},
    {"limited", FIELD_NUMBER, offsetof(struct capacity_hour, limited)},
    {"slow", FIELD_NUMBER, offsetof(struct capacity_hour, slow)},
    {"written_bytes", FIELD_NUMBER,
	offsetof(struct capacity_hour, written_bytes)},
    {0},
};
const struct shape capacity_hour_shape = {
    "capacity-hour", sizeof(struct capacity_hour), capacity_hour_fields};

static const struct field capacity_node_fields[] = {
    {"name", FIELD_STRING, offsetof(struct capacity_node, name), .must = true},
    {"pool", FIELD_STRING, offsetof(struct capacity_node, pool)},
    {"requests", FIELD_NUMBER, offsetof(struct capacity_node, requests)},
    {"hosting", FIELD_NUMBER, offsetof(struct capacity_node, hosting)},
    {"share_permille", FIELD_NUMBER,
	offsetof(struct capacity_node, share_permille)},
    {"first", FIELD_TIME, offsetof(struct capacity_node, first)},
    {"last", FIELD_TIME, offsetof(struct capacity_node, last)},
    {"coverage_permille", FIELD_NUMBER,
	offsetof(struct capacity_node, coverage_permille)},
    {"usual_gap_permille", FIELD_NUMBER,
	offsetof(struct capacity_node, usual_gap_permille)},
    {"lost", FIELD_NUMBER, offsetof(struct capacity_node, lost)},
    {"unanswered", FIELD_NUMBER, offsetof(struct capacity_node, unanswered)},
    {"starts", FIELD_NUMBER, offsetof(struct capacity_node, starts)},
    {"checked", FIELD_NUMBER, offsetof(struct capacity_node, checked)},
    {"median", FIELD_NUMBER, offsetof(struct capacity_node, median)},
    {"far_permille", FIELD_NUMBER,
	offsetof(struct capacity_node, far_permille)},
    {"buckets", FIELD_NUMBER, offsetof(struct capacity_node, buckets)},
    {"buckets_off", FIELD_NUMBER, offsetof(struct capacity_node, buckets_off)},
    {"peak", FIELD_NUMBER, offsetof(struct capacity_node, peak)},
    {"hosting_peak", FIELD_NUMBER,
	offsetof(struct capacity_node, hosting_peak)},
    {"demonstrated", FIELD_NUMBER,
	offsetof(struct capacity_node, demonstrated)},
    {"tickets", FIELD_NUMBER, offsetof(struct capacity_node, tickets)},
    {"cores", FIELD_NUMBER, offsetof(struct capacity_node, cores)},
    {"tickets_from", FIELD_STRING,
	offsetof(struct capacity_node, tickets_from)},
    {"drain_p95_s", FIELD_NUMBER, offsetof(struct capacity_node, drain_p95_s)},
    {"drain_most_s", FIELD_NUMBER,
	offsetof(struct capacity_node, drain_most_s)},
    {"hours", FIELD_LIST, offsetof(struct capacity_node, hours),
	.shape = &capacity_hour_shape},
    {"optimistic", FIELD_STRUCT, offsetof(struct capacity_node, optimistic),
	.shape = &capacity_replay_shape},
    {"pessimistic", FIELD_STRUCT, offsetof(struct capacity_node, pessimistic),
	.shape = &capacity_replay_shape},
    {0},
};
const struct shape capacity_node_shape = {
    "capacity-node", sizeof(struct capacity_node), capacity_node_fields};

static const struct field capacity_window_fields[] = {
    {"at", FIELD_STRING, offsetof(struct capacity_window, at), .must = true},
    {"proposed", FIELD_FLAG, offsetof(struct capacity_window, proposed)},
    {"next", FIELD_TIME, offsetof(struct capacity_window, next)},
    {"weeks", FIELD_NUMBER, offsetof(struct capacity_window, weeks)},
    {"use_permille", FIELD_NUMBER,
	offsetof(struct capacity_window, use_permille)},
    {"low_permille", FIELD_NUMBER,
	offsetof(struct capacity_window, low_permille)},
    {"high_permille", FIELD_NUMBER,
	offsetof(struct capacity_window, high_permille)},
    {"state", FIELD_CHOICE, offsetof(struct capacity_window, state),
	.choices = capacity_state_names},
    {"order", FIELD_STRINGS, offsetof(struct capacity_window, order)},
    {"optimistic", FIELD_STRUCT, offsetof(struct capacity_window, optimistic),
	.shape = &capacity_replay_shape},
    {"pessimistic", FIELD_STRUCT, offsetof(struct capacity_window, pessimistic),
	.shape = &capacity_replay_shape},
    {"helped", FIELD_FLAG, offsetof(struct capacity_window, helped)},
    {"temporary_tickets", FIELD_NUMBER,
	offsetof(struct capacity_window, temporary_tickets)},
    {0},
};
const struct shape capacity_window_shape = {
    "capacity-window", sizeof(struct capacity_window), capacity_window_fields};

static const struct field capacity_use_fields[] = {
    {"hour", FIELD_NUMBER, offsetof(struct capacity_use, hour)},
    {"permille", FIELD_NUMBER, offsetof(struct capacity_use, permille)},
    {0},
};
const struct shape capacity_use_shape = {
    "capacity-use", sizeof(struct capacity_use), capacity_use_fields};

static const struct field capacity_absence_fields[] = {
    {"node", FIELD_STRING, offsetof(struct capacity_absence, node)},
    {"from", FIELD_TIME, offsetof(struct capacity_absence, from)},
    {"until", FIELD_TIME, offsetof(struct capacity_absence, until)},
    {"predicted", FIELD_NUMBER, offsetof(struct capacity_absence, predicted)},
    {"seen", FIELD_NUMBER, offsetof(struct capacity_absence, seen)},
    {0},
};
const struct shape capacity_absence_shape = {"capacity-absence",
    sizeof(struct capacity_absence), capacity_absence_fields};

static const struct field capacity_class_fields[] = {
    {"name", FIELD_STRING, offsetof(struct capacity_class, name)},
    {"requests", FIELD_NUMBER, offsetof(struct capacity_class, requests)},
    {"p50_ms", FIELD_NUMBER, offsetof(struct capacity_class, p50_ms)},
    {"p95_ms", FIELD_NUMBER, offsetof(struct capacity_class, p95_ms)},
    {"most_ms", FIELD_NUMBER, offsetof(struct capacity_class, most_ms)},
    {0},
};
const struct shape capacity_class_shape = {
    "capacity-class", sizeof(struct capacity_class), capacity_class_fields};

static const struct field capacity_fields[] = {
    {"made_by", FIELD_STRING, offsetof(struct capacity, made_by)},
    {"zone", FIELD_STRING, offsetof(struct capacity, zone)},
    {"balance", FIELD_STRING, offsetof(struct capacity, balance)},
    {"from", FIELD_TIME, offsetof(struct capacity, from)},
    {"until", FIELD_TIME, offsetof(struct capacity, until)},
    {"days", FIELD_NUMBER, offsetof(struct capacity, days)},
    {"read_at", FIELD_TIME, offsetof(struct capacity, read_at)},
    {"bytes", FIELD_NUMBER, offsetof(struct capacity, bytes)},
    {"lines", FIELD_NUMBER, offsetof(struct capacity, lines)},
    {"requests", FIELD_NUMBER, offsetof(struct capacity, requests)},
    {"repeated", FIELD_NUMBER, offsetof(struct capacity, repeated)},
    {"left_out", FIELD_NUMBER, offsetof(struct capacity, left_out)},
    {"compared", FIELD_NUMBER, offsetof(struct capacity, compared)},
    {"state", FIELD_CHOICE, offsetof(struct capacity, state),
	.choices = capacity_state_names},
    {"reasons", FIELD_STRINGS, offsetof(struct capacity, reasons)},
    {"window", FIELD_STRING, offsetof(struct capacity, window)},
    {"step_s", FIELD_NUMBER, offsetof(struct capacity, step_s)},
    {"drain_s", FIELD_NUMBER, offsetof(struct capacity, drain_s)},
    {"step_from", FIELD_STRING, offsetof(struct capacity, step_from)},
    {"waited_before", FIELD_NUMBER, offsetof(struct capacity, waited_before)},
    {"busiest_hour", FIELD_TIME, offsetof(struct capacity, busiest_hour)},
    {"busiest_requests", FIELD_NUMBER,
	offsetof(struct capacity, busiest_requests)},
    {"erlang_wait_ms", FIELD_NUMBER, offsetof(struct capacity, erlang_wait_ms)},
    {"cache_hits", FIELD_NUMBER, offsetof(struct capacity, cache_hits)},
    {"cache_misses", FIELD_NUMBER, offsetof(struct capacity, cache_misses)},
    {"nodes", FIELD_LIST, offsetof(struct capacity, nodes),
	.shape = &capacity_node_shape},
    {"windows", FIELD_LIST, offsetof(struct capacity, windows),
	.shape = &capacity_window_shape},
    {"heat", FIELD_LIST, offsetof(struct capacity, heat),
	.shape = &capacity_use_shape},
    {"absences", FIELD_LIST, offsetof(struct capacity, absences),
	.shape = &capacity_absence_shape},
    {"classes", FIELD_LIST, offsetof(struct capacity, classes),
	.shape = &capacity_class_shape},
    {"users", FIELD_LIST, offsetof(struct capacity, users),
	.shape = &capacity_count_shape},
    {"repositories", FIELD_LIST, offsetof(struct capacity, repositories),
	.shape = &capacity_count_shape},
    {"clients", FIELD_LIST, offsetof(struct capacity, clients),
	.shape = &capacity_count_shape},
    {"odd", FIELD_LIST, offsetof(struct capacity, odd),
	.shape = &capacity_count_shape},
    {"lost", FIELD_STRINGS, offsetof(struct capacity, lost)},
    {0},
};
const struct shape capacity_shape = {
    "capacity", sizeof(struct capacity), capacity_fields};

void capacity_clear(struct capacity *c)
{
	shape_clear(&capacity_shape, c);
}
