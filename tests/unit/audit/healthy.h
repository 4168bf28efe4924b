/*
 * Facts of a healthy, complete cluster, for tests that harm one thing at a
 * time: bb-1 to bb-3 run 9.4.22, and 9.4.23 is the target.
 */
#ifndef GONOGO_TESTS_HEALTHY_H
#define GONOGO_TESTS_HEALTHY_H

#include "audit/judge.h"
#include "audit/rules/rule.h"
#include "contract/verdict.h"

/* 2026-09-21T14:13:20Z: ten minutes after everything was seen. */
enum { HEALTHY_AS_OF = 1790000000, HEALTHY_AT = HEALTHY_AS_OF - 600 };

static inline void healthy(struct facts *facts)
{
	g_autoptr(GError) error = NULL;

	*facts = (struct facts){0};
	if (!document_load(
		&facts_shape, "tests/unit/audit/healthy.json", facts, &error))
		g_error("%s", error->message);
}

static inline void replace(char **member, const char *text)
{
	g_free(*member);
	*member = g_strdup(text);
}

static inline struct node *node_of(const struct facts *facts, const char *name)
{
	return facts_find_node(facts, name);
}

/* Of the part KEY of the facts ("licence") nothing is known any more. */
static inline void forget(struct facts *facts, const char *key)
{
	for (const struct field *f = facts_shape.fields; f->key; f++)
		if (g_str_equal(f->key, key))
			shape_clear(f->shape, (char *)facts + f->offset);
}

/* What was seen of WHAT is unseen now, for WHY. */
static inline void blind(struct facts *facts, const char *what, const char *why)
{
	for (guint i = 0; i < list_length(facts->sources); i++) {
		struct source *s = g_ptr_array_index(facts->sources, i);
		if (g_str_equal(s->what, what)) {
			shape_clear(&source_shape, s);
			g_free(g_ptr_array_steal_index(facts->sources, i));
			break;
		}
	}
	facts_add_unseen(facts, what, "%s", why)->kind =
	    g_str_equal(why, "not asked") ? UNSEEN_NOT_ASKED
					  : UNSEEN_UNANSWERED;
}

/* Nobody looked at the machine of node NAME. */
static inline void blind_machine(struct facts *facts, const char *name)
{
	struct node *node = facts_find_node(facts, name);
	g_autofree char *what = g_strdup_printf("node.%s.machine", name);

	g_clear_pointer(&node->timezone, g_free);
	g_clear_pointer(&node->java, g_free);
	g_clear_pointer(&node->git, g_free);
	node->home_free_bytes = node->home_size_bytes = (struct number){0};
	blind(facts, what, "not asked");
}

/* Judges by the built-in policy as of HEALTHY_AS_OF, into an empty *OUT. */
static inline void judge(const struct facts *facts, struct findings *out)
{
	g_autoptr(policy) policy = policy_default();

	*out = (struct findings){0};
	judge_all(facts, policy, HEALTHY_AS_OF, NULL, out);
}

/* The answer that the built-in policy gives. */
static inline int answer(const struct facts *facts)
{
	g_autoptr(policy) policy = policy_default();
	g_auto(findings) found;
	g_auto(verdict) v = {0};

	judge(facts, &found);
	verdict_of(&v, facts, &found, policy, HEALTHY_AS_OF);
	return v.answer;
}

#endif
