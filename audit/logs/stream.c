#include "audit/logs/stream.h"

#include "audit/logs/entries.h"
#include "audit/logs/guess.h"

enum { SNIFFED = 65536 };

struct stream {
	entries *entries;
	char *buffer;
	size_t fill;

	struct found *found;
	uint32_t input, node;
	enum log_kind kind;
	uint64_t base; /* offset of the buffer's first byte */
	uint64_t from, to;
	bool begun; /* the first entry that it takes was found */
	bool given; /* the entries know of it */
	bool done, sniffed;
};

stream *stream_new(const log_search *search, bool unknown)
{
	struct stream *s = g_new0(struct stream, 1);

	s->entries = entries_new(search, unknown);
	s->buffer = g_malloc(STREAM_BYTES);
	return s;
}

void stream_free(stream *s)
{
	if (!s)
		return;
	entries_free(s->entries);
	g_free(s->buffer);
	g_free(s);
}

void stream_begin(stream *s, struct found *found, uint32_t input, uint32_t node,
    enum log_kind kind, uint64_t at, uint64_t from, uint64_t to)
{
	s->found = found;
	s->input = input;
	s->node = node;
	s->kind = kind;
	s->sniffed = kind != LOG_OTHER || at > 0;
	s->fill = 0;
	s->base = at;
	s->from = from;
	s->to = to;
	s->begun = from == 0;
	s->given = s->done = false;
}

static void drop(struct stream *s, size_t length)
{
	s->fill -= length;
	s->base += length;
	memmove(s->buffer, s->buffer + length, s->fill);
}

/* Entries are told of a log when its kind is known. */
static void give(struct stream *s)
{
	if (!s->given)
		entries_begin(s->entries, s->found, s->input, s->node, s->kind);
	s->given = true;
}

static void take_block(struct stream *s, size_t length, bool cut)
{
	give(s);
	entries_take(s->entries, s->buffer, length, s->base, cut);
	drop(s, length);
}

/* ---- where to cut ---- */

/* The first head whose offset is AT or more; `fill`: there is none yet.  ALL: a
 * line without an end is one, too, as nothing more comes. */
static size_t first_head(const struct stream *s, uint64_t at, bool all)
{
	const char *end = s->buffer + s->fill;
	const char *line = s->buffer;

	if (at > s->base) {
		/* A line begins behind a newline, maybe just before AT. */
		size_t before = (size_t)(at - s->base) - 1;
		if (before >= s->fill)
			return s->fill;
		line = memchr(s->buffer + before, '\n', s->fill - before);
		line = line ? line + 1 : end;
	}
	while (line < end) {
		const char *stop = memchr(line, '\n', (size_t)(end - line));
		if (!stop && !all)
			break;
		stop = stop ? stop : end;
		if (head_is(s->kind, line, (size_t)(stop - line)))
			return (size_t)(line - s->buffer);
		line = stop + 1;
	}
	return s->fill;
}

/* What is before the first head of a part is of the part before. */
static void find_begin(struct stream *s, bool all)
{
	size_t head = first_head(s, s->from, all);

	if (head < s->fill) {
		drop(s, head);
		s->begun = true;
		return;
	}
	const char *newline = memrchr(s->buffer, '\n', s->fill);
	/* The newline stays: behind it a line begins. */
	if (newline)
		drop(s, (size_t)(newline - s->buffer));
	else if (s->fill == STREAM_BYTES)
		drop(s, s->fill - 1);
	s->done = s->base >= s->to;
}

static void sniff(struct stream *s)
{
	if (s->sniffed)
		return;
	s->kind = log_kind_of_text(s->buffer, MIN(s->fill, (size_t)SNIFFED));
	s->sniffed = true;
}

static bool is_cut(const struct stream *s)
{
	return s->given && entries_are_cut(s->entries);
}

/* Takes what can be taken; ALL: nothing more comes. */
static void work(struct stream *s, bool all)
{
	sniff(s);
	if (!s->begun)
		find_begin(s, all);
	if (s->done || !s->begun)
		return;
	if (!is_cut(s) && s->base >= s->to) {
		s->done = true;
		return;
	}
	if (s->base + s->fill > s->to) {
		size_t head = first_head(s, s->to, all);
		if (head < s->fill) {
			if (head)
				take_block(s, head, false);
			s->done = true;
			return;
		}
	}
	if (all) {
		if (s->fill)
			take_block(s, s->fill, false);
		return;
	}
	if (s->fill < STREAM_BYTES)
		return;
	size_t head = head_last(s->kind, s->buffer, s->fill);
	if (head) {
		take_block(s, head, false);
		return;
	}
	const char *newline = memrchr(s->buffer, '\n', s->fill);
	s->found->files[s->input].long_lines += !newline;
	take_block(
	    s, newline ? (size_t)(newline - s->buffer) + 1 : s->fill, true);
}

char *stream_room(stream *s, size_t *room)
{
	*room = STREAM_BYTES - s->fill;
	return s->buffer + s->fill;
}

void stream_filled(stream *s, size_t length)
{
	s->fill += length;
	if (s->fill == STREAM_BYTES || s->base + s->fill > s->to)
		work(s, false);
}

void stream_add(stream *s, const char *bytes, size_t length)
{
	while (length > 0 && !s->done) {
		size_t room;
		char *to = stream_room(s, &room);
		size_t most = MIN(room, length);
		memcpy(to, bytes, most);
		stream_filled(s, most);
		bytes += most;
		length -= most;
	}
}

bool stream_is_done(const stream *s)
{
	return s->done;
}

void stream_end(stream *s)
{
	while (!s->done && s->fill > 0) {
		size_t before = s->fill;
		work(s, true);
		if (!s->begun || s->fill == before)
			break;
	}
	give(s);
	entries_end(s->entries, s->from);
}
