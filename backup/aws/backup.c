#include "backup/aws/backup.h"

#include "backup/asserted/judge.h"
#include "backup/asserted/record.h"
#include "backup/aws/wait.h"
#include "backup/mode/mode.h"
#include "backup/node.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/exits.h"
#include "base/log.h"
#include "bitbucket/rest.h"
#include "bitbucket/schema.h"

static bool check_settings(const struct settings *s, GError **error)
{
	if (!s->store.path)
		return fail(error, GONOGO_ERROR_USAGE,
		    "no store\nhint: name it with --store or -c");
	if (s->aws.home || s->aws.database)
		return true;
	return fail(error, GONOGO_ERROR_USAGE,
	    "[aws] home and database name nothing to be saved\n"
	    "hint: name the ARNs of what the shared home lies on, and of the "
	    "database");
}

/* ---- whose backup it is: what can be asked here and now ---- */

static void find_version(struct job *j)
{
	g_autoptr(GError) why = NULL;
	g_autofree char *url = NULL;
	g_autoptr(http) node = node_find(j->settings, NULL, &url, &why);
	g_autoptr(json) about = node ? rest_get(node,
					   "/rest/api/latest/"
					   "application-properties",
					   &why)
				     : NULL;

	if (about)
		j->set.assertion.version =
		    g_strdup(json_text(about, "version"));
	else
		job_note(
		    j, "Bitbucket did not tell its version: %s", why->message);
}

static void find_server(struct job *j)
{
	g_autoptr(GError) why = NULL;

	if (!j->settings->database.url) {
		job_note(j, "without [database] url the set does not say of "
			    "which server it is");
		return;
	}
	if (db_login_read(j->settings, &j->found.login, &why) &&
	    db_pin_server(&j->found.login, &why)) {
		g_autoptr(pg) db = db_open_bitbucket(&j->found.login, &why);
		if (db)
			ignore(schema_property(db, "server.id",
			    &j->set.assertion.server_id, &why));
	}
	if (why)
		job_note(j, "the database did not tell its server: %s",
		    why->message);
}

/* ---- what AWS does not prove ---- */

/* "elasticfilesystem" of arn:aws:elasticfilesystem:...; NULL: no ARN. */
static char *service_of(const char *arn)
{
	g_auto(GStrv) parts = g_strsplit(arn, ":", 4);

	return g_strv_length(parts) == 4 && g_str_equal(parts[0], "arn")
		   ? g_strdup(parts[2])
		   : NULL;
}

/* docs/sources.md#aws-backup */
static void judge_home(struct job *j)
{
	char **home = j->settings->aws.home;

	for (char **arn = home; arn && *arn; arn++) {
		g_autofree char *service = service_of(*arn);
		if (g_strcmp0(service, "elasticfilesystem") == 0)
			snapshot_add_flaw(&j->set, "point", *arn,
			    "a backup of EFS is of no single moment: what is "
			    "written meanwhile may be skewed or left out");
	}
	if (home && g_strv_length(home) > 1)
		strings_add(&j->set.assertion.unproved,
		    "the home's resources were saved by jobs of their own, "
		    "and not at one moment");
	if (j->settings->backup.also || j->settings->home.install)
		strings_add(&j->set.assertion.unproved,
		    "[backup] also and [home] install are not in it");
}

static void tell_unproved(struct job *j)
{
	GPtrArray **list = &j->set.assertion.unproved;

	strings_add(list,
	    "the moment that each point shows lies between its times; their "
	    "order is what AWS's own times say");
	strings_add(list, "refs and rows were not held against each other");
}

/* ---- the whole ---- */

static bool run_jobs(struct job *j, aws *a, GError **error)
{
	const struct settings *s = j->settings;
	struct assertion *told = &j->set.assertion;
	struct aws_round r = {.aws = a,
	    .part = ASSERTED_DATABASE,
	    .resources = s->aws.database,
	    .vault = s->aws.vault,
	    .region = s->aws.region,
	    .deadline = clock_monotonic() + (double)s->aws.timeout_s,
	    .began = clock_now()};

	told->provider = g_strdup_printf("AWS Backup %s", s->aws.region);
	if (!aws_round(&r, told, error))
		return false;
	r.part = ASSERTED_HOME;
	r.resources = s->aws.home;
	return aws_round(&r, told, error);
}

bool aws_backup(struct job *j, GError **error)
{
	const struct settings *s = j->settings;

	if (j->no_home || j->no_database)
		return fail(error, GONOGO_ERROR_USAGE,
		    "--no-home and --no-database are for copies of ours\n"
		    "hint: [aws] home and database say what AWS Backup saves");
	if (!check_settings(s, error))
		return false;
	g_autoptr(aws) a = aws_open(s, error);
	if (!a)
		return false;
	/* Before anything is started: one writer at a time. */
	j->store = store_open(s->store.path, STORE_WRITE, error);
	j->run = j->store ? run_begin(j->store, error) : NULL;
	if (!j->run)
		return false;
	find_version(j);
	find_server(j);
	j->set.mode = g_strdup(j->mode->name);
	if (!run_jobs(j, a, error))
		return false;
	const struct asserted_limits limits = {
	    clock_now(), s->adopt.max_age_s, s->adopt.max_gap_s};
	tell_unproved(j);
	if (!asserted_check(&j->set.assertion, &limits, error))
		return false;
	asserted_judge(&j->set.assertion, &limits, &j->set);
	judge_home(j);
	return asserted_commit(s, j->run, &j->set, &j->how, error);
}

/* ---- ahead of it ---- */

static void print_jobs(const char *what, char **arns)
{
	for (; arns && *arns; arns++)
		printf("  start  a job of AWS Backup: %s %s\n", what, *arns);
}

int aws_plan(const struct settings *s, GError **error)
{
	if (!check_settings(s, error))
		return -1;
	print_jobs("database", s->aws.database);
	print_jobs("home", s->aws.home);
	printf("  wait   %" G_GINT64_FORMAT
	       " s at most for all of them, the home's after the database's\n"
	       "  write  one record below %s, nothing that is there is "
	       "changed\n"
	       "  lock   nothing: AWS Backup locks nobody out\n",
	    s->aws.timeout_s, s->store.path);
	return EXITS_DONE;
}

static bool check_aws_settings(struct preflight *p, char **good, GError **error)
{
	if (!check_settings(p->settings, error))
		return false;
	*good = g_strdup(p->settings->path ? p->settings->path : "defaults");
	return true;
}

/* Reads a list: signature, clock and rights to look are as they should be. */
static bool check_service(struct preflight *p, char **good, GError **error)
{
	const struct settings *s = p->settings;
	g_autoptr(aws) a = aws_open(s, error);
	g_auto(aws_point) none = {0};
	char **arns = s->aws.database ? s->aws.database : s->aws.home;
	bool found = false;

	if (!a || !aws_find(a, arns[0], "none", &none, &found, error))
		return false;
	*good = g_strdup_printf("%s, vault %s can be listed; starting a job "
				"was not tried",
	    aws_url(a), s->aws.vault);
	return true;
}

const struct preflight_check aws_checks[] = {
    {"settings", check_aws_settings},
    {"store", preflight_store},
    {"aws backup", check_service},
    {0},
};
