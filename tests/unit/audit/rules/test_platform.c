#include "../harm.h"

static void leave_line(struct facts *f)
{
	replace(&f->plan.target, "10.2.6");
	replace(&f->plan.procedure, "downtime");
	replace(&f->knowledge.target.version, "10.2.6");
	replace(&f->app_check.target, "10.2.6");
}

static void no_server(struct facts *f)
{
	char *server_id = g_steal_pointer(&f->database.server_id);

	forget(f, "database");
	f->database.server_id = server_id;
	blind(f, "database.server", "connection refused");
}

HARM(standby, f->database.in_recovery = flag_of(true))
HARM(few_connections, f->database.max_connections = number_of(200))
HARM(all_in_use, f->database.connections = number_of(300))
HARM(activity_unseen, f->database.connections = (struct number){0};
     blind(f, "database.activity", "permission denied"))
HARM(changelog_locked, f->database.changelog_locked = flag_of(true))
HARM(changelog_unseen, f->database.changelog_locked = (struct flag){0};
     blind(f, "database.changelog", "no such table"))
HARM(machine_unseen, blind_machine(f, "bb-1"))
HARM(machine_unseen_elsewhere, machine_unseen(f); leave_line(f))
HARM(disk_full, f->home.free_bytes = number_of(99LL * 1000 * 1000 * 1000))
HARM(disk_unseen, f->home.free_bytes = (struct number){0};
     blind(f, "home.space", "permission denied"))
HARM(node_full, node_of(f, "bb-2")->home_free_bytes = number_of(1000))
static const struct harm rows[] = {
    {NULL, "PLATFORM-postgresql/postgresql", OUTCOME_PASS,
	"PostgreSQL 15.18 stays", ANSWER_GO},
    {leave_line, "PLATFORM-postgresql/postgresql", OUTCOME_MANUAL,
	"PostgreSQL 15.18: does 10.2.6 support it?", ANSWER_UNKNOWN},
    {standby, "PLATFORM-postgresql/postgresql", OUTCOME_FAIL, "a standby",
	ANSWER_NO_GO},
    {no_server, "PLATFORM-postgresql/postgresql", OUTCOME_UNKNOWN,
	"connection refused", ANSWER_UNKNOWN},

    {NULL, "PLATFORM-connections/connections", OUTCOME_PASS,
	"the server allows 300", ANSWER_GO},
    {few_connections, "PLATFORM-connections/connections", OUTCOME_FAIL,
	"3 nodes may open 80 connections each, and the server allows 200",
	ANSWER_CONDITIONAL},
    {all_in_use, "PLATFORM-connections/connections", OUTCOME_FAIL,
	"all 300 connections are in use", ANSWER_NO_GO},
    {activity_unseen, "PLATFORM-connections/connections", OUTCOME_UNKNOWN,
	"permission denied", ANSWER_UNKNOWN},
    {no_server, "PLATFORM-connections/connections", OUTCOME_UNKNOWN,
	"connection refused", ANSWER_UNKNOWN},

    {NULL, "PLATFORM-changelog/databasechangeloglock", OUTCOME_PASS,
	"no node changes", ANSWER_GO},
    {changelog_locked, "PLATFORM-changelog/databasechangeloglock", OUTCOME_FAIL,
	"is locked", ANSWER_NO_GO},
    {changelog_unseen, "PLATFORM-changelog/databasechangeloglock",
	OUTCOME_UNKNOWN, "no such table", ANSWER_UNKNOWN},

    {NULL, "PLATFORM-java/bb-1", OUTCOME_PASS, "Java 17.0.12 on bb-1",
	ANSWER_GO},
    {machine_unseen, "PLATFORM-java/bb-1", OUTCOME_PASS, "Java of bb-1 stays",
	ANSWER_GO},
    {leave_line, "PLATFORM-java/bb-1", OUTCOME_MANUAL,
	"Java 17.0.12 on bb-1: does 10.2.6 support it?", ANSWER_UNKNOWN},
    {machine_unseen_elsewhere, "PLATFORM-java/bb-1", OUTCOME_UNKNOWN,
	"node.bb-1.machine: not asked", ANSWER_UNKNOWN},

    {NULL, "PLATFORM-git/bb-1", OUTCOME_PASS, "Git 2.39.5 on bb-1", ANSWER_GO},
    {leave_line, "PLATFORM-git/bb-1", OUTCOME_MANUAL, "does 10.2.6",
	ANSWER_UNKNOWN},
    {machine_unseen_elsewhere, "PLATFORM-git/bb-1", OUTCOME_UNKNOWN,
	"not asked", ANSWER_UNKNOWN},

    {NULL, "PLATFORM-disk/shared", OUTCOME_PASS, "49.9 %", ANSWER_GO},
    {disk_full, "PLATFORM-disk/shared", OUTCOME_FAIL,
	"of /srv/home/shared are free, 9.8 %", ANSWER_CONDITIONAL},
    {disk_unseen, "PLATFORM-disk/shared", OUTCOME_UNKNOWN, "permission denied",
	ANSWER_UNKNOWN},
    {node_full, "PLATFORM-disk/bb-2", OUTCOME_FAIL, "the home of bb-2",
	ANSWER_CONDITIONAL},
    {machine_unseen, "PLATFORM-disk/bb-1", OUTCOME_UNKNOWN, "not asked",
	ANSWER_GO},
};

int main(void)
{
	const struct CMUnitTest tests[] = {
	    EACH_HARM(rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
