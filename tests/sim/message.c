#include "tests/sim/message.h"

const char *const permission_names[] = {
    [PERMISSION_NONE] = "NONE",
    [PERMISSION_USER] = "USER",
    [PERMISSION_ADMIN] = "ADMIN",
    [PERMISSION_SYS_ADMIN] = "SYS_ADMIN",
};

const char *request_argument(const struct request *r, const char *name)
{
	return g_hash_table_lookup(r->arguments, name);
}

const char *request_header(const struct request *r, const char *name)
{
	return g_hash_table_lookup(r->headers, name);
}

int64_t request_number(
    const struct request *r, const char *name, int64_t fallback, int64_t most)
{
	const char *text = request_argument(r, name);
	uint64_t number;

	return text && g_ascii_string_to_unsigned(
			   text, 10, 0, (guint64)most, &number, NULL)
		   ? (int64_t)number
		   : fallback;
}

void reply_clear(struct reply *reply)
{
	g_clear_pointer(&reply->text, g_free);
	g_clear_pointer(&reply->json, json_free);
	g_clear_pointer(&reply->headers, g_hash_table_unref);
	reply->status = 0;
}

/* A reply may be thought better of; its headers stay. */
static void begin(struct reply *reply, unsigned status, const char *media_type)
{
	g_clear_pointer(&reply->text, g_free);
	g_clear_pointer(&reply->json, json_free);
	reply->status = status;
	reply->media_type = media_type;
}

void reply_json(struct reply *reply, unsigned status, json *value)
{
	begin(reply, status, "application/json");
	reply->json = value;
}

void reply_html(
    struct reply *reply, unsigned status, const char *title, const char *text)
{
	begin(reply, status, "text/html;charset=UTF-8");
	reply->text = g_markup_printf_escaped(
	    "<!DOCTYPE html>\n<html lang=\"en\"><head><title>%s</title></head>"
	    "<body><h1>%s</h1><p>%s</p></body></html>\n",
	    title, title, text);
}

void reply_empty(struct reply *reply, unsigned status)
{
	begin(reply, status, NULL);
}

void reply_header(struct reply *reply, const char *name, const char *value)
{
	if (!reply->headers)
		reply->headers = g_hash_table_new_full(
		    g_str_hash, g_str_equal, g_free, g_free);
	g_hash_table_replace(reply->headers, g_strdup(name), g_strdup(value));
}

void reply_error(struct reply *reply, unsigned status, const char *exception,
    const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	g_autofree char *message = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	json *body = json_new_object();
	json *list = json_set(body, "errors", json_new_array());
	json *error = json_append(list, json_new_object());

	set_null(error, "context");
	json_set_string(error, "message", message);
	if (exception)
		json_set_string(error, "exceptionName", exception);
	else
		set_null(error, "exceptionName");
	reply_json(reply, status, body);
}

void reply_page(struct reply *reply, const struct request *r, const json *array)
{
	enum { USUAL = 25, MOST = 1000 };
	int64_t start = request_number(r, "start", 0, INT32_MAX);
	int64_t limit = request_number(r, "limit", USUAL, MOST);
	json *page = json_new_object();
	json *values = json_set(page, "values", json_new_array());
	int64_t place = 0, size = 0;

	json_each (value, array) {
		if (place >= start && size < limit) {
			json_append(values, json_copy(value));
			size++;
		}
		place++;
	}
	bool last = start + size >= place;
	json_set_i64(page, "size", size);
	json_set_i64(page, "limit", limit);
	json_set_i64(page, "start", start);
	json_set_bool(page, "isLastPage", last);
	if (last)
		set_null(page, "nextPageStart");
	else
		json_set_i64(page, "nextPageStart", start + size);
	reply_json(reply, 200, page);
}

void set_null(json *object, const char *key)
{
	json_set(object, key, json_parse("null", 4, "null", NULL));
}
