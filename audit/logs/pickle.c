#include "audit/logs/pickle.h"

/* ---- numbers and texts ---- */

void pickle_number(GByteArray *out, uint64_t n)
{
	guint8 bytes[10];
	guint length = 0;

	for (; n >= 0x80; n >>= 7)
		bytes[length++] = (guint8)(n | 0x80);
	bytes[length++] = (guint8)n;
	g_byte_array_append(out, bytes, length);
}

void pickle_text(GByteArray *out, const char *text, size_t length)
{
	pickle_number(out, length);
	g_byte_array_append(out, (const guint8 *)text, (guint)length);
}

uint64_t unpickle_number(struct pickle_reader *r)
{
	uint64_t n = 0;

	for (unsigned shift = 0; shift < 64; shift += 7) {
		if (r->at == r->end)
			break;
		guint8 byte = *r->at++;
		n |= (uint64_t)(byte & 0x7f) << shift;
		if (byte < 0x80)
			return n;
	}
	r->bad = true;
	return 0;
}

char *unpickle_text(struct pickle_reader *r)
{
	uint64_t length = unpickle_number(r);

	if (length > (uint64_t)(r->end - r->at)) {
		r->bad = true;
		length = 0;
	}
	char *text = g_strndup((const char *)r->at, length);
	r->at += length;
	return text;
}

/* Times and slots may be -1. */
static void put_time(GByteArray *out, int64_t time)
{
	pickle_number(out, (uint64_t)(time + 1));
}

static int64_t get_time(struct pickle_reader *r)
{
	return (int64_t)unpickle_number(r) - 1;
}

/* How many things follow, each of a byte or more. */
static guint get_length(struct pickle_reader *r)
{
	uint64_t length = unpickle_number(r);

	if (length > (uint64_t)(r->end - r->at)) {
		r->bad = true;
		return 0;
	}
	return (guint)length;
}

/* ---- nodes and inputs ---- */

static void put_node(GByteArray *out, const struct pickle_of *of, uint32_t node)
{
	guint i = 0;

	while (i < of->length && of->nodes[i] != node)
		i++;
	g_assert(i < of->length);
	pickle_number(out, i);
}

static uint32_t get_node(struct pickle_reader *r, const struct pickle_of *of)
{
	uint64_t i = unpickle_number(r);

	if (i < of->length)
		return of->nodes[i];
	r->bad = true;
	return 0;
}

static void put_place(
    GByteArray *out, const struct pickle_of *of, const struct place *p)
{
	put_time(out, p->local_s);
	pickle_number(out, p->input - of->input);
	pickle_number(out, p->offset);
}

static struct place get_place(
    struct pickle_reader *r, const struct pickle_of *of)
{
	struct place p = {.local_s = get_time(r)};
	uint64_t member = unpickle_number(r);

	r->bad = r->bad || member >= of->members;
	p.input = of->input + (uint32_t)member;
	p.offset = unpickle_number(r);
	return p;
}

/* ---- tallies; without OF all is of node 0 ---- */

static void put_tally(
    GByteArray *out, const struct pickle_of *of, const struct tally *t)
{
	pickle_number(out, tally_length(t));
	for (guint i = 0; i < tally_length(t); i++) {
		const struct tally_cell *cell = tally_at(t, i);
		if (of)
			put_node(out, of, cell->node);
		put_time(out, cell->slot);
		for (int k = 0; k < 3; k++)
			pickle_number(out, cell->counts[k]);
	}
}

static void get_tally(
    struct pickle_reader *r, const struct pickle_of *of, struct tally *t)
{
	guint length = get_length(r);

	for (guint i = 0; i < length && !r->bad; i++) {
		uint32_t node = of ? get_node(r, of) : 0;
		int32_t slot = (int32_t)get_time(r);
		for (unsigned k = 0; k < 3; k++)
			tally_add(t, node, slot, k, unpickle_number(r));
	}
}

