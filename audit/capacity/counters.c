#include "audit/capacity/counters.h"

#include <string.h>

enum { BLOCKS = PAGE_WORDS / BLOCK_WORDS, BLOCK_NUMBERS = BLOCK_WORDS * 64 };

static void run_free(void *data)
{
	struct run *r = data;

	g_ptr_array_unref(r->pages);
	g_free(r);
}

struct run *counters_run(struct counters *c, uint32_t node, uint64_t token)
{
	struct run *last = c->last;

	if (last && last->node == node && last->token == token)
		return last;
	if (!c->runs)
		c->runs = g_ptr_array_new_with_free_func(run_free);
	for (guint i = c->runs->len; i-- > 0;) {
		last = g_ptr_array_index(c->runs, i);
		if (last->node == node && last->token == token)
			return c->last = last;
	}
	if (c->runs->len >= RUNS_MOST && token != G_MAXUINT64)
		return counters_run(c, node, G_MAXUINT64);
	last = g_new0(struct run, 1);
	*last = (struct run){.node = node,
	    .token = token,
	    .pages = g_ptr_array_new_with_free_func(g_free),
	    .first_ms = G_MAXINT64,
	    .last_ms = G_MININT64};
	g_ptr_array_add(c->runs, last);
	return c->last = last;
}

/* Numbers come nearly in order, so the page is one of the last. */
static struct page *page_of(struct run *r, uint64_t number)
{
	if (r->last && r->last->number == number)
		return r->last;
	for (guint i = r->pages->len; i-- > 0;) {
		struct page *p = g_ptr_array_index(r->pages, i);
		if (p->number == number)
			return r->last = p;
	}
	if (r->pages->len == PAGES_MOST)
		return NULL;
	r->last = g_new0(struct page, 1);
	r->last->number = number;
	g_ptr_array_add(r->pages, r->last);
	return r->last;
}

static void mark(struct run *r, uint64_t counter, bool went)
{
	struct page *p = page_of(r, counter >> PAGE_BITS);
	size_t word = (counter & ((1 << PAGE_BITS) - 1)) / 64;
	uint64_t bit = 1ull << (counter & 63);

	if (!p) {
		r->strange++;
		return;
	}
	uint64_t *words = went ? p->went : p->came;
	r->repeated += went && (words[word] & bit);
	words[word] |= bit;
}

void run_came(struct run *r, uint64_t counter)
{
	mark(r, counter, false);
}

void run_went(struct run *r, uint64_t counter)
{
	mark(r, counter, true);
}

static void merge_page(struct run *into, const struct page *from)
{
	struct page *p = page_of(into, from->number);

	if (!p) {
		for (size_t i = 0; i < PAGE_WORDS; i++)
			into->strange += (unsigned)__builtin_popcountll(
			    from->came[i] | from->went[i]);
		return;
	}
	for (size_t i = 0; i < PAGE_WORDS; i++) {
		into->repeated +=
		    (unsigned)__builtin_popcountll(p->went[i] & from->went[i]);
		p->came[i] |= from->came[i];
		p->went[i] |= from->went[i];
	}
}

void counters_merge(struct counters *into, const struct counters *from)
{
	for (guint i = 0; from->runs && i < from->runs->len; i++) {
		const struct run *r = g_ptr_array_index(from->runs, i);
		struct run *to = counters_run(into, r->node, r->token);
		to->repeated += r->repeated;
		to->strange += r->strange;
		to->first_ms = MIN(to->first_ms, r->first_ms);
		to->last_ms = MAX(to->last_ms, r->last_ms);
		for (guint p = 0; p < r->pages->len; p++)
			merge_page(to, g_ptr_array_index(r->pages, p));
	}
}

void counters_clear(struct counters *c)
{
	if (c->runs)
		g_ptr_array_unref(c->runs);
	*c = (struct counters){0};
}

/* ---- telling ---- */

static gint by_number(gconstpointer a, gconstpointer b)
{
	uint64_t one = (*(struct page *const *)a)->number;
	uint64_t two = (*(struct page *const *)b)->number;

	return (one > two) - (one < two);
}

