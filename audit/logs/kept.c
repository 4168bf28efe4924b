#include "audit/logs/kept.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/logs/mark.h"
#include "audit/logs/pickle.h"
#include "base/draft.h"
#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "port/compress.h"

enum {
	FORMAT = 1,
	MARK_MOST = 64 << 20,
	RECORD_MOST = 1 << 30 /* unpacked */
};

struct record {
	struct mark mark;
	uint64_t offset; /* of what was found, in the old file */
	bool used;
};

/* One file of tonight, on its way. */
struct gathering {
	struct mark mark;
	struct found settled, rest;
	guint parts; /* that came */
	uint32_t *nodes;
	struct pickle_of of;
};

struct kept {
	char *key;
	int old;              /* -1: there is none */
	GArray *records;      /* struct record */
	GHashTable *by_inode; /* "device:inode:name" -> index + 1 */
	draft draft;
	struct log_inputs *inputs;
	struct gathering **gatherings; /* by input; NULL: none */
	guint length;                  /* of them */
	unsigned rules;
};

static void gathering_free(struct gathering *g)
{
	if (!g)
		return;
	mark_clear(&g->mark);
	found_clear(&g->settled);
	found_clear(&g->rest);
	g_free(g->nodes);
	g_free(g);
}

void kept_free(kept *k)
{
	if (!k)
		return;
	for (guint i = 0; i < k->length; i++)
		gathering_free(k->gatherings[i]);
	g_free(k->gatherings);
	for (guint i = 0; i < k->records->len; i++)
		mark_clear(&g_array_index(k->records, struct record, i).mark);
	g_array_unref(k->records);
	g_hash_table_unref(k->by_inode);
	if (k->old >= 0)
		close(k->old);
	draft_abandon(&k->draft);
	g_free(k->key);
	g_free(k);
}

/* ---- the old file ---- */

static char *inode_key(const struct mark *m)
{
	return g_strdup_printf("%" G_GUINT64_FORMAT ":%" G_GUINT64_FORMAT ":%s",
	    m->device, m->inode, m->head ? "" : m->name);
}

/* Lists the records.  What is damaged is as none: it is found anew. */
static void list_records(kept *k)
{
	uint64_t at = HASH_HEX;

	for (;;) {
		guint32 length = 0;
		struct record record = {0};
		if (!mark_bytes(k->old, &length, sizeof length, at) ||
		    length == 0 || length > MARK_MOST)
			return;
		g_autofree guint8 *bytes = g_malloc(length);
		if (!mark_bytes(k->old, bytes, length, at + sizeof length))
			return;
		struct pickle_reader r = {bytes, bytes + length, false};
		mark_read(&r, &record.mark);
		if (r.bad) {
			mark_clear(&record.mark);
			return;
		}
		record.offset = at + sizeof length + length;
		at = record.offset + record.mark.settled_length +
		     record.mark.rest_length + HASH_HEX;
		g_array_append_val(k->records, record);
		g_hash_table_insert(k->by_inode, inode_key(&record.mark),
		    GUINT_TO_POINTER(k->records->len));
	}
}

kept *kept_open(const char *path, const char *key, GError **error)
{
	g_autoptr(kept) k = g_new0(struct kept, 1);
	g_autofree char *text =
	    g_strdup_printf("%d %s %s", FORMAT, GONOGO_VERSION, key);
	char own[HASH_HEX] = "";

	k->old = -1;
	k->records = g_array_new(FALSE, TRUE, sizeof(struct record));
	k->by_inode =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	k->key = hash_hex(text, strlen(text));
	if (!draft_open(&k->draft, path, 0600, error))
		return NULL;
	k->old = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (k->old >= 0 && mark_bytes(k->old, own, sizeof own, 0) &&
	    memcmp(own, k->key, sizeof own) == 0)
		list_records(k);
	if (!file_write_fd(k->draft.fd, path, k->key, HASH_HEX, error))
		return NULL;
	return g_steal_pointer(&k);
}

/* ---- what was found, from bytes and to them ---- */

static bool to_bytes(
    const void *bytes, size_t length, void *user, GError **error)
{
	(void)error;
	g_byte_array_append(user, bytes, (guint)length);
	return true;
}

static GByteArray *press(
    const struct found *f, const struct pickle_of *of, GError **error)
{
	g_autoptr(GByteArray) plain = g_byte_array_new();
	g_autoptr(GByteArray) pressed = g_byte_array_new();
	g_autoptr(compress) c = compress_new(1, to_bytes, pressed);

	pickle_found(plain, f, of);
	if (!compress_add(c, plain->data, plain->len, error) ||
	    !compress_end_frame(c, error))
		return NULL;
	return g_steal_pointer(&pressed);
}

