#include "audit/logs/stream.h"

#include "audit/logs/guess.h"
#include "audit/logs/mask.h"

enum { HEAD_MOST = 4096, MINUTE = 16, BACKWARDS_S = 1800, SNIFFED = 65536 };

struct hit {
	unsigned pattern;
	size_t end;
};

struct stream {
	const log_search *search;
	unsigned rules;
	bool unknown;
	patterns_tools *tools;
	fingerprinter *prints;
	char *buffer;
	size_t fill;
	GArray *hits; /* struct hit, of the block at hand */
	uint64_t *last_line, *last_entry, *pending; /* by rule: serials */
	GArray *events; /* unsigned: rules to be asked of the whole entry */
	uint64_t line_serial, entry_serial;
	size_t *last_end; /* by pattern, in the block at hand; 0: none */
	size_t patterns;

	struct found *found;
	struct file_found *file;
	uint32_t input, node;
	enum log_kind kind;
	uint64_t base; /* offset of the buffer's first byte */
	uint64_t from, to;
	bool begun, done, sniffed;

	/* the entry at hand */
	struct log_entry entry;
	struct place place;
	bool open, read, known;
	bool carried;          /* it began in an earlier block */
	char carry[HEAD_MOST]; /* then its head */

	/* the clock */
	char minute[MINUTE];
	int64_t minute_s; /* -1: none */
	int64_t first_s, previous_s;
};

stream *stream_new(const log_search *search, bool unknown)
{
	struct stream *s = g_new0(struct stream, 1);

	s->search = search;
	s->rules = log_search_length(search);
	s->unknown = unknown;
	s->tools = patterns_tools_new(log_search_patterns(search));
	s->prints = fingerprinter_new();
	s->buffer = g_malloc(STREAM_BYTES);
	s->hits = g_array_new(FALSE, FALSE, sizeof(struct hit));
	s->events = g_array_new(FALSE, FALSE, sizeof(unsigned));
	s->last_line = g_new0(uint64_t, s->rules + 1);
	s->last_entry = g_new0(uint64_t, s->rules + 1);
	s->pending = g_new0(uint64_t, s->rules + 1);
	s->patterns = log_search_pattern_count(search);
	s->last_end = g_new0(size_t, s->patterns);
	return s;
}

void stream_free(stream *s)
{
	if (!s)
		return;
	patterns_tools_free(s->tools);
	fingerprinter_free(s->prints);
	g_array_unref(s->hits);
	g_array_unref(s->events);
	g_free(s->buffer);
	g_free(s->last_line);
	g_free(s->last_entry);
	g_free(s->pending);
	g_free(s->last_end);
	g_free(s);
}

void stream_begin(stream *s, struct found *found, uint32_t input, uint32_t node,
    enum log_kind kind, uint64_t at, uint64_t from, uint64_t to)
{
	s->found = found;
	s->file = &found->files[input];
	s->input = input;
	s->node = node;
	s->kind = kind;
	s->sniffed = kind != LOG_OTHER || at > 0;
	s->fill = 0;
	s->base = at;
	s->from = from;
	s->to = to;
	s->begun = from == 0;
	s->done = s->open = s->carried = false;
	s->minute_s = s->first_s = s->previous_s = -1;
}

/* ---- the clock ---- */

static void see_time(struct stream *s, int64_t local_s)
{
	struct file_found *f = s->file;

	if (s->first_s < 0)
		s->first_s = local_s;
	if (s->previous_s >= 0 && local_s < s->previous_s - BACKWARDS_S)
		f->backwards++;
	s->previous_s = local_s;
	if (f->first_s < 0 || local_s < f->first_s)
		f->first_s = local_s;
	f->last_s = MAX(f->last_s, local_s);
}

static bool has_stamps(enum log_kind kind)
{
	return kind != LOG_AUDIT && kind != LOG_LAUNCHER && kind != LOG_OTHER;
}

/* The hour of a head; its stamp is only read when the minute is another. */
static int32_t hour_of(struct stream *s, const char *line, size_t length)
{
	size_t at =
	    has_stamps(s->kind) ? head_stamp_at(s->kind, line, length) : length;

	if (at + MINUTE + 3 > length) {
		s->file->no_stamp += has_stamps(s->kind);
		return -1;
	}
	const char *stamp = line + at;
	if (s->minute_s < 0 || memcmp(stamp, s->minute, MINUTE) != 0) {
		memcpy(s->minute, stamp, MINUTE);
		s->minute_s = head_stamp(s->kind, line, length);
		if (s->minute_s >= 0)
			s->minute_s -= s->minute_s % 60;
	}
	if (s->minute_s < 0) {
		s->file->no_stamp++;
		return -1;
	}
	/* ":05,118" */
	see_time(s, s->minute_s + (stamp[17] - '0') * 10 + stamp[18] - '0');
	return (int32_t)(s->minute_s / 3600);
}

