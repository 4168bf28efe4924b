#include "../harm.h"

HARM(not_data_center, f->licence.data_center = flag_of(false))
HARM(no_zdu, f->licence.data_center = (struct flag){0};
     blind(f, "cluster.zdu", "HTTP status 403"))
/* A line that took other licences, too. */
HARM(of_old, replace(&f->product.version, "8.9.27"))
HARM(of_old_and_alone, of_old(f);
     for (guint i = 0; i < f->nodes->len; i++)(
	 (struct node *)g_ptr_array_index(f->nodes, i))
	 ->member = flag_of(i == 0))
HARM(none_installed, forget(f, "licence");
     f->licence.installed = flag_of(false);
     f->licence.data_center = flag_of(true))
HARM(unseen, forget(f, "licence"); f->licence.data_center = flag_of(true);
     blind(f, "licence", "HTTP status 401"))
HARM(expired, f->licence.expires_at = number_of(HEALTHY_AS_OF - 1))
HARM(expires_soon, f->licence.expires_at = number_of(HEALTHY_AS_OF + 86400))
HARM(no_expiry, f->licence.expires_at = (struct number){0})
HARM(maintenance_over,
    f->licence.maintenance_expires_at = number_of(HEALTHY_AS_OF - 86400 * 60))
HARM(no_maintenance, f->licence.maintenance_expires_at = (struct number){0})
HARM(no_release_day, f->knowledge.target.released_at = (struct number){0})
HARM(too_many, f->licence.users = number_of(501))
HARM(unlimited, f->licence.unlimited_users = flag_of(true);
     f->licence.users_max = (struct number){0})
HARM(uncounted, f->licence.users = (struct number){0})

static const struct harm rows[] = {
    {NULL, "LICENCE-data-center/data-center", OUTCOME_PASS, "clustered",
	ANSWER_GO},
    {not_data_center, "LICENCE-data-center/data-center", OUTCOME_FAIL,
	"no Data Center licence", ANSWER_NO_GO},
    {no_zdu, "LICENCE-data-center/data-center", OUTCOME_UNKNOWN,
	"HTTP status 403", ANSWER_UNKNOWN},
    {of_old, "LICENCE-data-center/data-center", OUTCOME_PASS,
	"3 live nodes run clustered", ANSWER_NO_GO},
    {of_old_and_alone, "LICENCE-data-center/data-center", OUTCOME_UNKNOWN,
	"nothing else that was seen", ANSWER_NO_GO},

    {NULL, "LICENCE-valid/expiry", OUTCOME_PASS, "until 2027-06-01", ANSWER_GO},
    {none_installed, "LICENCE-valid/expiry", OUTCOME_FAIL,
	"no licence is installed", ANSWER_NO_GO},
    {expired, "LICENCE-valid/expiry", OUTCOME_FAIL, "expired on 2026-09-21",
	ANSWER_NO_GO},
    {expires_soon, "LICENCE-valid/expiry", OUTCOME_FAIL, "expires in 1 d",
	ANSWER_CONDITIONAL},
    {no_expiry, "LICENCE-valid/expiry", OUTCOME_UNKNOWN, "no day of expiry",
	ANSWER_UNKNOWN},
    {unseen, "LICENCE-valid/expiry", OUTCOME_UNKNOWN, "HTTP status 401",
	ANSWER_UNKNOWN},

    {NULL, "LICENCE-maintenance-covers-target/maintenance", OUTCOME_PASS,
	"9.4.23 is of 2026-08-11", ANSWER_GO},
    {maintenance_over, "LICENCE-maintenance-covers-target/maintenance",
	OUTCOME_MANUAL, "maintenance ended on 2026-07-23", ANSWER_UNKNOWN},
    {no_maintenance, "LICENCE-maintenance-covers-target/maintenance",
	OUTCOME_UNKNOWN, "no end of its maintenance", ANSWER_UNKNOWN},
    {no_release_day, "LICENCE-maintenance-covers-target/maintenance",
	OUTCOME_UNKNOWN, "when 9.4.23 was released", ANSWER_UNKNOWN},
    {unseen, "LICENCE-maintenance-covers-target/maintenance", OUTCOME_UNKNOWN,
	"HTTP status 401", ANSWER_UNKNOWN},

    {NULL, "LICENCE-users/users", OUTCOME_PASS, "400 of 500 users", ANSWER_GO},
    {unlimited, "LICENCE-users/users", OUTCOME_PASS, "not limited", ANSWER_GO},
    {too_many, "LICENCE-users/users", OUTCOME_FAIL, "501 of 500 users",
	ANSWER_GO},
    {uncounted, "LICENCE-users/users", OUTCOME_UNKNOWN, "how many users",
	ANSWER_UNKNOWN},
    {unseen, "LICENCE-users/users", OUTCOME_UNKNOWN, "HTTP status 401",
	ANSWER_UNKNOWN},
};

int main(void)
{
	const struct CMUnitTest tests[] = {
	    EACH_HARM(rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
