#include "audit/logs/hand.h"

#include "audit/logs/mask.h"

void hand_read(struct hand *h)
{
	const char *bytes = h->entry.bytes;

	if (h->read || !h->entry.headed)
		return;
	const char *stop = memchr(bytes, '\n', (size_t)(h->limit - bytes));
	size_t length = (size_t)((stop ? stop : h->limit) - bytes);
	head_read(h->kind, bytes, length, &h->entry.head);
	h->place.local_s = h->entry.head.local_s;
	h->read = true;
}

void hand_carry(struct hand *h)
{
	if (!h->open || h->carried)
		return;
	hand_read(h);
	struct head *head = &h->entry.head;
	size_t most = MIN(h->entry.length, (size_t)HEAD_MOST);
	memcpy(h->carry, h->entry.bytes, most);
	h->entry.bytes = h->carry;
	h->entry.length = most;
	/* A head line that does not fit tells less. */
	if (head->logger + head->logger_length > most)
		head->logger_length = 0;
	if (head->thread + head->thread_length > most)
		head->thread_length = 0;
	h->carried = true;
}

int32_t hand_slot(const struct hand *h, int32_t seconds)
{
	return h->place.local_s < 0 ? -1
				    : (int32_t)(h->place.local_s / seconds);
}

char *hand_sample(const struct hand *h, const char *line, size_t length)
{
	const struct log_entry *e = &h->entry;
	GString *out = g_string_new(NULL);
	size_t from = e->headed ? e->head.logger : 0;
	size_t shown = MIN(e->length, (size_t)SAMPLE_MOST);

	if (e->headed && e->head.level)
		g_string_append_printf(
		    out, "%s ", log_level_names[e->head.level]);
	if (line && !h->carried) {
		/* Of a hit further down its own line is shown, too. */
		const char *stop = memchr(e->bytes, '\n', shown);
		shown = stop ? (size_t)(stop - e->bytes) : shown;
	}
	if (!h->carried && shown > from)
		mask_private(out, e->bytes + from, shown - from);
	if (line && line != e->bytes) {
		g_string_append_c(out, '\n');
		mask_private(out, line, MIN(length, (size_t)SAMPLE_MOST / 2));
	}
	return g_string_free(out, FALSE);
}
