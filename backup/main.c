/*
 * gonogo-backup: SAVE and PROVE.
 */
#include "backup/verbs.h"
#include "base/cli.h"

int main(int argc, char **argv)
{
	static const struct cli_verb verbs[] = {
	    {"advise", verb_advise,
		"which way to save fits here, and its lock"},
	    {"create", verb_create, "save home and database into a new set"},
	    {"adopt", verb_adopt, "record a backup that others made"},
	    {"list", verb_list, "the sets of a store"},
	    {"verify", verb_verify, "read a set back, and prove what was read"},
	    {"restore", verb_restore, "put a set into empty places"},
	    {"expire", verb_expire, "old sets go, proved ones stay"},
	    {"drill", verb_drill, "restore a set for a try, and prove it"},
	    {"unlock", verb_unlock, "give back a lock that was left behind"},
	    {"doctor", verb_doctor, "would a backup work?"},
	    {0},
	};
	static const struct cli_tool tool = {
	    .name = "gonogo-backup",
	    .what = "Saves a Bitbucket Data Center, and proves that it did.",
	    .verbs = verbs,
	};

	return cli_run(argc, argv, &tool);
}
