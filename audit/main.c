#include "audit/verbs.h"
#include "base/cli.h"

int main(int argc, char **argv)
{
	static const struct cli_verb verbs[] = {
	    {"look", verb_look,
		"ten seconds, no login: version, age, next step"},
	    {"doctor", verb_doctor,
		"do settings, logins, rights and tools suffice?"},
	    {"collect", verb_collect, "look at a cluster, write its bundle"},
	    {"node", verb_node, "look at this node alone, without settings"},
	    {"judge", verb_judge, "hold a bundle against the rules"},
	    {"rules", verb_rules, "the rules, and why each applies or not"},
	    {"explain", verb_explain, "one rule: what, why, how to mend it"},
	    {"logs", verb_logs, "known problems, unknown errors in any logs"},
	    {"capacity", verb_capacity,
		"the load with a node away; the safest window"},
	    {"pack", verb_pack, "is a pack of known problems fit for use?"},
	    {0},
	};
	static const struct cli_tool tool = {"gonogo-audit",
	    "Looks at a Bitbucket cluster and judges whether it may be "
	    "upgraded.",
	    verbs};

	return cli_run(argc, argv, &tool);
}
