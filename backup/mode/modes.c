#include "backup/mode/modes.h"

#include "backup/aws/backup.h"
#include "backup/mode/freeze.h"
#include "backup/mode/hold.h"
#include "backup/mode/hot.h"
#include "backup/mode/snapshot.h"
#include "base/error.h"

const struct mode modes[] = {
    {
	.name = "hot",
	.first = hot_first,
	.sweep = hot_sweep,
    },
    {
	.name = "freeze",
	.locks = true,
	.first = freeze_first,
	.hold = hold_take,
	.sweep = freeze_sweep,
	.let_go = freeze_let_go,
    },
    {
	.name = "sealed",
	.locks = true,
	.first = hot_first,
	.hold = hold_take,
	.sweep = hot_sweep,
	.finish = hold_let_go,
    },
    {
	.name = "snapshot",
	.first = snapshot_first,
	.sweep = snapshot_sweep,
    },
    {
	.name = "aws-backup",
	.instead = aws_backup,
	.plan = aws_plan,
	.checks = aws_checks,
    },
    {0},
};

const struct mode *modes_fallback(void)
{
	return &modes[0];
}

const struct mode *modes_find(const char *name, GError **error)
{
	g_autoptr(GString) known = g_string_new(NULL);

	for (const struct mode *m = modes; m->name; m++) {
		if (g_str_equal(m->name, name))
			return m;
		g_string_append_printf(
		    known, "%s%s", known->len ? ", " : "", m->name);
	}
	fail(error, GONOGO_ERROR_USAGE,
	    "there is no mode %s\nhint: take one of %s", name, known->str);
	return NULL;
}
