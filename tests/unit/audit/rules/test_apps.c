#include "../harm.h"

static struct app *app_of(struct facts *f)
{
	return facts_find_app(f, "org.example.checks");
}

static void unanswered(struct facts *f, const char *why)
{
	f->app_check.answered = (struct flag){0};
	for (guint i = 0; i < f->apps->len; i++) {
		struct app *app = g_ptr_array_index(f->apps, i);
		app->answered = (struct flag){0};
		app->state = APP_UNKNOWN;
	}
	blind(f, "apps.compatibility", why);
}

static void no_apps(struct facts *f)
{
	while (f->apps->len) {
		shape_clear(&app_shape, g_ptr_array_index(f->apps, 0));
		g_free(g_ptr_array_steal_index(f->apps, 0));
	}
}

HARM(no_apps_and_no_marketplace, no_apps(f); forget(f, "app_check");
     blind(f, "apps.compatibility", "not asked");
     blind(f, "apps.updates", "not asked"))
HARM(five_empty_lists, unanswered(f, "five empty lists"))
HARM(pac_away, f->app_check.reachable = flag_of(false))
HARM(pac_disabled, f->app_check.disabled = flag_of(true))
HARM(pac_unseen, f->app_check.reachable = (struct flag){0};
     blind(f, "apps.marketplace", "HTTP status 500"))
HARM(not_listed, f->app_check.listed = flag_of(false))
HARM(updates_unseen, f->app_check.listed = (struct flag){0};
     blind(f, "apps.updates", "out of reach"))
HARM(other_target, replace(&f->app_check.target, "9.4.24"))
HARM(one_missed, app_of(f)->answered = flag_of(false))
HARM(list_unseen, no_apps(f); blind(f, "apps.installed", "HTML");
     unanswered(f, "no list"))
HARM(incompatible, app_of(f)->state = APP_INCOMPATIBLE)
HARM(incompatible_but_off, app_of(f)->state = APP_INCOMPATIBLE;
     app_of(f)->enabled = flag_of(false);
     app_of(f)->enabled_in_database = flag_of(false))
HARM(update_before, app_of(f)->state = APP_UPDATE_BEFORE)
HARM(update_after, app_of(f)->state = APP_UPDATE_AFTER)
HARM(unknown, app_of(f)->state = APP_UNKNOWN)
HARM(unknown_but_off, app_of(f)->state = APP_UNKNOWN;
     app_of(f)->enabled = flag_of(false);
     app_of(f)->enabled_in_database = flag_of(false))
HARM(disagrees, app_of(f)->enabled_in_database = flag_of(false))
HARM(states_unseen, app_of(f)->enabled_in_database = (struct flag){0};
     blind(f, "database.apps", "permission denied"))

static const struct harm rows[] = {
    {NULL, "APPS-check-complete", OUTCOME_PASS, "names all 2 installed apps",
	ANSWER_GO},
    {no_apps_and_no_marketplace, "APPS-check-complete", OUTCOME_PASS,
	"no app is installed", ANSWER_GO},
    {five_empty_lists, "APPS-check-complete", OUTCOME_UNKNOWN,
	"five empty lists", ANSWER_UNKNOWN},
    {pac_away, "APPS-check-complete", OUTCOME_UNKNOWN, "cannot reach",
	ANSWER_UNKNOWN},
    {pac_disabled, "APPS-check-complete", OUTCOME_UNKNOWN, "switched off",
	ANSWER_UNKNOWN},
    {pac_unseen, "APPS-check-complete", OUTCOME_UNKNOWN, "HTTP status 500",
	ANSWER_UNKNOWN},
    {not_listed, "APPS-check-complete", OUTCOME_UNKNOWN,
	"does not list the target", ANSWER_UNKNOWN},
    {updates_unseen, "APPS-check-complete", OUTCOME_UNKNOWN, "out of reach",
	ANSWER_UNKNOWN},
    {other_target, "APPS-check-complete", OUTCOME_UNKNOWN, "another target",
	ANSWER_UNKNOWN},
    {one_missed, "APPS-check-complete", OUTCOME_UNKNOWN,
	"says nothing of org.example.checks", ANSWER_UNKNOWN},
    {list_unseen, "APPS-check-complete", OUTCOME_UNKNOWN, "HTML",
	ANSWER_UNKNOWN},

    {NULL, "APPS-incompatible", OUTCOME_PASS, "no app is incompatible",
	ANSWER_GO},
    {incompatible, "APPS-incompatible/org.example.checks", OUTCOME_FAIL,
	"Example Checks (org.example.checks) 3.2.1: no version of it is "
	"declared for 9.4.23",
	ANSWER_NO_GO},
    {incompatible_but_off, "APPS-incompatible/org.example.checks", OUTCOME_FAIL,
	"which is disabled", ANSWER_GO},
    {five_empty_lists, "APPS-incompatible", OUTCOME_UNKNOWN, "five empty lists",
	ANSWER_UNKNOWN},
    {list_unseen, "APPS-incompatible", OUTCOME_UNKNOWN, "HTML", ANSWER_UNKNOWN},

    {NULL, "APPS-update-before", OUTCOME_PASS, "no app has to", ANSWER_GO},
    {update_before, "APPS-update-before/org.example.checks", OUTCOME_FAIL,
	"updated before the upgrade to 9.4.23", ANSWER_NO_GO},
    {five_empty_lists, "APPS-update-before", OUTCOME_UNKNOWN,
	"five empty lists", ANSWER_UNKNOWN},

    {NULL, "APPS-update-after", OUTCOME_PASS, "no app has to", ANSWER_GO},
    {update_after, "APPS-update-after/org.example.checks", OUTCOME_FAIL,
	"works on 9.4.23 only after", ANSWER_CONDITIONAL},
    {five_empty_lists, "APPS-update-after", OUTCOME_UNKNOWN, "five empty lists",
	ANSWER_UNKNOWN},

    {NULL, "APPS-unknown", OUTCOME_PASS, "every app is known", ANSWER_GO},
    {unknown, "APPS-unknown/org.example.checks", OUTCOME_UNKNOWN,
	"is not listed in the Marketplace", ANSWER_UNKNOWN},
    {unknown_but_off, "APPS-unknown/org.example.checks", OUTCOME_UNKNOWN,
	"which is disabled", ANSWER_GO},
    {five_empty_lists, "APPS-unknown", OUTCOME_UNKNOWN, "five empty lists",
	ANSWER_UNKNOWN},

    {NULL, "APPS-enabled-agrees", OUTCOME_PASS, "1 apps with a row", ANSWER_GO},
    {disagrees, "APPS-enabled-agrees/org.example.checks", OUTCOME_FAIL,
	"is enabled, and disabled in the database", ANSWER_CONDITIONAL},
    {states_unseen, "APPS-enabled-agrees", OUTCOME_UNKNOWN, "permission denied",
	ANSWER_UNKNOWN},
};

int main(void)
{
	const struct CMUnitTest tests[] = {
	    EACH_HARM(rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