/* ---- an entry ---- */

static void count_entry(struct stream *s, const char *line, size_t length)
{
	struct tally *t = &s->found->entries;
	int32_t hour = hour_of(s, line, length);
	enum log_level level = head_level(s->kind, line, length);

	s->file->entries++;
	tally_add(t, s->node, hour, 0, 1);
	if (level >= LEVEL_WARN)
		tally_add(t, s->node, hour, level == LEVEL_ERROR ? 2 : 1, 1);
	s->entry.head.level = level;
}

static void open_entry(
    struct stream *s, const char *line, size_t length, bool headed)
{
	s->entry = (struct log_entry){
	    .kind = s->kind, .headed = headed, .bytes = line};
	s->place = (struct place){
	    -1, s->input, s->base + (uint64_t)(line - s->buffer)};
	s->entry_serial++;
	s->open = true;
	s->read = s->known = s->carried = false;
	g_array_set_size(s->events, 0);
	if (headed)
		count_entry(s, line, length);
}

/* Reads the head of the entry at hand, when somebody wants to know it. */
static void read_head(struct stream *s)
{
	const char *bytes = s->entry.bytes;
	const char *limit = s->buffer + s->fill;

	if (s->read || !s->entry.headed)
		return;
	const char *stop = memchr(bytes, '\n', (size_t)(limit - bytes));
	size_t length = (size_t)((stop ? stop : limit) - bytes);
	head_read(s->kind, bytes, length, &s->entry.head);
	s->place.local_s = s->entry.head.local_s;
	s->read = true;
}

static int32_t slot_of(const struct stream *s, int32_t seconds)
{
	return s->place.local_s < 0 ? -1
				    : (int32_t)(s->place.local_s / seconds);
}

/* ---- samples ---- */

/* Gives the entry's first lines, and the line that was hit. */
static char *sample(const struct stream *s, const char *line, size_t length)
{
	const struct log_entry *e = &s->entry;
	GString *out = g_string_new(NULL);
	size_t from = e->headed ? e->head.logger : 0;
	size_t shown = MIN(e->length, (size_t)SAMPLE_MOST);

	if (e->headed && e->head.level)
		g_string_append_printf(
		    out, "%s ", log_level_names[e->head.level]);
	if (line && !s->carried) {
		/* Of a hit further down its own line is shown, too. */
		const char *stop = memchr(e->bytes, '\n', shown);
		shown = stop ? (size_t)(stop - e->bytes) : shown;
	}
	if (!s->carried && shown > from)
		mask_private(out, e->bytes + from, shown - from);
	if (line && line != e->bytes) {
		g_string_append_c(out, '\n');
		mask_private(out, line, MIN(length, (size_t)SAMPLE_MOST / 2));
	}
	return g_string_free(out, FALSE);
}

/* ---- known problems ---- */

static void count_hit(
    struct stream *s, unsigned rule, const char *line, size_t length)
{
	const struct log_rule *r = log_search_rule(s->search, rule);
	struct hits *h = &s->found->hits[rule];

	h->seen.lines++;
	if (r->sense == SENSE_TROUBLE)
		s->known = true;
	if (s->last_entry[rule] == s->entry_serial)
		return;
	s->last_entry[rule] = s->entry_serial;
	occurrences_add(&h->seen, &s->place, s->node, slot_of(s, 3600));
	if (r->per_s)
		tally_add(&h->minutes, 0, slot_of(s, 60), 0, 1);
	if (occurrences_wants(&h->seen, &s->place))
		occurrences_sample(
		    &h->seen, &s->place, sample(s, line, length));
}

static void ask(
    struct stream *s, unsigned rule, const char *line, size_t length)
{
	enum pattern_answer answer = log_search_takes(
	    s->search, s->tools, rule, &s->entry, line, length);

	if (answer == PATTERN_YES)
		count_hit(s, rule, line, length);
	else if (answer == PATTERN_UNDECIDED)
		s->found->hits[rule].undecided++;
}

/* "BuildInfoLogger Bitbucket 9.2.1 has shut down", "Starting Bitbucket 9.2.1"
 * docs/sources.md#logs */