static gint by_time(gconstpointer a, gconstpointer b)
{
	const struct run *one = *(struct run *const *)a;
	const struct run *two = *(struct run *const *)b;

	if (one->node != two->node)
		return one->node < two->node ? -1 : 1;
	if (one->first_ms != two->first_ms)
		return one->first_ms < two->first_ms ? -1 : 1;
	return (one->token > two->token) - (one->token < two->token);
}

void counters_sort(struct counters *c)
{
	for (guint i = 0; c->runs && i < c->runs->len; i++) {
		struct run *r = g_ptr_array_index(c->runs, i);
		g_ptr_array_sort(r->pages, by_number);
	}
	if (c->runs)
		g_ptr_array_sort(c->runs, by_time);
}

static uint64_t word_of(const struct page *p, size_t i)
{
	return p->came[i] | p->went[i];
}

/* The least number that the page has seen; the page is never empty. */
static uint64_t least(const struct page *p)
{
	for (size_t i = 0; i < PAGE_WORDS; i++)
		if (word_of(p, i))
			return (p->number << PAGE_BITS) + i * 64 +
			       (unsigned)__builtin_ctzll(word_of(p, i));
	return p->number << PAGE_BITS;
}

static uint64_t greatest(const struct page *p)
{
	for (size_t i = PAGE_WORDS; i-- > 0;)
		if (word_of(p, i))
			return (p->number << PAGE_BITS) + i * 64 + 63 -
			       (unsigned)__builtin_clzll(word_of(p, i));
	return p->number << PAGE_BITS;
}

static void tell_page(const struct page *p, struct coverage *out, GArray *gaps)
{
	for (size_t b = 0; b < BLOCKS; b++) {
		unsigned seen = 0;
		for (size_t i = 0; i < BLOCK_WORDS; i++) {
			size_t word = b * BLOCK_WORDS + i;
			seen +=
			    (unsigned)__builtin_popcountll(word_of(p, word));
			out->unanswered += (unsigned)__builtin_popcountll(
			    p->came[word] & ~p->went[word]);
		}
		out->seen += seen;
		guint gap = BLOCK_NUMBERS - seen;
		/* Blocks of which nothing is there were lost, not left out. */
		if (seen)
			g_array_append_val(gaps, gap);
	}
}

static gint by_size(gconstpointer a, gconstpointer b)
{
	guint one = *(const guint *)a, two = *(const guint *)b;

	return (one > two) - (one < two);
}

void counters_tell(
    const struct counters *c, uint32_t node, struct coverage *out)
{
	g_autoptr(GArray) gaps = g_array_new(FALSE, FALSE, sizeof(guint));

	*out = (struct coverage){0};
	for (guint i = 0; c->runs && i < c->runs->len; i++) {
		const struct run *r = g_ptr_array_index(c->runs, i);
		if (r->node != node)
			continue;
		out->repeated += r->repeated;
		out->strange += r->strange;
		if (!r->pages->len)
			continue;
		const struct page *head = g_ptr_array_index(r->pages, 0);
		const struct page *tail =
		    g_ptr_array_index(r->pages, r->pages->len - 1);
		/* The first run began before the logs; later ones in them. */
		uint64_t from =
		    out->runs++ ? MIN(least(head), 1u) : least(head);
		out->expected += greatest(tail) - from + 1;
		for (guint p = 0; p < r->pages->len; p++)
			tell_page(g_ptr_array_index(r->pages, p), out, gaps);
	}
	g_array_sort(gaps, by_size);
	guint usual =
	    gaps->len > 8 ? g_array_index(gaps, guint, gaps->len / 2) : 0;
	out->usual_gap_permille = usual * 1000 / BLOCK_NUMBERS;
	double due =
	    (double)out->expected * (BLOCK_NUMBERS - usual) / BLOCK_NUMBERS;
	out->permille =
	    due > 0 ? (unsigned)MIN(1000.0, (double)out->seen * 1000 / due) : 0;
}
