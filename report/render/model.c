#include "report/render/model.h"

#include "report/render/checklist.h"
#include "report/render/summary.h"
#include "report/render/waived.h"
#include "report/render/words.h"

/* How many findings there are of each kind that is drawn. */
static void set_tally(json *model, const struct findings *findings)
{
	static const struct {
		const char *kind, *one, *many;
	} rows[] = {
	    {"stop", "blocks", "block"},
	    {"open", "unknown", "unknown"},
	    {"hand", "for a person", "for a person"},
	    {"warn", "warns", "warn"},
	    {"note", "note", "notes"},
	    {"good", "passed", "passed"},
	    {"none", "does not apply", "do not apply"},
	};
	json *array = json_set(model, "tally", json_new_array());

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		int64_t count = 0;
		for (guint j = 0; j < list_length(findings->list); j++) {
			const struct finding *f =
			    g_ptr_array_index(findings->list, j);
			struct word word =
			    words_finding(f->outcome, f->severity, f->relation);
			count += g_str_equal(word.kind, rows[i].kind);
		}
		if (count == 0)
			continue;
		json *object = json_append(array, json_new_object());
		json_set_string(object, "kind", rows[i].kind);
		json_set_string(
		    object, "text", count == 1 ? rows[i].one : rows[i].many);
		json_set_i64(object, "count", count);
	}
}

/* Steps of the guide that no rule of this version judges. */
static void set_unjudged(json *model, const json *steps)
{
	json *list = json_new_array();

	json_each (step, steps)
		if (!json_member(step, "findings"))
			json_append(list, json_copy(step));
	if (json_length(list) == 0) {
		json_free(list);
		return;
	}
	json *outer = json_set(model, "unjudged", json_new_object());
	json_set_i64(outer, "count", (int64_t)json_length(list));
	json_set(outer, "list", list);
}

static void set_unseen(json *model, const struct facts *facts)
{
	if (list_length(facts->unseen) == 0)
		return;
	json *outer = json_set(model, "unseen", json_new_object());
	json *list = json_set(outer, "list", json_new_array());
	json_set_i64(outer, "count", facts->unseen->len);
	for (guint i = 0; i < facts->unseen->len; i++)
		json_append(list, shape_write(&unseen_shape,
				      g_ptr_array_index(facts->unseen, i)));
}

static void set_sources(json *model, const struct facts *facts, int64_t now)
{
	if (list_length(facts->sources) == 0)
		return;
	json *outer = json_set(model, "sources", json_new_object());
	json *list = json_set(outer, "list", json_new_array());
	json_set_i64(outer, "count", facts->sources->len);
	for (guint i = 0; i < facts->sources->len; i++) {
		const struct source *source =
		    g_ptr_array_index(facts->sources, i);
		json *object = json_append(list, json_new_object());
		json_set_string(object, "what", source->what);
		json_set_string(object, "file", source->file);
		json_set_string(object, "sha256", source->sha256);
		words_set_time(object, "at", source->at, now);
	}
}

/* How much was not checked, in one number for the first screen. */
static void set_gaps(json *model, const struct verdict *verdict)
{
	const json *unjudged = json_find(model, "unjudged.list");

	json_set_i64(model, "gaps",
	    (int64_t)list_length(verdict->not_checked) +
		(unjudged ? (int64_t)json_length(unjudged) : 0));
}

json *model_write(const struct facts *facts, const struct findings *findings,
    const struct verdict *verdict, const struct policy *policy)
{
	const struct summary summary = {facts, findings, verdict, policy};
	json *model = json_new_object();

	json_set_string(model, "schema", "gonogo.report/1");
	summary_set_answer(model, &summary);
	summary_set_reasons(model, &summary);
	waived_set(model, verdict);
	summary_set_return(model, &summary);
	summary_set_expiries(model, &summary);
	summary_set_nodes(model, &summary);
	set_tally(model, findings);
	set_unjudged(
	    model, json_set(model, "steps", checklist_write(findings)));
	set_unseen(model, facts);
	set_sources(model, facts, verdict->as_of.value);
	set_gaps(model, verdict);
	return model;
}
