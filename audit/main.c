#include "audit/verbs.h"
#include "base/cli.h"

int main(int argc, char **argv)
{
	static const struct cli_verb verbs[] = {
	    {"collect", verb_collect, "look at a cluster, write its bundle"},
	    {0},
	};
	static const struct cli_tool tool = {"gonogo-audit",
	    "Looks at a Bitbucket cluster and judges whether it may be "
	    "upgraded.",
	    verbs};

	return cli_run(argc, argv, &tool);
}