static void take_milestone(struct stream *s, const char *line, size_t length)
{
	struct milestone m = {.place = s->place, .node = s->node};
	const char *name = memmem(line, length, "Bitbucket ", 10);
	bool stop = memmem(line, length, " has shut down", 14);

	if (!name || line != s->entry.bytes ||
	    (!stop && !memmem(line, length, "Starting ", 9)))
		return;
	m.kind = stop ? MILESTONE_STOP : MILESTONE_START;
	name += 10;
	for (size_t i = 0;
	     i + 1 < sizeof m.version && name + i < line + length &&
	     (g_ascii_isdigit(name[i]) || name[i] == '.');
	     i++)
		m.version[i] = name[i];
	g_array_append_val(s->found->milestones, m);
}

static void take_hit(
    struct stream *s, unsigned rule, const char *line, size_t length)
{
	if (s->last_line[rule] == s->line_serial)
		return;
	s->last_line[rule] = s->line_serial;
	read_head(s);
	if (rule == s->rules) {
		take_milestone(s, line, length);
		return;
	}
	const struct log_rule *r = log_search_rule(s->search, rule);
	if (!(r->kinds & (1u << s->kind)) || r->sense == SENSE_UNCLEAN_START)
		return;
	if (!r->event) {
		ask(s, rule, line, length);
	} else if (s->pending[rule] != s->entry_serial && !s->carried) {
		s->pending[rule] = s->entry_serial;
		g_array_append_val(s->events, rule);
	}
}

/* ---- the end of an entry ---- */

static void take_unknown(struct stream *s)
{
	struct fingerprint print = fingerprint(s->prints, &s->entry);
	struct unknown *u = found_unknown(s->found, print.fine);

	u->coarse = print.coarse;
	u->levels |= 1u << s->entry.head.level;
	u->kinds |= 1u << s->kind;
	u->starting += log_entry_is_starting(&s->entry);
	occurrences_add(&u->seen, &s->place, s->node, slot_of(s, 86400));
	if (occurrences_wants(&u->seen, &s->place))
		occurrences_sample(&u->seen, &s->place, sample(s, NULL, 0));
	if (g_hash_table_size(s->found->unknown) > 2 * UNKNOWN_MOST)
		found_prune(s->found);
}

/* Rules that only PCRE2 can tell of. */
static void ask_alone(struct stream *s)
{
	const GArray *alone = log_search_alone(s->search);

	for (guint i = 0; i < alone->len; i++) {
		unsigned rule = g_array_index(alone, unsigned, i);
		const struct log_rule *r = log_search_rule(s->search, rule);
		if (!(r->kinds & (1u << s->kind)))
			continue;
		read_head(s);
		enum pattern_answer answer = log_search_takes_entry(
		    s->search, s->tools, rule, &s->entry);
		if (answer == PATTERN_YES)
			count_hit(s, rule, s->entry.bytes, s->entry.length);
		else if (answer == PATTERN_UNDECIDED)
			s->found->hits[rule].undecided++;
	}
}

/* CUT: it goes on in the next block. */
static void close_entry(struct stream *s, const char *end, bool cut)
{
	bool errs = s->entry.head.level >= LEVEL_WARN &&
		    (s->kind == LOG_APP || s->kind == LOG_MESH);

	if (!s->open || s->carried)
		return;
	size_t length = (size_t)(end - s->entry.bytes);
	s->entry.length = MIN(length, (size_t)ENTRY_MOST);
	s->file->cut_entries += cut || length > ENTRY_MOST;
	for (guint i = 0; i < s->events->len; i++)
		ask(s, g_array_index(s->events, unsigned, i), s->entry.bytes,
		    s->entry.length);
	ask_alone(s);
	if (!s->unknown || !s->entry.headed || !errs || s->known)
		return;
	read_head(s);
	take_unknown(s);
}

/* ---- a block ---- */

static void note_hit(unsigned pattern, size_t end, void *user)
{
	struct stream *s = user;
	const struct hit hit = {pattern, end};
	size_t *last = &s->last_end[pattern];

	/* A pattern that ends all along a line has said it once. */
	if (*last && !memchr(s->buffer + *last - 1, '\n', end - *last)) {
		*last = end;
		return;
	}
	*last = end;
	g_array_append_val(s->hits, hit);
}

/* Zeros that a crash left before a head are no part of it. */
static const char *behind_zeros(const char *line, const char *stop)
{
	while (line < stop && *line == '\0')
		line++;
	return line;
}

