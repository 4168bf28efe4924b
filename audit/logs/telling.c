#include "audit/logs/telling.h"

struct number telling_utc(const struct telling *t, int64_t local_s)
{
	gint64 at = local_s;

	if (local_s < 0)
		return (struct number){0};
	gint interval =
	    g_time_zone_adjust_time(t->zone, G_TIME_TYPE_STANDARD, &at);
	return number_of(local_s - g_time_zone_get_offset(t->zone, interval));
}

struct number telling_some(uint64_t count)
{
	return count ? number_of((int64_t)count) : (struct number){0};
}

const char *telling_node(const struct telling *t, uint32_t node)
{
	return g_ptr_array_index(t->inputs->nodes, node);
}

/* ---- counts ---- */

void telling_nodes(
    const struct telling *t, const struct tally *when, GPtrArray **out)
{
	struct logs_count *last = NULL;
	uint32_t node = 0;

	for (guint i = 0; i < tally_length(when); i++) {
		const struct tally_cell *cell = tally_at(when, i);
		if (!last || cell->node != node) {
			last = shape_add(&logs_count_shape, out);
			last->node = g_strdup(telling_node(t, cell->node));
			last->count = number_of(0);
			node = cell->node;
		}
		last->count.value += (int64_t)cell->counts[0];
	}
}

void telling_slots(const struct telling *t, const struct tally *when,
    int64_t seconds, GPtrArray **out)
{
	for (guint i = 0; i < tally_length(when); i++) {
		const struct tally_cell *cell = tally_at(when, i);
		if (cell->slot < 0)
			continue;
		struct logs_slot *slot = shape_add(&logs_slot_shape, out);
		slot->node = g_strdup(telling_node(t, cell->node));
		slot->at = telling_utc(t, cell->slot * seconds);
		slot->count = number_of((int64_t)cell->counts[0]);
	}
}

void telling_samples(
    const struct telling *t, const struct occurrences *o, GPtrArray **out)
{
	for (int i = 0; i < SAMPLES && o->samples[i].text; i++) {
		const struct sample *from = &o->samples[i];
		const struct log_input *input =
		    g_ptr_array_index(t->inputs->list, from->place.input);
		struct logs_sample *s = shape_add(&logs_sample_shape, out);
		s->node = g_strdup(input->node);
		s->file = log_input_name(input);
		s->at = telling_utc(t, from->place.local_s);
		s->offset = number_of((int64_t)from->place.offset);
		s->text = g_strdup(from->text);
	}
}
