#include "tests/sim/journal.h"

/* A token in the query would let a test's reader unlock: it is not kept. */
static char *without_tokens(const char *query)
{
	g_autoptr(GRegex) token = g_regex_new(
	    "(token=)[^&]*", G_REGEX_DEFAULT, G_REGEX_MATCH_DEFAULT, NULL);

	return g_regex_replace(
	    token, query, -1, 0, "\\1*", G_REGEX_MATCH_DEFAULT, NULL);
}

void journal_add(struct journal *j, const struct request *r,
    const struct reply *reply, const char *fault)
{
	json *entry = json_new_object();

	j->count++;
	json_set_i64(entry, "sequence", (int64_t)j->count);
	json_set_i64(entry, "at_ms", r->cluster->now_ms);
	json_set_string(entry, "node", r->node ? r->node->name : NULL);
	json_set_string(entry, "method", r->method);
	json_set_string(entry, "path", r->path);
	if (*r->query) {
		g_autofree char *query = without_tokens(r->query);
		json_set_string(entry, "query", query);
	}
	json_set_string(entry, "user", r->user);
	json_set_string(entry, "fault", fault);
	/* 0: no answer was given. */
	json_set_i64(entry, "status", reply->status);
	g_queue_push_tail(&j->entries, entry);
	while (j->entries.length > JOURNAL_KEEPS)
		json_free(g_queue_pop_head(&j->entries));
}

void journal_clear(struct journal *j)
{
	g_queue_clear_full(&j->entries, (GDestroyNotify)json_free);
}

json *journal_json(const struct journal *j)
{
	json *list = json_new_array();

	for (const GList *l = j->entries.head; l; l = l->next)
		json_append(list, json_copy(l->data));
	return list;
}