/* Fills the empty F; false: it is damaged. */
static bool unpress(const kept *k, const guint8 *bytes, size_t length,
    const struct pickle_of *of, struct found *f)
{
	g_autoptr(GByteArray) plain = g_byte_array_new();
	g_autoptr(decompress) d = decompress_new(RECORD_MOST, to_bytes, plain);

	if (!decompress_add(d, bytes, length, NULL) || !decompress_end(d, NULL))
		return false;
	found_init(f, k->rules, k->inputs->list->len);
	return unpickle_found(plain, f, of);
}

static bool append(kept *k, const void *bytes, size_t length, GError **error)
{
	return file_write_fd(k->draft.fd, k->draft.path, bytes, length, error);
}

/* BLOB holds both parts of what was found. */
static bool write_record(kept *k, const struct mark *m, const guint8 *blob,
    size_t length, GError **error)
{
	g_autoptr(GByteArray) head = g_byte_array_new();
	g_autofree char *sum = hash_hex(blob, length);

	mark_write(head, m);
	guint32 size = head->len;
	return append(k, &size, sizeof size, error) &&
	       append(k, head->data, head->len, error) &&
	       append(k, blob, length, error) &&
	       append(k, sum, HASH_HEX, error);
}

/* Gives what the record holds; NULL: it is damaged. */
static guint8 *load(const kept *k, const struct record *r, size_t *length)
{
	char sum[HASH_HEX];

	*length = r->mark.settled_length + r->mark.rest_length;
	if (*length > RECORD_MOST)
		return NULL;
	g_autofree guint8 *blob = g_malloc(*length + 1);
	if (!mark_bytes(k->old, blob, *length, r->offset) ||
	    !mark_bytes(k->old, sum, sizeof sum, r->offset + *length))
		return NULL;
	g_autofree char *own = hash_hex(blob, *length);
	return memcmp(own, sum, HASH_HEX) == 0 ? g_steal_pointer(&blob) : NULL;
}

/* ---- tonight's files ---- */

static struct log_input *input_at(const kept *k, guint at)
{
	return g_ptr_array_index(k->inputs->list, at);
}

/* The names and nodes of the members from AT on; gives how many. */
static guint name(const kept *k, guint at, struct mark *m)
{
	const struct log_input *first = input_at(k, at);
	g_autoptr(GString) names = g_string_new(NULL);
	g_autoptr(GString) nodes = g_string_new(NULL);
	guint count = 0;

	do {
		const struct log_input *i = input_at(k, at + count);
		g_string_append_printf(
		    names, "%s\n", i->member ? i->member : i->path);
		g_string_append_printf(nodes, "%s\n", i->node);
		count++;
	} while (first->member && at + count < k->inputs->list->len &&
		 input_at(k, at + count)->member &&
		 g_str_equal(input_at(k, at + count)->path, first->path));
	m->name = g_string_free(g_steal_pointer(&names), FALSE);
	m->nodes = g_string_free(g_steal_pointer(&nodes), FALSE);
	m->device = first->device;
	m->inode = first->inode;
	m->mtime_ns = (uint64_t)first->mtime_ns;
	m->bytes = first->on_disk;
	return count;
}

static struct gathering *gather(kept *k, guint at)
{
	struct gathering *g = g_new0(struct gathering, 1);

	g->of =
	    (struct pickle_of){.input = at, .members = name(k, at, &g->mark)};
	g->nodes = g_new0(uint32_t, g->of.members);
	for (guint i = 0; i < g->of.members; i++) {
		uint32_t node = log_inputs_node(k->inputs, input_at(k, at + i));
		guint known = 0;
		while (known < g->of.length && g->nodes[known] != node)
			known++;
		if (known == g->of.length)
			g->nodes[g->of.length++] = node;
	}
	g->of.nodes = g->nodes;
	return g;
}

/* Room for what is found in it; few files are open at a time. */
static void begin(const kept *k, struct gathering *g)
{
	if (g->settled.hits)
		return;
	found_init(&g->settled, k->rules, k->inputs->list->len);
	found_init(&g->rest, k->rules, k->inputs->list->len);
}

static struct record *find(const kept *k, const struct mark *m, bool packed)
{
	struct mark by = *m;

