/* Which files were read, and what is wrong with them. */
#include "audit/logs/telling.h"

static gint by_offset(gconstpointer a, gconstpointer b)
{
	const struct span *one = a, *two = b;

	return one->offset > two->offset   ? 1
	       : one->offset < two->offset ? -1
					   : 0;
}

/* The clock may have gone back between two parts, too. */
static uint64_t went_back(const struct file_found *f)
{
	uint64_t times = f->backwards;

	if (!f->spans)
		return times;
	g_array_sort(f->spans, by_offset);
	for (guint i = 1; i < f->spans->len; i++) {
		const struct span *before =
		    &g_array_index(f->spans, struct span, i - 1);
		const struct span *span =
		    &g_array_index(f->spans, struct span, i);
		times += span->first_s < before->last_s - 1800;
	}
	return times;
}

static void tell_file(struct telling *t, guint at)
{
	const struct log_input *i = g_ptr_array_index(t->inputs->list, at);
	const struct file_found *found = &t->found->files[at];
	struct logs_file *f = shape_add(&logs_file_shape, &t->out->files);
	struct logs *l = t->out;

	f->path = log_input_name(i);
	f->node = g_strdup(i->node);
	f->kind = g_strdup(
	    log_kind_names[found->kind ? found->kind - 1 : (int)i->kind]);
	f->bytes = number_of((int64_t)found->bytes);
	f->lines = number_of((int64_t)found->lines);
	f->entries = number_of((int64_t)found->entries);
	f->first = telling_utc(t, found->first_s);
	f->last = telling_utc(t, found->last_s);
	f->orphan_lines = telling_some(found->orphans);
	f->cut_lines = telling_some(found->long_lines);
	f->cut_entries = telling_some(found->cut_entries);
	f->binary_lines = telling_some(found->binary);
	f->undated_entries = telling_some(found->no_stamp);
	f->clock_went_back = telling_some(went_back(found));
	if (found->unfinished)
		f->unfinished = flag_of(true);
	if (i->anew)
		f->anew = flag_of(true);
	f->lost = g_strdup(i->lost);

	l->files_lost.value += i->lost != NULL;
	l->bytes.value += f->bytes.value;
	l->lines.value += f->lines.value;
	l->entries.value += f->entries.value;
	if (f->first.known &&
	    (!l->from.known || f->first.value < l->from.value))
		l->from = f->first;
	if (f->last.known &&
	    (!l->until.known || f->last.value > l->until.value))
		l->until = f->last;
}

void tell_all_files(struct telling *t)
{
	struct logs *l = t->out;

	l->bytes = l->lines = l->entries = l->files_lost = number_of(0);
	for (guint i = 0; i < t->inputs->list->len; i++)
		tell_file(t, i);
	for (guint i = 0; i < t->inputs->lost->len; i++)
		strings_add(&l->lost, g_ptr_array_index(t->inputs->lost, i));
	l->files_lost.value += t->inputs->lost->len;
	l->passed_over = telling_some(t->inputs->passed_over);
}
