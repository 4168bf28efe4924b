#include "audit/logs/mark.h"

#include <fcntl.h>
#include <unistd.h>

#include "audit/logs/guess.h"
#include "base/hash.h"

enum {
	HEAD_BYTES = 4096, /* that a file is known by */
	LOOKED_AT = 64 << 10,
	TAIL_MOST = 1 << 20 /* that the last entry is looked for in */
};

void mark_clear(struct mark *m)
{
	g_free(m->head);
	g_free(m->name);
	g_free(m->nodes);
}

/* ---- marks as bytes ---- */

void mark_write(GByteArray *out, const struct mark *m)
{
	const uint64_t numbers[] = {m->device, m->inode, m->bytes, m->mtime_ns,
	    m->cut, m->head_length, m->kind, m->settled_length, m->rest_length};
	const char *texts[] = {m->head ? m->head : "", m->name, m->nodes};

	for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++)
		pickle_number(out, numbers[i]);
	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
		pickle_text(out, texts[i], strlen(texts[i]));
}

void mark_read(struct pickle_reader *r, struct mark *m)
{
	uint64_t *const numbers[] = {&m->device, &m->inode, &m->bytes,
	    &m->mtime_ns, &m->cut, &m->head_length, &m->kind,
	    &m->settled_length, &m->rest_length};
	char **const texts[] = {&m->head, &m->name, &m->nodes};

	for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++)
		*numbers[i] = unpickle_number(r);
	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
		*texts[i] = unpickle_text(r);
	if (!*m->head)
		g_clear_pointer(&m->head, g_free);
}

bool mark_bytes(int fd, void *to, size_t length, uint64_t at)
{
	ssize_t got = pread(fd, to, length, (off_t)at);

	return got >= 0 && (size_t)got == length;
}

void mark_look(const struct log_input *i, struct mark *m)
{
	g_autofree char *bytes = g_malloc(TAIL_MOST);
	int fd = open(i->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	ssize_t got = fd < 0 ? -1 : pread(fd, bytes, LOOKED_AT, 0);

	if (got >= 0 && log_wrap_of(bytes, (size_t)got) == WRAP_PLAIN) {
		m->kind = i->kind == LOG_OTHER
			      ? log_kind_of_text(bytes, (size_t)got)
			      : i->kind;
		m->head_length =
		    MIN(MIN((uint64_t)got, (uint64_t)HEAD_BYTES), i->bytes);
		m->head = hash_hex(bytes, m->head_length);
		uint64_t from = i->bytes > TAIL_MOST ? i->bytes - TAIL_MOST : 0;
		got = pread(fd, bytes, (size_t)(i->bytes - from), (off_t)from);
		m->cut = got > 0 ? from + head_last((enum log_kind)m->kind,
					      bytes, (size_t)got)
				 : 0;
		/* None there: how far it is settled can't be said. */
		m->cut = m->cut > from ? m->cut : 0;
	}
	if (fd >= 0)
		close(fd);
}

bool mark_has_grown(
    const struct log_input *i, const struct mark *old, const struct mark *now)
{
	if (!old->head || !now->head || now->bytes < old->bytes ||
	    now->kind != old->kind || old->cut == 0)
		return false;
	if (old->head_length == now->head_length)
		return g_str_equal(old->head, now->head);
	/* It was shorter than what a file is known by. */
	char bytes[HEAD_BYTES];
	int fd = open(i->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	bool good = fd >= 0 && old->head_length <= HEAD_BYTES &&
		    mark_bytes(fd, bytes, old->head_length, 0);
	if (fd >= 0)
		close(fd);
	g_autofree char *head = good ? hash_hex(bytes, old->head_length) : NULL;
	return g_strcmp0(head, old->head) == 0;
}

bool mark_is_same(const struct mark *old, const struct mark *now)
{
	return old->bytes == now->bytes && old->mtime_ns == now->mtime_ns &&
	       g_str_equal(old->nodes, now->nodes);
}