/* ---- occurrences ---- */

static void put_seen(
    GByteArray *out, const struct pickle_of *of, const struct occurrences *o)
{
	guint samples = 0;

	pickle_number(out, o->entries);
	pickle_number(out, o->lines);
	put_time(out, o->first_s);
	put_time(out, o->last_s);
	while (samples < SAMPLES && o->samples[samples].text)
		samples++;
	pickle_number(out, samples);
	for (guint i = 0; i < samples; i++) {
		put_place(out, of, &o->samples[i].place);
		pickle_text(
		    out, o->samples[i].text, strlen(o->samples[i].text));
	}
	put_tally(out, of, &o->when);
}

static void get_seen(
    struct pickle_reader *r, const struct pickle_of *of, struct occurrences *o)
{
	o->entries = unpickle_number(r);
	o->lines = unpickle_number(r);
	o->first_s = get_time(r);
	o->last_s = get_time(r);
	uint64_t samples = unpickle_number(r);
	r->bad = r->bad || samples > SAMPLES;
	for (uint64_t i = 0; i < samples && !r->bad; i++) {
		o->samples[i].place = get_place(r, of);
		o->samples[i].text = unpickle_text(r);
	}
	get_tally(r, of, &o->when);
}

/* ---- known and unknown ---- */

static bool is_empty(const struct hits *h)
{
	return !h->seen.entries && !h->seen.lines && !h->undecided;
}

static void put_hits(
    GByteArray *out, const struct found *f, const struct pickle_of *of)
{
	for (unsigned i = 0; i < f->rules; i++) {
		const struct hits *h = &f->hits[i];
		pickle_number(out, !is_empty(h));
		if (is_empty(h))
			continue;
		put_seen(out, of, &h->seen);
		pickle_number(out, h->undecided);
		pickle_number(out, h->starting);
		put_tally(out, NULL, &h->minutes);
	}
}

static void get_hits(
    struct pickle_reader *r, struct found *f, const struct pickle_of *of)
{
	for (unsigned i = 0; i < f->rules && !r->bad; i++) {
		struct hits *h = &f->hits[i];
		if (!unpickle_number(r))
			continue;
		get_seen(r, of, &h->seen);
		h->undecided = unpickle_number(r);
		h->starting = unpickle_number(r);
		get_tally(r, NULL, &h->minutes);
	}
}

static void put_unknown(
    GByteArray *out, const struct found *f, const struct pickle_of *of)
{
	GHashTableIter all;
	gpointer value;

	pickle_number(out, f->unknown_dropped);
	pickle_number(out, g_hash_table_size(f->unknown));
	g_hash_table_iter_init(&all, f->unknown);
	while (g_hash_table_iter_next(&all, NULL, &value)) {
		const struct unknown *u = value;
		pickle_number(out, u->fine);
		pickle_number(out, u->coarse);
		pickle_number(out, u->levels);
		pickle_number(out, u->kinds);
		pickle_number(out, u->starting);
		put_seen(out, of, &u->seen);
	}
}

static void get_unknown(
    struct pickle_reader *r, struct found *f, const struct pickle_of *of)
{
	f->unknown_dropped = unpickle_number(r);
	guint length = get_length(r);
	for (guint i = 0; i < length && !r->bad; i++) {
		uint64_t fine = unpickle_number(r);
		/* Twice the same would leak what the first one holds. */
		r->bad = r->bad || g_hash_table_contains(f->unknown, &fine);
		if (r->bad)
			return;
		struct unknown *u = found_unknown(f, fine);
		u->coarse = unpickle_number(r);
		u->levels = (unsigned)unpickle_number(r);
		u->kinds = (unsigned)unpickle_number(r);
		u->starting = unpickle_number(r);
		get_seen(r, of, &u->seen);
	}
}

/* ---- files ---- */

