#include "tests/sim/waiting.h"

struct alarm {
	struct waiting *waiting;
	uint64_t id;
};

struct waiting *waiting_new(void)
{
	struct waiting *w = g_new0(struct waiting, 1);

	g_mutex_init(&w->lock);
	w->held = g_hash_table_new(g_int64_hash, g_int64_equal);
	return w;
}

void waiting_free(struct waiting *w)
{
	g_hash_table_unref(w->held);
	g_mutex_clear(&w->lock);
	g_free(w);
}

static gboolean ring(gpointer data)
{
	const struct alarm *alarm = data;
	struct waiting *w = alarm->waiting;

	g_mutex_lock(&w->lock);
	struct waiter *who = g_hash_table_lookup(w->held, &alarm->id);
	if (who) { /* else its port was closed meanwhile */
		g_hash_table_remove(w->held, &alarm->id);
		MHD_resume_connection(who->connection);
	}
	g_mutex_unlock(&w->lock);
	return G_SOURCE_REMOVE;
}

bool waiting_hold(struct waiter *who, int64_t wait_ms)
{
	struct waiting *w = who->room->waiting;

	g_mutex_lock(&w->lock);
	bool open = !who->room->closed;
	if (open) {
		who->id = ++w->last_id;
		g_hash_table_insert(w->held, &who->id, who);
		MHD_suspend_connection(who->connection);
		if (wait_ms > 0) {
			const struct alarm alarm = {w, who->id};
			g_timeout_add_full(G_PRIORITY_DEFAULT, (guint)wait_ms,
			    ring, g_memdup2(&alarm, sizeof alarm), g_free);
		}
	}
	g_mutex_unlock(&w->lock);
	return open;
}

void waiting_close(struct waiting_room *room)
{
	struct waiting *w = room->waiting;
	GHashTableIter iter;
	gpointer value;

	g_mutex_lock(&w->lock);
	room->closed = true;
	g_hash_table_iter_init(&iter, w->held);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		struct waiter *who = value;
		if (who->room != room)
			continue;
		who->given_up = true;
		g_hash_table_iter_remove(&iter);
		MHD_resume_connection(who->connection);
	}
	g_mutex_unlock(&w->lock);
}

void waiting_open(struct waiting_room *room)
{
	g_mutex_lock(&room->waiting->lock);
	room->closed = false;
	g_mutex_unlock(&room->waiting->lock);
}
