#include "audit/logs/entries.h"

#include "audit/logs/known.h"
#include "audit/logs/stamps.h"

struct hit {
	unsigned pattern;
	size_t end;
};

struct entries {
	bool unknown;
	patterns_tools *tools;
	fingerprinter *prints;
	known *known;
	GArray *hits;     /* struct hit, of the block at hand */
	size_t *last_end; /* by pattern, in the block at hand; 0: none */
	size_t patterns;

	struct hand hand;
	struct stamps stamps;
	const char *block;
	uint64_t offset; /* of the block */
};

entries *entries_new(const log_search *search, bool unknown)
{
	struct entries *e = g_new0(struct entries, 1);

	e->unknown = unknown;
	e->tools = patterns_tools_new(log_search_patterns(search));
	e->prints = fingerprinter_new();
	e->known = known_new(search, e->tools);
	e->hits = g_array_new(FALSE, FALSE, sizeof(struct hit));
	e->patterns = log_search_pattern_count(search);
	e->last_end = g_new0(size_t, e->patterns);
	return e;
}

void entries_free(entries *e)
{
	if (!e)
		return;
	known_free(e->known);
	patterns_tools_free(e->tools);
	fingerprinter_free(e->prints);
	g_array_unref(e->hits);
	g_free(e->last_end);
	g_free(e);
}

void entries_begin(entries *e, struct found *found, uint32_t input,
    uint32_t node, enum log_kind kind)
{
	struct hand *h = &e->hand;

	h->found = found;
	h->file = &found->files[input];
	h->input = input;
	h->node = node;
	h->kind = kind;
	h->open = h->carried = false;
	stamps_begin(&e->stamps);
}

bool entries_are_cut(const entries *e)
{
	return e->hand.carried;
}

void entries_end(entries *e, uint64_t from)
{
	e->hand.file->kind = e->hand.kind + 1;
	stamps_end(&e->stamps, e->hand.file, from);
}

/* ---- an entry ---- */

static void count_entry(entries *e, const char *line, size_t length)
{
	struct hand *h = &e->hand;
	struct tally *t = &h->found->entries;
	int32_t hour = stamps_hour(&e->stamps, h->file, h->kind, line, length);
	enum log_level level = head_level(h->kind, line, length);

	h->file->entries++;
	tally_add(t, h->node, hour, 0, 1);
	if (level >= LEVEL_WARN)
		tally_add(t, h->node, hour, level == LEVEL_ERROR ? 2 : 1, 1);
	h->entry.head.level = level;
}

static void open_entry(entries *e, const char *line, size_t length, bool headed)
{
	struct hand *h = &e->hand;

	h->entry = (struct log_entry){
	    .kind = h->kind, .headed = headed, .bytes = line};
	h->place = (struct place){
	    -1, h->input, e->offset + (uint64_t)(line - e->block)};
	h->open = true;
	h->read = h->known = h->carried = false;
	known_next_entry(e->known);
	if (headed)
		count_entry(e, line, length);
}

static void take_unknown(entries *e)
{
	struct hand *h = &e->hand;
	struct fingerprint print = fingerprint(e->prints, &h->entry);
	struct unknown *u = found_unknown(h->found, print.fine);

	u->coarse = print.coarse;
	u->levels |= 1u << h->entry.head.level;
	u->kinds |= 1u << h->kind;
	u->starting += log_entry_is_starting(&h->entry);
	occurrences_add(&u->seen, &h->place, h->node, hand_slot(h, 86400));
	if (occurrences_wants(&u->seen, &h->place))
		occurrences_sample(
		    &u->seen, &h->place, hand_sample(h, NULL, 0));
	if (g_hash_table_size(h->found->unknown) > 2 * UNKNOWN_MOST)
		found_prune(h->found);
}

/* CUT: it goes on in the next block. */
static void close_entry(entries *e, const char *end, bool cut)
{
	struct hand *h = &e->hand;
	bool errs = h->entry.head.level >= LEVEL_WARN &&
		    (h->kind == LOG_APP || h->kind == LOG_MESH);

	if (!h->open || h->carried)
		return;
	size_t length = (size_t)(end - h->entry.bytes);
	h->entry.length = MIN(length, (size_t)ENTRY_MOST);
	h->file->cut_entries += cut || length > ENTRY_MOST;
	known_close(e->known, h);
	if (!e->unknown || !h->entry.headed || !errs || h->known)
		return;
	hand_read(h);
	take_unknown(e);
}

/* ---- lines ---- */

/* Zeros that a crash left before a head are no part of it. */
static const char *behind_zeros(const char *line, const char *stop)
{
	while (line < stop && *line == '\0')
		line++;
	return line;
}

static void take_hits(
    entries *e, const char *text, const char *stop, guint *next)
{
	struct hand *h = &e->hand;
	size_t end = (size_t)(stop - e->block) + 1;

	for (; *next < e->hits->len; (*next)++) {
		const struct hit *hit =
		    &g_array_index(e->hits, struct hit, *next);
		if (hit->end > end)
			return;
		/* What is asked of the entry so far ends with this line. */
		if (!h->carried)
			h->entry.length = (size_t)(stop - h->entry.bytes);
		known_take(
		    e->known, h, hit->pattern, text, (size_t)(stop - text));
	}
}

static void take_line(
    entries *e, const char *line, const char *stop, bool binary, guint *next)
{
	struct hand *h = &e->hand;
	const char *text = binary ? behind_zeros(line, stop) : line;
	size_t length = (size_t)(stop - text);

	known_next_line(e->known);
	h->file->lines++;
	if (binary && memchr(line, '\0', (size_t)(stop - line)))
		h->file->binary++;
	if (head_is(h->kind, text, length)) {
		close_entry(e, line, false);
		open_entry(e, text, length, true);
	} else if (!h->open) {
		open_entry(e, text, length, false);
		h->file->orphans++;
	} else if (!h->entry.headed) {
		h->file->orphans++;
	}
	take_hits(e, text, stop, next);
}

/* ---- a block ---- */

static void note_hit(unsigned pattern, size_t end, void *user)
{
	struct entries *e = user;
	const struct hit hit = {pattern, end};
	size_t *last = &e->last_end[pattern];

	/* A pattern that ends all along a line has said it once. */
	if (*last && !memchr(e->block + *last - 1, '\n', end - *last)) {
		*last = end;
		return;
	}
	*last = end;
	g_array_append_val(e->hits, hit);
}

void entries_take(
    entries *e, const char *bytes, size_t length, uint64_t offset, bool cut)
{
	struct hand *h = &e->hand;
	const char *end = bytes + length;
	bool binary = memchr(bytes, '\0', length) != NULL;
	guint next = 0;

	e->block = bytes;
	e->offset = offset;
	h->limit = end;
	g_array_set_size(e->hits, 0);
	memset(e->last_end, 0, e->patterns * sizeof *e->last_end);
	patterns_scan(e->tools, bytes, length, note_hit, e);
	for (const char *line = bytes; line < end;) {
		const char *stop = memchr(line, '\n', (size_t)(end - line));
		if (!stop)
			h->file->unfinished = true;
		stop = stop ? stop : end;
		take_line(e, line, stop, binary, &next);
		line = stop + 1;
	}
	close_entry(e, end, cut);
	if (cut) {
		hand_carry(h);
		h->file->unfinished = false;
	} else {
		h->open = false;
	}
	h->file->bytes += length;
}
