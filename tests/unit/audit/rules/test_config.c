#include "../harm.h"

static void install(
    struct facts *f, const char *node, const char *path, const char *sum)
{
	struct installed *file =
	    shape_add(&installed_shape, &node_of(f, node)->install);

	file->path = g_strdup(path);
	file->sha256 = g_strdup(sum);
}

static void forget_install(struct facts *f, const char *node)
{
	GPtrArray *list = node_of(f, node)->install;

	for (guint i = 0; i < list->len; i++) {
		shape_clear(&installed_shape, g_ptr_array_index(list, i));
		g_free(g_ptr_array_index(list, i));
	}
	g_clear_pointer(&node_of(f, node)->install, g_ptr_array_unref);
}

static struct attestation *carried(struct facts *f)
{
	return (struct attestation *)facts_find_answer(
	    f, "CONFIG-carried-over");
}

HARM(one_more, install(f, "bb-3", "bin/extra.sh", "03"))
HARM(changed, replace(&((struct installed *)g_ptr_array_index(
			    node_of(f, "bb-2")->install, 1))
			   ->sha256,
		  "ff"))
HARM(one_unseen, forget_install(f, "bb-3"))
HARM(unsaid, replace(&carried(f)->question, "APPS-unknown"))
HARM(said_no, carried(f)->yes = flag_of(false))

static const struct harm rows[] = {
    {NULL, "CONFIG-same-install", OUTCOME_PASS,
	"the 2 files in bin and conf are the same on 3 nodes", ANSWER_GO},
    {one_unseen, "CONFIG-same-install/bb-3", OUTCOME_UNKNOWN, "nobody looked",
	ANSWER_GO},
    {one_more, "CONFIG-same-install/bin/extra.sh", OUTCOME_FAIL,
	"bin/extra.sh on bb-3 is not that of bb-1", ANSWER_CONDITIONAL},
    {changed, "CONFIG-same-install/conf/server.xml", OUTCOME_FAIL,
	"conf/server.xml on bb-2 is not", ANSWER_CONDITIONAL},

    {NULL, "CONFIG-carried-over", OUTCOME_PASS, "Yes, says Anna", ANSWER_GO},
    {unsaid, "CONFIG-carried-over", OUTCOME_MANUAL, "carry over",
	ANSWER_UNKNOWN},
    {said_no, "CONFIG-carried-over", OUTCOME_FAIL, "No, says Anna",
	ANSWER_NO_GO},
};

int main(void)
{
	const struct CMUnitTest tests[] = {EACH_HARM(rows)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