/* The counts of a file, in the order in which they are written. */
#define COUNTS(f)                                                              \
	{                                                                      \
		&(f)->bytes, &(f)->lines, &(f)->entries, &(f)->orphans,        \
		    &(f)->long_lines, &(f)->cut_entries, &(f)->binary,         \
		    &(f)->no_stamp, &(f)->backwards                            \
	}

static void put_file(GByteArray *out, const struct file_found *f)
{
	const uint64_t *const counts[] = COUNTS(f);

	for (size_t i = 0; i < G_N_ELEMENTS(counts); i++)
		pickle_number(out, *counts[i]);
	pickle_number(out, (uint64_t)f->kind);
	pickle_number(out, f->unfinished);
	put_time(out, f->first_s);
	put_time(out, f->last_s);
	guint spans = f->spans ? f->spans->len : 0;
	pickle_number(out, spans);
	for (guint i = 0; i < spans; i++) {
		const struct span *s = &g_array_index(f->spans, struct span, i);
		pickle_number(out, s->offset);
		put_time(out, s->first_s);
		put_time(out, s->last_s);
	}
}

static void get_file(struct pickle_reader *r, struct file_found *f)
{
	uint64_t *const counts[] = COUNTS(f);

	for (size_t i = 0; i < G_N_ELEMENTS(counts); i++)
		*counts[i] = unpickle_number(r);
	f->kind = (int)unpickle_number(r);
	r->bad = r->bad || f->kind > LOG_KINDS;
	f->unfinished = unpickle_number(r) != 0;
	f->first_s = get_time(r);
	f->last_s = get_time(r);
	guint spans = get_length(r);
	for (guint i = 0; i < spans && !r->bad; i++) {
		struct span s = {.offset = unpickle_number(r)};
		s.first_s = get_time(r);
		s.last_s = get_time(r);
		if (!f->spans)
			f->spans = g_array_new(FALSE, TRUE, sizeof s);
		g_array_append_val(f->spans, s);
	}
}

/* ---- starts and stops ---- */

static void put_milestones(
    GByteArray *out, const struct found *f, const struct pickle_of *of)
{
	pickle_number(out, f->milestones->len);
	for (guint i = 0; i < f->milestones->len; i++) {
		const struct milestone *m =
		    &g_array_index(f->milestones, struct milestone, i);
		put_place(out, of, &m->place);
		put_node(out, of, m->node);
		pickle_number(out, (uint64_t)m->kind);
		pickle_text(out, m->version, strlen(m->version));
	}
}

static void get_milestones(
    struct pickle_reader *r, struct found *f, const struct pickle_of *of)
{
	guint length = get_length(r);

	for (guint i = 0; i < length && !r->bad; i++) {
		struct milestone m = {.place = get_place(r, of)};
		m.node = get_node(r, of);
		m.kind = (int)unpickle_number(r);
		g_autofree char *version = unpickle_text(r);
		g_strlcpy(m.version, version, sizeof m.version);
		g_array_append_val(f->milestones, m);
	}
}

/* ---- all of it ---- */

void pickle_found(
    GByteArray *out, const struct found *f, const struct pickle_of *of)
{
	put_hits(out, f, of);
	put_unknown(out, f, of);
	for (guint i = 0; i < of->members; i++)
		put_file(out, &f->files[of->input + i]);
	put_tally(out, of, &f->entries);
	put_milestones(out, f, of);
}

bool unpickle_found(
    const GByteArray *bytes, struct found *f, const struct pickle_of *of)
{
	struct pickle_reader r = {bytes->data, bytes->data + bytes->len, false};

	get_hits(&r, f, of);
	if (!r.bad)
		get_unknown(&r, f, of);
	for (guint i = 0; i < of->members && !r.bad; i++)
		get_file(&r, &f->files[of->input + i]);
	get_tally(&r, of, &f->entries);
	get_milestones(&r, f, of);
	if (!r.bad && r.at == r.end)
		return true;
	found_clear(f);
	return false;
}
