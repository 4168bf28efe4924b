#include "audit/capacity/names.h"

#include <string.h>

enum { SLOTS_FIRST = 4096 };

static uint64_t mix(uint64_t h)
{
	h ^= h >> 32;
	h *= 0xd6e8feb86659fd93u;
	h ^= h >> 32;
	return h;
}

/* Eight bytes at a time; what is behind the end is masked away. */
static uint64_t hash_of(const char *text, size_t length)
{
	uint64_t h = 0x9e3779b97f4a7c15u ^ length, word;

	for (; length >= 8; text += 8, length -= 8) {
		memcpy(&word, text, 8);
		h = mix(h ^ word) * 0x9fb21c651e98df25u;
	}
	if (length) {
		memcpy(&word, text, 8);
		word = GUINT64_FROM_LE(word) & (~0ull >> (64 - 8 * length));
		h = mix(h ^ word) * 0x9fb21c651e98df25u;
	}
	h = mix(h);
	return h ? h : 1;
}

static bool is_kept(const struct names *n, uint64_t hash)
{
	return n->halvings == 0 || hash >> (64 - n->halvings) == 0;
}

static struct name *slot_of(const struct names *n, uint64_t hash)
{
	size_t at = hash & (n->slots - 1);

	while (n->table[at].hash && n->table[at].hash != hash)
		at = (at + 1) & (n->slots - 1);
	return &n->table[at];
}

/* Puts all that are kept into a table of SLOTS. */
static void rebuild(struct names *n, size_t slots)
{
	struct names fresh = {.table = g_new0(struct name, slots),
	    .slots = slots,
	    .texts =
		n->texts ? n->texts : g_ptr_array_new_with_free_func(g_free),
	    .halvings = n->halvings};

	for (size_t i = 0; i < n->slots; i++) {
		struct name *from = &n->table[i];
		if (!from->hash)
			continue;
		if (!is_kept(n, from->hash)) {
			g_clear_pointer(
			    &g_ptr_array_index(n->texts, from->text), g_free);
			continue;
		}
		*slot_of(&fresh, from->hash) = *from;
		fresh.used++;
	}
	g_free(n->table);
	*n = fresh;
}

static void make_room(struct names *n)
{
	if (n->slots == 0)
		rebuild(n, SLOTS_FIRST);
	else if (n->used * 2 >= n->slots)
		rebuild(n, n->slots * 2);
	while (n->used > NAMES_MOST) {
		n->halvings++;
		rebuild(n, n->slots);
	}
}

static void add(struct names *n, uint64_t hash, const char *text, size_t length,
    uint64_t count)
{
	if (!is_kept(n, hash))
		return;
	if (n->used * 2 >= n->slots)
		make_room(n);
	struct name *name = slot_of(n, hash);
	name->count = (uint32_t)MIN(name->count + count, (uint64_t)G_MAXUINT32);
	if (name->hash)
		return;
	name->hash = hash;
	name->text = n->texts->len;
	g_ptr_array_add(n->texts, g_strndup(text, length));
	n->used++;
	if (n->used > NAMES_MOST)
		make_room(n);
}

void names_add(struct names *n, const char *text, size_t length)
{
	if (length)
		add(n, hash_of(text, length), text, length, 1);
}

void names_merge(struct names *into, struct names *from)
{
	if (!into->slots) {
		*into = *from;
		*from = (struct names){0};
		return;
	}
	into->halvings = MAX(into->halvings, from->halvings);
	rebuild(into, into->slots);
	for (size_t i = 0; i < from->slots; i++) {
		const struct name *name = &from->table[i];
		if (name->hash)
			add(into, name->hash, name_text(from, name),
			    strlen(name_text(from, name)), name->count);
	}
	names_clear(from);
}

void names_clear(struct names *n)
{
	if (n->texts)
		g_ptr_array_unref(n->texts);
	g_free(n->table);
	*n = (struct names){0};
}

static gint by_count(gconstpointer a, gconstpointer b, gpointer names)
{
	const struct name *one = *(struct name *const *)a;
	const struct name *two = *(struct name *const *)b;

	if (one->count != two->count)
		return one->count < two->count ? 1 : -1;
	return strcmp(name_text(names, one), name_text(names, two));
}

GPtrArray *names_top(const struct names *n, guint most)
{
	GPtrArray *all = g_ptr_array_new();

	for (size_t i = 0; i < n->slots; i++)
		if (n->table[i].hash)
			g_ptr_array_add(all, &n->table[i]);
	g_ptr_array_sort_with_data(all, by_count, (gpointer)n);
	if (all->len > most)
		g_ptr_array_set_size(all, (gint)most);
	return all;
}
