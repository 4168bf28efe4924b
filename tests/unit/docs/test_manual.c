/* The manual is in step with the tables it tells of. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/config.h"
#include "base/file.h"
#include "base/limits.h"
#include "contract/policy.h"
#include "contract/settings.h"

static void names_each(const struct config_key *keys, const char *path)
{
	g_autofree char *page = file_read(path, LIMIT_SETTINGS, NULL, NULL);

	assert_non_null(page);
	for (const struct config_key *k = keys; k->group; k++) {
		g_autofree char *line =
		    k->key ? g_strdup_printf("\n.It Cm %s No = ", k->key)
			   : g_strdup_printf("\n.Ss [%s]\n", k->group);
		if (!strstr(page, line))
			fail_msg("%s says nothing of [%s] %s", path, k->group,
			    k->key ? k->key : "");
		g_autofree char *standard =
		    k->standard && *k->standard
			? g_strdup_printf("\n.Ql %s .\n", k->standard)
			: NULL;
		if (standard && !strstr(page, standard))
			fail_msg("%s: the default of %s is %s", path, k->key,
			    k->standard);
	}
}

static void the_manual_tells_every_setting_and_its_default(void **state)
{
	(void)state;
	names_each(settings_keys, "docs/man/gonogo.conf.5");
	names_each(policy_keys, "docs/man/gonogo-policy.5");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_manual_tells_every_setting_and_its_default),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
