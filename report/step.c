#include "report/step.h"

#include "base/error.h"

static const char *const names[] = {
    "open", "node-drain:", "node-joined:", "finalize", "close"};

bool step_parse(const char *text, struct step *step, GError **error)
{
	for (int i = 0; i < (int)G_N_ELEMENTS(names); i++) {
		bool has_node = g_str_has_suffix(names[i], ":");
		if (has_node ? !g_str_has_prefix(text, names[i]) ||
				   !text[strlen(names[i])]
			     : !g_str_equal(text, names[i]))
			continue;
		step->kind = (enum step_kind)i;
		step->node = has_node ? text + strlen(names[i]) : NULL;
		return true;
	}
	return fail(error, GONOGO_ERROR_USAGE,
	    "--phase %s: not one of open, node-drain:NODE, node-joined:NODE, "
	    "finalize, close",
	    text);
}
