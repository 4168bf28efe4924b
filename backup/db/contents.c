#include "backup/db/contents.h"

#include "base/error.h"

static const char magic[] = {'P', 'G', 'D', 'M', 'P', 1, 14, 0, 4, 8, 3};

static void entry_free(void *member)
{
	struct contents_entry *e = member;

	g_free(e->catalogue);
	g_free(e->oid);
	g_free(e->tag);
	g_free(e->kind);
	g_free(e->sql);
	g_free(e->drop_sql);
	g_free(e->copy_sql);
	g_free(e->schema);
	g_free(e->tablespace);
	g_free(e->method);
	g_free(e->owner);
	g_free(e->with_oids);
	g_ptr_array_unref(e->needs);
	g_free(e->file);
	g_free(e);
}

void contents_free(contents *a)
{
	if (!a)
		return;
	g_byte_array_unref(a->head);
	g_ptr_array_unref(a->entries);
	g_free(a);
}

bool contents_is_known(const void *bytes, size_t length)
{
	return length >= sizeof magic && !memcmp(bytes, magic, sizeof magic);
}

/* ---- reading ---- */

struct cursor {
	const unsigned char *at, *end;
	bool cut; /* more was asked than there is, or it makes no sense */
};

static int take_int(struct cursor *c)
{
	enum { SIZE = 5 };

	if (c->end - c->at < SIZE) {
		c->cut = true;
		return 0;
	}
	uint32_t value = (uint32_t)c->at[1] | (uint32_t)c->at[2] << 8 |
			 (uint32_t)c->at[3] << 16 | (uint32_t)c->at[4] << 24;
	bool negative = c->at[0] != 0;
	c->at += SIZE;
	if (value > G_MAXINT) {
		c->cut = true;
		return 0;
	}
	return negative ? -(int)value : (int)value;
}

static char *take_text(struct cursor *c)
{
	int length = take_int(c);

	if (c->cut || length < 0)
		return NULL;
	if (length > c->end - c->at) {
		c->cut = true;
		return NULL;
	}
	char *text = g_strndup((const char *)c->at, (gsize)length);
	c->at += length;
	return text;
}

static void pass_texts(struct cursor *c, int count)
{
	for (; count > 0; count--)
		g_free(take_text(c));
}

static void pass_ints(struct cursor *c, int count)
{
	for (; count > 0; count--)
		take_int(c);
}

static void take_needs(struct cursor *c, GPtrArray *needs)
{
	for (char *need; !c->cut && (need = take_text(c));)
		g_ptr_array_add(needs, need);
}

static struct contents_entry *take_entry(struct cursor *c)
{
	struct contents_entry *e = g_new0(struct contents_entry, 1);

	e->needs = g_ptr_array_new_with_free_func(g_free);
	e->id = take_int(c);
	e->has_data = take_int(c);
	e->catalogue = take_text(c);
	e->oid = take_text(c);
	e->tag = take_text(c);
	e->kind = take_text(c);
	e->section = take_int(c);
	e->sql = take_text(c);
	e->drop_sql = take_text(c);
	e->copy_sql = take_text(c);
	e->schema = take_text(c);
	e->tablespace = take_text(c);
	e->method = take_text(c);
	e->owner = take_text(c);
	e->with_oids = take_text(c);
	take_needs(c, e->needs);
	e->file = take_text(c);
	c->cut |= e->id <= 0 || !e->kind || !e->oid || !e->tag;
	return e;
}

contents *contents_parse(
    const void *bytes, size_t length, const char *name, GError **error)
{
	enum { TIMES = 7, NAMES = 3 };
	const unsigned char *start = bytes;

	if (!contents_is_known(bytes, length)) {
		fail(error, GONOGO_ERROR_DATA,
		    "%s: not a dump of archive version 1.14", name);
		return NULL;
	}
	struct cursor c = {start + sizeof magic, start + length, false};
	take_int(&c); /* compression */
	pass_ints(&c, TIMES);
	pass_texts(&c, NAMES);
	g_autoptr(contents) a = g_new0(struct contents, 1);
	a->head = g_byte_array_new();
	a->entries = g_ptr_array_new_with_free_func(entry_free);
	g_byte_array_append(a->head, start, (guint)(c.at - start));
	int count = take_int(&c);
	for (int i = 0; i < count && !c.cut; i++) {
		struct contents_entry *e = take_entry(&c);
		g_ptr_array_add(a->entries, e);
		a->last_id = MAX(a->last_id, e->id);
	}
	if (c.cut || count < 0 || c.at != c.end) {
		fail(error, GONOGO_ERROR_DATA,
		    "%s: its list of contents is cut short or damaged", name);
		return NULL;
	}
	return g_steal_pointer(&a);
}

