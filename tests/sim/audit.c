#include "tests/sim/audit.h"

#include "base/clock.h"

enum { MOST = 10000, USUAL = 200 };

void audit_add(cluster *c, const struct audit_event *event)
{
	json *list = cluster_list(c, "audit_events");
	json *entry = json_append(list, json_new_object());

	json_set_i64(entry, "at", cluster_time(NULL));
	json_set_string(entry, "action", event->action);
	json_set_string(entry, "category", event->category);
	json_set_string(
	    entry, "author", event->author ? event->author : "admin");
	json_set_string(entry, "object", event->object);
	json_set_string(entry, "object_type", event->object_type);
	json_set_string(entry, "object_id", event->object_id);
}

static json *event_json(const struct request *r, const json *entry)
{
	json *value = json_new_object();
	g_autofree char *text = clock_text(number_at(entry, "at", 0));

	json_set_string(value, "timestamp", text);
	json *author = json_set(value, "author", json_new_object());
	json_set_string(author, "name", json_text(entry, "author"));
	json_set_string(author, "type", "NORMAL");
	json *type = json_set(value, "type", json_new_object());
	json_set_string(type, "action", json_text(entry, "action"));
	json_set_string(type, "category", json_text(entry, "category"));
	json *objects = json_set(value, "affectedObjects", json_new_array());
	if (json_text(entry, "object")) {
		json *object = json_append(objects, json_new_object());
		json_set_string(object, "name", json_text(entry, "object"));
		json_set_string(
		    object, "type", json_text(entry, "object_type"));
		json_set_string(object, "id", json_text(entry, "object_id"));
	}
	json_set(value, "changedValues", json_new_array());
	json_set_string(value, "source", "192.0.2.10");
	json_set_string(value, "system", r->base);
	json_set_string(value, "node", r->node->name);
	json_set_string(value, "method", "Browser");
	return value;
}

static gint newest_first(gconstpointer a, gconstpointer b)
{
	/* RFC 3339 in UTC sorts as text. */
	return g_strcmp0(json_text(*(json *const *)b, "timestamp"),
	    json_text(*(json *const *)a, "timestamp"));
}

static bool is_within(const struct request *r, const json *event)
{
	const char *from = request_argument(r, "from");
	const char *to = request_argument(r, "to");
	int64_t at = 0, edge = 0;

	return clock_parse(json_text(event, "timestamp"), &at, NULL) &&
	       (!from || (clock_parse(from, &edge, NULL) && at >= edge)) &&
	       (!to || (clock_parse(to, &edge, NULL) && at <= edge));
}

static GPtrArray *select_events(const struct request *r)
{
	GPtrArray *events =
	    g_ptr_array_new_with_free_func((GDestroyNotify)json_free);

	json_each (entry, cluster_world(r->cluster, "audit_events")) {
		json *event = event_json(r, entry);
		if (is_within(r, event))
			g_ptr_array_add(events, event);
		else
			json_free(event);
	}
	g_ptr_array_sort(events, newest_first);
	return events;
}

static char *next_link(const struct request *r, int64_t offset, int64_t limit)
{
	GString *link = g_string_new(r->base);

	g_string_append_printf(link,
	    "/rest/auditing/1.0/events?offset=%" PRId64 "&limit=%" PRId64,
	    offset, limit);
	const char *const kept[] = {"from", "to"};
	for (size_t i = 0; i < G_N_ELEMENTS(kept); i++) {
		const char *value = request_argument(r, kept[i]);
		if (!value)
			continue;
		g_autofree char *escaped =
		    g_uri_escape_string(value, NULL, FALSE);
		g_string_append_printf(link, "&%s=%s", kept[i], escaped);
	}
	return g_string_free(link, FALSE);
}

static void get_events(struct request *r, struct reply *reply)
{
	int64_t limit = request_number(r, "limit", USUAL, MOST);
	int64_t offset = request_number(r, "offset",
	    request_number(r, "pageCursor", 0, INT32_MAX), INT32_MAX);
	g_autoptr(GPtrArray) events = select_events(r);
	json *value = json_new_object();
	json *entities = json_set(value, "entities", json_new_array());
	int64_t size = 0;

	for (; size < limit && offset + size < events->len; size++)
		json_append(entities,
		    json_copy(g_ptr_array_index(events, offset + size)));
	bool last = offset + size >= events->len;
	json *paging = json_set(value, "pagingInfo", json_new_object());
	json_set_bool(paging, "lastPage", last);
	json_set_i64(paging, "size", size);
	if (!last) {
		g_autofree char *cursor =
		    g_strdup_printf("%" PRId64, offset + size);
		g_autofree char *link = next_link(r, offset + size, limit);
		json_set_string(paging, "nextPageCursor", cursor);
		json_set_string(paging, "nextPageLink", link);
	}
	reply_json(reply, 200, value);
}

const struct route audit_routes[] = {
    {"GET", "/rest/auditing/~/events", PERMISSION_ADMIN, 0, get_events},
    {0},
};
