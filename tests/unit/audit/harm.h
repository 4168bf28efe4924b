/* One thing is harmed in healthy facts: what do the rules find, and say? */
#ifndef GONOGO_TESTS_HARM_H
#define GONOGO_TESTS_HARM_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include "healthy.h"

/* Behind our own headers: it makes a macro of fail. */
#include <cmocka.h>

struct harm {
	void (*harm)(struct facts *facts); /* NULL: nothing is harmed */
	const char *key;                   /* of the finding */
	enum outcome outcome;
	const char *says;   /* part of its message, or of its reason */
	enum answer answer; /* of the built-in policy, all rules judged */
};

static inline const char *text_of(const struct finding *f)
{
	const char *text = f->outcome == OUTCOME_UNKNOWN ? f->why : f->message;

	return text ? text : "";
}

static inline bool holds(const struct harm *h)
{
	g_auto(facts) facts;
	g_auto(findings) found;

	healthy(&facts);
	if (h->harm)
		h->harm(&facts);
	judge(&facts, &found);
	const struct finding *f = findings_find(&found, h->key);
	bool good = f && f->outcome == (int)h->outcome &&
		    strstr(text_of(f), h->says) &&
		    answer(&facts) == (int)h->answer;
	/* What is not good has to say what a person does. */
	if (good && f->outcome != OUTCOME_PASS &&
	    f->outcome != OUTCOME_NOT_APPLICABLE)
		good = list_length(f->remediation) > 0;
	if (!good)
		g_printerr("# %s: %s: %s (wants %s: %s); the answer is %s\n",
		    h->key, f ? outcome_names[f->outcome] : "no such finding",
		    f ? text_of(f) : "", outcome_names[h->outcome], h->says,
		    answer_names[answer(&facts)]);
	return good;
}

struct harms {
	const struct harm *rows;
	size_t length;
};

static inline void each_harm_is_found_and_said(void **state)
{
	const struct harms *harms = *state;
	guint failed = 0;

	for (size_t i = 0; i < harms->length; i++)
		failed += !holds(&harms->rows[i]);
	assert_int_equal(failed, 0);
}

/* The test of a table of harms. */
#define EACH_HARM(table)                                                       \
	cmocka_unit_test_prestate(each_harm_is_found_and_said,                 \
	    (&(struct harms){table, G_N_ELEMENTS(table)}))

/* The answer about harmed facts by the built-in policy as AMEND changes it. */
static inline int answer_by(
    void (*harm)(struct facts *), void (*amend)(struct policy *))
{
	g_auto(facts) facts;
	g_auto(findings) found = {0};
	g_auto(verdict) v = {0};
	g_autoptr(policy) policy = policy_default();

	healthy(&facts);
	harm(&facts);
	amend(policy);
	judge_all(&facts, policy, HEALTHY_AS_OF, NULL, &found);
	verdict_of(&v, &facts, &found, policy, HEALTHY_AS_OF);
	return v.answer;
}

/* Makes a harm of one statement on `f`. */
#define HARM(name, statement)                                                  \
	static void name(struct facts *f)                                      \
	{                                                                      \
		statement;                                                     \
	}

#endif