/* ---- writing ---- */

static void put_int(GByteArray *out, int value)
{
	uint32_t size = (uint32_t)ABS(value);
	const guint8 bytes[] = {value < 0, size & 0xff, size >> 8 & 0xff,
	    size >> 16 & 0xff, size >> 24 & 0xff};

	g_byte_array_append(out, bytes, sizeof bytes);
}

static void put_text(GByteArray *out, const char *text)
{
	put_int(out, text ? (int)strlen(text) : -1);
	if (text)
		g_byte_array_append(
		    out, (const guint8 *)text, (guint)strlen(text));
}

static void put_entry(GByteArray *out, const struct contents_entry *e)
{
	put_int(out, e->id);
	put_int(out, e->has_data);
	put_text(out, e->catalogue);
	put_text(out, e->oid);
	put_text(out, e->tag);
	put_text(out, e->kind);
	put_int(out, e->section);
	put_text(out, e->sql);
	put_text(out, e->drop_sql);
	put_text(out, e->copy_sql);
	put_text(out, e->schema);
	put_text(out, e->tablespace);
	put_text(out, e->method);
	put_text(out, e->owner);
	put_text(out, e->with_oids);
	for (guint i = 0; i < e->needs->len; i++)
		put_text(out, g_ptr_array_index(e->needs, i));
	put_text(out, NULL);
	put_text(out, e->file);
}

GByteArray *contents_print(const contents *a)
{
	GByteArray *out = g_byte_array_new();

	g_byte_array_append(out, a->head->data, a->head->len);
	put_int(out, (int)a->entries->len);
	for (guint i = 0; i < a->entries->len; i++)
		put_entry(out, g_ptr_array_index(a->entries, i));
	return out;
}

/* ---- adding ---- */

static char *id_text(int id)
{
	return g_strdup_printf("%d", id);
}

static struct contents_entry *rows_of(
    const struct contents_entry *table, const char *copy_sql, int id, int need)
{
	struct contents_entry *e = g_new0(struct contents_entry, 1);

	e->id = id;
	e->has_data = 1;
	e->catalogue = g_strdup("0");
	e->oid = g_strdup(table->oid);
	e->tag = g_strdup(table->tag);
	e->kind = g_strdup("TABLE DATA");
	e->section = CONTENTS_DATA;
	e->copy_sql = g_strdup(copy_sql);
	e->schema = g_strdup(table->schema);
	e->owner = g_strdup(table->owner);
	e->with_oids = g_strdup("false");
	e->needs = g_ptr_array_new_with_free_func(g_free);
	g_ptr_array_add(e->needs, id_text(need));
	e->file = g_strdup_printf("%d.dat", id);
	return e;
}

/* Rows come before all that is made of rows. */
static int place_of_rows(const contents *a)
{
	guint i = 0;

	for (; i < a->entries->len; i++) {
		const struct contents_entry *e =
		    g_ptr_array_index(a->entries, i);
		if (e->section >= CONTENTS_DATA)
			break;
	}
	return (int)i;
}

static void wait_for_parts(
    struct contents_entry *e, const char *table, int first, unsigned parts)
{
	if (e->section != CONTENTS_POST_DATA ||
	    !g_ptr_array_find_with_equal_func(
		e->needs, table, g_str_equal, NULL))
		return;
	for (unsigned i = 1; i < parts; i++)
		g_ptr_array_add(e->needs, id_text(first + (int)i));
}

int contents_add_rows(contents *a, const struct contents_entry *table,
    const char *copy_sql, unsigned parts)
{
	int first = a->last_id + 1;
	int place = place_of_rows(a);
	g_autofree char *id = id_text(table->id);

	for (unsigned i = 0; i < parts; i++)
		g_ptr_array_insert(a->entries, place + (int)i,
		    rows_of(table, copy_sql, first + (int)i,
			i == 0 ? table->id : first));
	a->last_id += (int)parts;
	for (guint i = 0; parts > 1 && i < a->entries->len; i++)
		wait_for_parts(
		    g_ptr_array_index(a->entries, i), id, first, parts);
	return first;
}
