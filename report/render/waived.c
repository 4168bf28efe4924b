#include "report/render/waived.h"

#include "report/render/words.h"

static struct word word_of(const struct waiver *w)
{
	static const struct word words[] = {
	    [WAIVER_INVALID] = {"stop", "not valid"},
	    [WAIVER_TOO_BROAD] = {"stop", "too broad"},
	    [WAIVER_EXPIRED] = {"note", "expired"},
	    [WAIVER_NOT_YET] = {"note", "not yet in force"},
	    [WAIVER_ELSEWHERE] = {"note", "of something else"},
	    [WAIVER_UNUSED] = {"note", "unused"},
	    [WAIVER_ACTIVE] = {"warn", "in force"},
	};

	return words[w->state];
}

static json *write_waiver(const struct waiver *w, int64_t now)
{
	json *object = json_new_object();
	g_autoptr(GString) signers = g_string_new(NULL);

	for (guint i = 0; i < list_length(w->signers); i++)
		g_string_append_printf(signers, "%s%s", i ? ", " : "",
		    (const char *)g_ptr_array_index(w->signers, i));
	words_set(object, "state", word_of(w));
	json_set_string(object, "id", w->id);
	json_set_string(object, "finding", w->finding);
	json_set_string(object, "reason", w->reason);
	json_set_string(object, "why", w->why);
	json_set_string(object, "signers", signers->len ? signers->str : NULL);
	words_set_time(object, "until", w->until, now);
	return object;
}

void waived_set(json *model, const struct verdict *v)
{
	if (list_length(v->waivers) == 0)
		return;
	json *outer = json_set(model, "waivers", json_new_object());
	json *list = json_set(outer, "list", json_new_array());
	json_set_i64(outer, "count", v->waivers->len);
	words_set(outer, "with", words_answer(v->answer));
	words_set(outer, "without", words_answer(v->answer_without_waivers));
	for (guint i = 0; i < v->waivers->len; i++)
		json_append(list, write_waiver(g_ptr_array_index(v->waivers, i),
				      v->as_of.value));
}
