#include "backup/db/witness.h"

#include "contract/shape.h"

/* What a table got so far. */
struct got {
	uint64_t rows, taken;
	struct row_sum sum;
	bool any;
};

struct witness {
	GMutex mutex;
	GHashTable *by_sql; /* SQL that fills a table -> struct got */
	tables *saved;
};

/* ---- rows ---- */

static void take_row(struct passing *p, const char *row, size_t length)
{
	p->rows++;
	row_sum_add(&p->sum, row, length);
}

void passing_add(struct passing *p, const char *bytes, size_t length)
{
	const char *end = bytes + length, *line;

	/* COPY writes an end of line inside a value as \n: a line is a row. */
	while ((line = memchr(bytes, '\n', (size_t)(end - bytes)))) {
		size_t step = (size_t)(++line - bytes);
		if (p->begun && p->begun->len) {
			g_byte_array_append(
			    p->begun, (const guint8 *)bytes, (guint)step);
			take_row(
			    p, (const char *)p->begun->data, p->begun->len);
			g_byte_array_set_size(p->begun, 0);
		} else {
			take_row(p, bytes, step);
		}
		bytes = line;
	}
	if (bytes == end)
		return;
	if (!p->begun)
		p->begun = g_byte_array_new();
	g_byte_array_append(
	    p->begun, (const guint8 *)bytes, (guint)(end - bytes));
}

void passing_clear(struct passing *p)
{
	g_clear_pointer(&p->begun, g_byte_array_unref);
	*p = (struct passing){0};
}

/* ---- tables ---- */

witness *witness_new(tables *saved)
{
	struct witness *w = g_new0(struct witness, 1);

	g_mutex_init(&w->mutex);
	w->by_sql =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	w->saved = saved;
	for (guint i = 0; i < list_length(saved->tables); i++) {
		const struct table *t = g_ptr_array_index(saved->tables, i);
		g_hash_table_replace(w->by_sql,
		    table_fill_sql(t->name, t->columns), g_new0(struct got, 1));
	}
	return w;
}

void witness_free(witness *w)
{
	if (!w)
		return;
	g_hash_table_unref(w->by_sql);
	g_mutex_clear(&w->mutex);
	g_free(w);
}

void witness_take(
    witness *w, const char *copy_sql, const struct passing *p, uint64_t taken)
{
	g_autoptr(GMutexLocker) held = g_mutex_locker_new(&w->mutex);
	struct got *got = g_hash_table_lookup(w->by_sql, copy_sql);

	if (!got)
		return; /* nobody says what it should be */
	got->any = true;
	got->rows += p->rows;
	got->taken += taken;
	row_sum_join(&got->sum, &p->sum);
}

static void judge(
    const struct got *got, struct table *t, GPtrArray *differences)
{
	char sum[ROW_SUM_HEX + 1];

	/* What has no sum, or did not pass here, is read again. */
	if (!got->any || !*t->sum)
		return;
	t->seen = true;
	row_sum_hex(&got->sum, sum);
	if (got->taken != t->rows)
		g_ptr_array_add(differences,
		    g_strdup_printf("%s: %" G_GUINT64_FORMAT
				    " rows, not %" G_GUINT64_FORMAT,
			t->name, got->taken, t->rows));
	else if (got->rows != t->rows || !g_str_equal(sum, t->sum))
		g_ptr_array_add(differences,
		    g_strdup_printf(
			"%s: its rows have another checksum", t->name));
}

void witness_end(witness *w, GPtrArray *differences)
{
	for (guint i = 0; i < list_length(w->saved->tables); i++) {
		struct table *t = g_ptr_array_index(w->saved->tables, i);
		g_autofree char *sql = table_fill_sql(t->name, t->columns);
		judge(g_hash_table_lookup(w->by_sql, sql), t, differences);
	}
}
