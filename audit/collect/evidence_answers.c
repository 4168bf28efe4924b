/* What only people can say: answers.conf, written by --ask, filled by hand. */
#include "audit/collect/evidence.h"
#include "base/clock.h"
#include "base/config_groups.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/limits.h"

struct group {
	char *answer, *by, *at, *target, *why;
};

#define AT(member) offsetof(struct group, member)

static const char *const words[] = {"yes", "no", NULL};

static const struct config_key keys[] = {
    {"", "answer", CONFIG_CHOICE, AT(answer), .words = words,
	.what = "what is so; without it the question is open"},
    {"", "by", CONFIG_TEXT, AT(by), .what = "who says so"},
    {"", "at", CONFIG_TEXT, AT(at), .what = "when it was said, RFC 3339"},
    {"", "target", CONFIG_TEXT, AT(target),
	.what = "the version that it is said of"},
    {"", "why", CONFIG_TEXT, AT(why), .what = "what else there is to say"},
    {0},
};

static bool take(const config *c, const char *question, const void *value,
    void *data, GError **error)
{
	const struct group *g = value;
	const struct {
		const char *key;
		bool missing;
	} must[] = {{"by", !g->by}, {"at", !g->at}, {"target", !g->target}};
	struct facts *f = data;
	int64_t at = 0;

	if (!g->answer)
		return true;
	for (size_t i = 0; i < G_N_ELEMENTS(must); i++)
		if (must[i].missing)
			return config_fail(
			    c, question, must[i].key, error, "missing");
	if (!clock_parse(g->at, &at, NULL))
		return config_fail(c, question, "at", error,
		    "no time like 2026-11-20T10:00:00Z");
	struct attestation *a = shape_add(&attestation_shape, &f->answers);
	a->question = g_strdup(question);
	a->yes = flag_of(g_str_equal(g->answer, "yes"));
	a->by = g_strdup(g->by);
	a->target = g_strdup(g->target);
	a->why = g_strdup(g->why);
	a->at = number_of(at);
	return true;
}

bool evidence_answers(const char *bundle, struct facts *f, GError **error)
{
	g_autofree char *path = g_build_filename(bundle, "answers.conf", NULL);
	size_t length = 0;

	if (!g_file_test(path, G_FILE_TEST_EXISTS)) {
		facts_add_unseen(f, "answers",
		    "nobody has answered; hint: gonogo audit judge --ask FILE")
		    ->kind = UNSEEN_NOT_ASKED;
		return true;
	}
	g_autofree char *text = file_read(path, LIMIT_SETTINGS, &length, error);
	if (!text || !config_groups_parse(keys, sizeof(struct group), text,
			 path, take, f, error))
		return false;
	struct source *s = shape_add(&source_shape, &f->sources);
	s->what = g_strdup("answers");
	s->file = g_strdup("answers.conf");
	s->sha256 = hash_hex(text, length);
	return true;
}
