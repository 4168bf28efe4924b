#include "contract/assertion.h"

const char *const asserted_part_names[] = {
    "home", "database", "data-store", "mesh-node", NULL};

#define AT(member) offsetof(struct asserted_point, member)
static const struct field point_fields[] = {
    {"part", FIELD_CHOICE, AT(part), .choices = asserted_part_names,
	.must = true},
    {"id", FIELD_STRING, AT(id), .must = true},
    {"at", FIELD_TIME, AT(at), .must = true},
    {"until", FIELD_TIME, AT(until)},
    {"place", FIELD_STRING, AT(place), .must = true},
    {"resource", FIELD_STRING, AT(resource)},
    {"encrypted", FIELD_FLAG, AT(encrypted)},
    {"bytes", FIELD_NUMBER, AT(bytes)},
    {0},
};
#undef AT
const struct shape asserted_point_shape = {
    "asserted_point", sizeof(struct asserted_point), point_fields};

#define AT(member) offsetof(struct assertion, member)
static const struct field assertion_fields[] = {
    {"provider", FIELD_STRING, AT(provider), .must = true},
    {"points", FIELD_LIST, AT(points), .shape = &asserted_point_shape,
	.must = true},
    {"restore_tested_at", FIELD_TIME, AT(restore_tested_at)},
    {"server_id", FIELD_STRING, AT(server_id)},
    {"version", FIELD_STRING, AT(version)},
    {"unproved", FIELD_STRINGS, AT(unproved)},
    {0},
};
#undef AT
const struct shape assertion_shape = {
    "assertion", sizeof(struct assertion), assertion_fields};

void assertion_clear(struct assertion *a)
{
	shape_clear(&assertion_shape, a);
}

bool assertion_has(const struct assertion *a, enum asserted_part part)
{
	for (guint i = 0; i < list_length(a->points); i++) {
		const struct asserted_point *p = a->points->pdata[i];
		if (p->part == (int)part)
			return true;
	}
	return false;
}

bool assertion_span(
    const struct assertion *a, bool database, int64_t *first, int64_t *last)
{
	*first = INT64_MAX;
	*last = INT64_MIN;
	for (guint i = 0; i < list_length(a->points); i++) {
		const struct asserted_point *p = a->points->pdata[i];
		if ((p->part == ASSERTED_DATABASE) != database)
			continue;
		*first = MIN(*first, p->at.value);
		*last =
		    MAX(*last, p->until.known ? p->until.value : p->at.value);
	}
	return *first != INT64_MAX;
}
