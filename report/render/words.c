#include "report/render/words.h"

#include "base/clock.h"

static struct word failure(int severity)
{
	static const struct word words[] = {
	    {"stop", "blocker"},
	    {"stop", "high"},
	    {"warn", "medium"},
	    {"note", "low"},
	    {"note", "info"},
	};

	return words[severity];
}

struct word words_finding(int outcome, int severity, int relation)
{
	switch ((enum outcome)outcome) {
	case OUTCOME_PASS:
		return (struct word){"good", "passed"};
	case OUTCOME_NOT_APPLICABLE:
		return (struct word){"none", "does not apply"};
	case OUTCOME_MANUAL:
		return (struct word){"hand", "for a person"};
	case OUTCOME_FAIL:
		return relation == RELATION_PRE_EXISTING
			   ? (struct word){"note", "pre-existing"}
			   : failure(severity);
	case OUTCOME_UNKNOWN:
		break;
	}
	return (struct word){"open", "unknown"};
}

struct word words_answer(enum answer answer)
{
	static const char *const kinds[] = {"open", "stop", "warn", "good"};

	return (struct word){kinds[answer], answer_text(answer)};
}

const char *words_phase(int phase)
{
	static const char *const words[] = {"before the upgrade starts",
	    "before the next node", "before it is finalised",
	    "after the upgrade"};

	return words[phase];
}

const char *words_relation(int relation)
{
	static const char *const words[] = {"breaks the upgrade",
	    "breaks the way back", "made worse by the upgrade",
	    "there before, and not made worse"};

	return words[relation];
}

char *words_count(guint count, const char *one, const char *many)
{
	return g_strdup_printf("%u %s", count, count == 1 ? one : many);
}

void words_set(json *object, const char *key, struct word word)
{
	json *inner = json_set(object, key, json_new_object());

	json_set_string(inner, "kind", word.kind);
	json_set_string(inner, "text", word.text);
}

/* Nobody counts the hours of ten days. */
static char *far(int64_t seconds)
{
	enum { DAY_S = 86400 };

	return clock_span(
	    seconds < 10 * DAY_S ? seconds : seconds - seconds % DAY_S);
}

void words_set_time(
    json *object, const char *key, struct number time, int64_t now)
{
	if (!time.known)
		return;
	json *inner = json_set(object, key, json_new_object());
	g_autofree char *iso = clock_text(time.value);
	g_autofree char *text =
	    g_strdup_printf("%.10s %.5s UTC", iso, iso + 11);
	int64_t ahead = time.value - now;
	g_autofree char *span = far(ahead < 0 ? -ahead : ahead);
	g_autofree char *phrase = ahead < 0   ? g_strconcat(span, " ago", NULL)
				  : ahead > 0 ? g_strconcat("in ", span, NULL)
					      : g_strdup("now");

	json_set_string(inner, "iso", iso);
	json_set_string(inner, "text", text);
	json_set_string(inner, "span", phrase);
}
