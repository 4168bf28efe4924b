/*
 * gonogo-report: tell and gate.
 */
#include "base/cli.h"
#include "report/verbs.h"

int main(int argc, char **argv)
{
	static const struct cli_verb verbs[] = {
	    {"decide", verb_decide, "make the verdict of a bundle's findings"},
	    {"render", verb_render, "write the report page and its Markdown"},
	    {"attest", verb_attest, "seal and sign a bundle"},
	    {"verify", verb_verify, "hold a bundle against its signatures"},
	    {"waive", verb_waive, "take a finding upon oneself, for a time"},
	    {"approve", verb_approve, "let the upgrade of a bundle begin"},
	    {"gate", verb_gate, "let an upgrade through, or say why not"},
	    {"init", verb_init, "write a settings file, a policy and the keys"},
	    {"key", verb_key, "make a signing key"},
	    {0},
	};
	static const struct cli_tool tool = {"gonogo-report",
	    "Tells whether the upgrade may go, and gates it.", verbs};

	return cli_run(argc, argv, &tool);
}