static void take_line(struct stream *s, const char *line, const char *stop,
    bool binary, guint *next)
{
	const char *text = binary ? behind_zeros(line, stop) : line;
	size_t length = (size_t)(stop - text);
	size_t end = (size_t)(stop - s->buffer) + 1;

	s->line_serial++;
	s->file->lines++;
	if (binary && memchr(line, '\0', (size_t)(stop - line)))
		s->file->binary++;
	if (head_is(s->kind, text, length)) {
		close_entry(s, line, false);
		open_entry(s, text, length, true);
	} else if (!s->open) {
		open_entry(s, text, length, false);
		s->file->orphans++;
	} else if (!s->entry.headed) {
		s->file->orphans++;
	}
	for (; *next < s->hits->len; (*next)++) {
		const struct hit *hit =
		    &g_array_index(s->hits, struct hit, *next);
		if (hit->end > end)
			return;
		/* What is asked of the entry so far ends with this line. */
		if (!s->carried)
			s->entry.length = (size_t)(stop - s->entry.bytes);
		take_hit(s, log_search_rule_of(s->search, hit->pattern), text,
		    length);
	}
}

/* The head of an entry that goes on in the next block. */
static void carry(struct stream *s)
{
	if (!s->open || s->carried)
		return;
	read_head(s);
	size_t most = MIN(s->entry.length, (size_t)HEAD_MOST);
	memcpy(s->carry, s->entry.bytes, most);
	s->entry.bytes = s->carry;
	s->entry.length = most;
	/* A head line that does not fit tells less. */
	if (s->entry.head.logger + s->entry.head.logger_length > most)
		s->entry.head.logger_length = 0;
	if (s->entry.head.thread + s->entry.head.thread_length > most)
		s->entry.head.thread_length = 0;
	s->carried = true;
}

/* Takes the first LENGTH bytes; CUT: the last entry goes on behind them. */
static void take_block(struct stream *s, size_t length, bool cut)
{
	const char *end = s->buffer + length;
	bool binary = memchr(s->buffer, '\0', length) != NULL;
	guint next = 0;

	g_array_set_size(s->hits, 0);
	memset(s->last_end, 0, s->patterns * sizeof *s->last_end);
	patterns_scan(s->tools, s->buffer, length, note_hit, s);
	for (const char *line = s->buffer; line < end;) {
		const char *stop = memchr(line, '\n', (size_t)(end - line));
		if (!stop)
			s->file->unfinished = true;
		stop = stop ? stop : end;
		take_line(s, line, stop, binary, &next);
		line = stop + 1;
	}
	close_entry(s, end, cut);
	if (cut) {
		carry(s);
		s->file->unfinished = false;
	} else {
		s->open = false;
	}
	s->file->bytes += length;
	s->fill -= length;
	s->base += length;
	memmove(s->buffer, s->buffer + length, s->fill);
}

/* ---- where to cut ---- */

/* The last head behind the first byte; 0: there is none. */
static size_t last_head(const struct stream *s)
{
	const char *end = s->buffer + s->fill;

	for (const char *line; end > s->buffer; end = line) {
		line = memrchr(s->buffer, '\n', (size_t)(end - s->buffer));
		if (!line)
			return 0;
		const char *head = line + 1;
		const char *stop =
		    memchr(head, '\n', s->fill - (size_t)(head - s->buffer));
		const char *limit = stop ? stop : s->buffer + s->fill;
		if (head < limit &&
		    head_is(s->kind, head, (size_t)(limit - head)))
			return (size_t)(head - s->buffer);
	}
	return 0;
}

/* The first head whose offset is AT or more; `fill`: there is none yet. */
static size_t first_head(const struct stream *s, uint64_t at)
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
		if (!stop)
			break;
		if (head_is(s->kind, line, (size_t)(stop - line)))
			return (size_t)(line - s->buffer);
		line = stop + 1;
	}
	return s->fill;
}

static void drop(struct stream *s, size_t length)
{
	s->fill -= length;
	s->base += length;
	memmove(s->buffer, s->buffer + length, s->fill);
}

/* What is before the first head of a part is of the part before. */
static void find_begin(struct stream *s)
{
	size_t head = first_head(s, s->from);

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

/* Takes what can be taken; ALL: nothing more comes. */
static void work(struct stream *s, bool all)
{
	sniff(s);
	if (!s->begun)
		find_begin(s);
	if (s->done || !s->begun)
		return;
	if (!s->carried && s->base >= s->to) {
		s->done = true;
		return;
	}
	if (s->base + s->fill > s->to) {
		size_t head = first_head(s, s->to);
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
	size_t head = last_head(s);
	if (head) {
		take_block(s, head, false);
		return;
	}
	const char *newline = memrchr(s->buffer, '\n', s->fill);
	s->file->long_lines += !newline;
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
	struct file_found *f = s->file;
	const struct span span = {s->from, s->first_s, s->previous_s};
	f->kind = s->kind + 1;
	if (span.first_s < 0)
		return;
	if (!f->spans)
		f->spans = g_array_new(FALSE, TRUE, sizeof(struct span));
	g_array_append_val(f->spans, span);
}