	by.head = packed ? NULL : (char *)"";
	g_autofree char *key = inode_key(&by);
	guint at = GPOINTER_TO_UINT(g_hash_table_lookup(k->by_inode, key));
	return at ? &g_array_index(k->records, struct record, at - 1) : NULL;
}

/* Adds the record's first part, or both, to OUT and to the gathering. */
static bool take(kept *k, struct gathering *g, const guint8 *blob,
    const struct mark *old, bool whole, struct found *out)
{
	g_auto(found) settled = {0}, rest = {0};

	if (!unpress(k, blob, old->settled_length, &g->of, &settled) ||
	    (whole && !unpress(k, blob + old->settled_length, old->rest_length,
			  &g->of, &rest)))
		return false;
	found_merge(out, &settled);
	if (whole) {
		found_merge(out, &rest);
		return true;
	}
	begin(k, g);
	found_merge(&g->settled, &settled);
	return true;
}

/* True in *KNOWN: nothing of it has to be read. */
static bool recall(kept *k, struct gathering *g, struct found *out, bool *known,
    GError **error)
{
	struct log_input *i = input_at(k, g->of.input);
	struct record *r = find(k, &g->mark, false);
	size_t length = 0;

	*known = false;
	r = r ? r : find(k, &g->mark, true);
	g_autofree guint8 *blob = r && !r->used ? load(k, r, &length) : NULL;
	if (blob && mark_is_same(&r->mark, &g->mark) &&
	    take(k, g, blob, &r->mark, true, out)) {
		r->used = *known = true;
		return write_record(k, &r->mark, blob, length, error);
	}
	if (!i->member)
		mark_look(i, &g->mark);
	i->cut = g->mark.cut;
	if (!r || i->member)
		return true;
	if (blob && mark_has_grown(i, &r->mark, &g->mark) &&
	    g_str_equal(r->mark.nodes, g->mark.nodes) &&
	    take(k, g, blob, &r->mark, false, out)) {
		r->used = true;
		i->from = r->mark.cut;
		i->cut = MAX(i->cut, i->from);
		g->mark.cut = i->cut;
	} else if (r->mark.head && g->mark.bytes < r->mark.bytes &&
		   g_str_equal(r->mark.name, g->mark.name)) {
		i->anew = true;
	}
	return true;
}

bool kept_recall(
    kept *k, struct log_inputs *inputs, struct found *out, GError **error)
{
	k->inputs = inputs;
	k->rules = out->rules;
	k->length = inputs->list->len;
	k->gatherings = g_new0(struct gathering *, k->length);
	for (guint at = 0; at < inputs->list->len;) {
		struct gathering *g = gather(k, at);
		guint members = g->of.members;
		bool known = false;
		k->gatherings[at] = g;
		if (!g_str_equal(input_at(k, at)->path, "-") &&
		    !recall(k, g, out, &known, error))
			return false;
		for (guint i = 0; known && i < members; i++)
			input_at(k, at + i)->known = true;
		if (known) {
			gathering_free(g);
			k->gatherings[at] = NULL;
		}
		at += members;
	}
	return true;
}

/* ---- what is found tonight ---- */

static bool finish(kept *k, struct gathering *g, GError **error)
{
	g_autoptr(GByteArray) settled = press(&g->settled, &g->of, error);
	g_autoptr(GByteArray) rest =
	    settled ? press(&g->rest, &g->of, error) : NULL;

	if (!rest)
		return false;
	g->mark.settled_length = settled->len;
	g->mark.rest_length = rest->len;
	g_byte_array_append(settled, rest->data, rest->len);
	return write_record(k, &g->mark, settled->data, settled->len, error);
}

/* Of standard input, and of what was lost, nothing is kept. */
static bool is_worth(const kept *k, const struct gathering *g)
{
	if (g_str_equal(input_at(k, g->of.input)->path, "-"))
		return false;
	for (guint i = 0; i < g->of.members; i++)
		if (input_at(k, g->of.input + i)->lost)
			return false;
	return true;
}

bool kept_add(kept *k, const struct log_part *part, const struct found *found,
    GError **error)
{
	guint at = part->input;

	while (!k->gatherings[at] && at > 0)
		at--;
	struct gathering *g = k->gatherings[at];
	bool settled = part->to <= g->mark.cut;
	begin(k, g);
	found_merge(settled ? &g->settled : &g->rest, found);
	if (++g->parts < part->parts)
		return true;
	bool good = !is_worth(k, g) || finish(k, g, error);
	gathering_free(g);
	k->gatherings[at] = NULL;
	return good;
}

bool kept_commit(kept *k, GError **error)
{
	return draft_commit(&k->draft, error);
}
