/*
 * gonogo-backup advise: every strategy of the vendor's guide, whether it
 * applies here and why, and which mode of ours serves it.
 */
#include "backup/home/foresee.h"
#include "backup/store/set.h"
#include "backup/verbs.h"
#include "base/cli.h"
#include "base/error.h"
#include "contract/advice.h"
#include "contract/settings.h"
#include "port/pg.h"

struct site {
	const struct settings *settings;
	struct foresight home;
	const char *tool;     /* that snapshots the home; NULL: none */
	bool hooks, managed;  /* [snapshot] is set; the database is RDS */
	struct snapshot last; /* newest of the store; no id: none */
};

/* ---- what there is ---- */

static const char *snapshot_tool(const struct fs_mount *m)
{
	const char *fs = m->filesystem ? m->filesystem : "";

	if (g_str_equal(fs, "btrfs") || g_str_equal(fs, "zfs"))
		return g_str_equal(fs, "zfs") ? "zfs" : "btrfs";
	if (m->source && g_str_has_prefix(m->source, "/dev/mapper/"))
		return "lvm";
	return NULL;
}

static bool is_network(const struct site *s)
{
	const char *fs = s->home.mount.filesystem;

	return fs && (g_str_has_prefix(fs, "nfs") || g_str_equal(fs, "cifs"));
}

static bool read_last(struct site *s, GError **error)
{
	const char *path = s->settings->store.path;

	if (!path || !g_file_test(path, G_FILE_TEST_EXISTS))
		return true;
	g_autoptr(store) all = store_open(path, STORE_READ, error);
	g_autoptr(GPtrArray) sets = all ? sets_list(all, error) : NULL;
	for (guint i = sets ? sets->len : 0; i-- > 0;) {
		struct set *one = g_ptr_array_index(sets, i);
		if (one->trouble ||
		    !snapshot_has(&one->snapshot, SNAPSHOT_PART_HOME))
			continue;
		s->last = one->snapshot;
		one->snapshot = (struct snapshot){0};
		break;
	}
	return sets != NULL;
}

static bool look(struct site *s, GError **error)
{
	const struct settings *set = s->settings;

	if (!set->home.shared)
		return fail(error, GONOGO_ERROR_USAGE,
		    "[home] shared is not set\nhint: name a settings file "
		    "with -c");
	g_autofree char *host =
	    set->database.url ? pg_url_value(set->database.url, "host") : NULL;
	s->managed = host && strstr(host, ".rds.amazonaws.com");
	s->hooks = set->snapshot.create && set->snapshot.mount &&
		   set->snapshot.destroy;
	if (!foresee(set->home.shared, &s->home, error) || !read_last(s, error))
		return false;
	s->tool = snapshot_tool(&s->home.mount);
	return true;
}

/* ---- the strategies ---- */

struct opinion {
	enum advice_answer answer;
	char *why;
};

static char *last_run(const struct site *s)
{
	const struct snapshot *l = &s->last;

	if (!l->id)
		return g_strdup("no set tells yet how long a copy takes");
	g_autofree char *bytes = g_format_size((guint64)l->home.bytes.value);
	return g_strdup_printf("set %s took %" G_GINT64_FORMAT " s for %s",
	    l->id, l->ended_at.value - l->started_at.value, bytes);
}

static struct opinion advise_hot(const struct site *s)
{
	g_autofree char *last = last_run(s);

	return (struct opinion){ADVICE_YES,
	    s->home.longest_s
		? g_strdup_printf("locks nobody out; waits %" G_GUINT64_FORMAT
				  " s for the mount's caches; %s",
		      s->home.longest_s, last)
		: g_strdup_printf("locks nobody out; %s", last)};
}

static char *foretold(const struct site *s)
{
	return g_strdup_printf("%.1f s beyond the drain are foretold for "
			       "%" G_GUINT64_FORMAT
			       " repositories, %" G_GUINT64_FORMAT
			       " looks each of %" G_GUINT64_FORMAT " us",
	    (double)s->home.still_ms / 1000, s->home.repositories,
	    s->home.looks, s->home.look_us);
}

static bool fits_budget(const struct site *s)
{
	return s->home.still_ms <=
	       (uint64_t)s->settings->backup.max_lock_seconds * 1000;
}

static struct opinion advise_freeze(const struct site *s)
{
	g_autofree char *text = foretold(s);

	if (s->home.longest_s)
		return (struct opinion){ADVICE_NO,
		    g_strdup("the mount may show old names: mount it with "
			     "actimeo=0,lookupcache=none for it")};
	if (!fits_budget(s))
		return (struct opinion){ADVICE_NO,
		    g_strdup_printf("%s: more than max_lock_seconds", text)};
	return s->settings->backup.allow_lock
		   ? (struct opinion){ADVICE_YES, g_steal_pointer(&text)}
		   : (struct opinion){ADVICE_IF,
			 g_strdup_printf("%s; needs allow_lock = yes", text)};
}

static struct opinion advise_sealed(const struct site *s)
{
	g_autofree char *last = last_run(s);

	return (struct opinion){
	    s->settings->backup.allow_lock ? ADVICE_YES : ADVICE_IF,
	    g_strdup_printf("users are locked out for the whole copy; %s%s",
		last,
		s->settings->backup.allow_lock ? ""
					       : "; needs allow_lock = yes")};
}

static struct opinion advise_snapshot(const struct site *s)
{
	if (s->hooks)
		return (struct opinion){ADVICE_YES,
		    g_strdup("[snapshot] has the commands; as good as they "
			     "are atomic over all file systems of the home")};
	if (s->tool)
		return (struct opinion){ADVICE_IF,
		    g_strdup_printf("the home lies on %s: set [snapshot], see "
				    "templates/hooks/%s",
			s->tool, s->tool)};
	if (is_network(s))
		return (struct opinion){ADVICE_IF,
		    g_strdup("the filer has to make it: set [snapshot], see "
			     "templates/hooks/command")};
	return (struct opinion){
	    ADVICE_NO, g_strdup_printf("%s makes no snapshots",
			   s->home.mount.filesystem ? s->home.mount.filesystem
						    : "that file system")};
}

static struct opinion advise_physical(const struct site *s)
{
	if (s->managed)
		return (struct opinion){
		    ADVICE_NO, g_strdup("RDS lets nobody copy its files")};
	if (!settings_is_physical(s->settings))
		return (struct opinion){ADVICE_IF,
		    g_strdup("set [database] form = physical; worth it where "
			     "indexes take long to build, and for this "
			     "database's own server alone")};
	return (struct opinion){ADVICE_YES,
	    g_strdup("in every mode, before its lock; comes back on the same "
		     "major version alone")};
}

static struct opinion advise_client(const struct site *s)
{
	(void)s;
	return (struct opinion){
	    ADVICE_NO, g_strdup("not for a clustered Data Center")};
}

/* Is the home mounted from EFS or FSx? */
static bool is_on_aws(const struct site *s)
{
	const char *source = s->home.mount.source;

	return source && strstr(source, ".amazonaws.com");
}

static struct opinion advise_aws(const struct site *s)
{
	const struct settings *set = s->settings;

	if (set->aws.vault && set->aws.home && set->aws.database)
		return (struct opinion){ADVICE_YES,
		    g_strdup("[aws] names what is saved; asserted by AWS, not "
			     "verified by us, so the policy must take it")};
	if (s->managed || is_on_aws(s))
		return (struct opinion){ADVICE_IF,
		    g_strdup_printf("%s on AWS: set [aws]; its word is not "
				    "verified by us",
			is_on_aws(s) ? "the home lies" : "the database is")};
	return (struct opinion){ADVICE_NO,
	    g_strdup("neither home nor database are seen to be on AWS")};
}

static struct opinion advise_adopt(const struct site *s)
{
	return s->settings->adopt.prove
		   ? (struct opinion){ADVICE_YES,
			 g_strdup("[adopt] tells of it; asserted, not "
				  "verified by us, so the policy must take "
				  "it")}
		   : (struct opinion){ADVICE_IF,
			 g_strdup("where there is one: set [adopt] prove, see "
				  "templates/hooks/adopt-command")};
}

static const struct strategy {
	/* Mode of `create` that serves it, or the verb adopt; NULL: none. */
	const char *name, *mode;
	struct opinion (*advise)(const struct site *s);
} strategies[] = {
    {"copy while users work", "hot", advise_hot},
    {"lock for the common point", "freeze", advise_freeze},
    {"DIY backup with lock", "sealed", advise_sealed},
    {"stop and copy", "sealed", advise_sealed},
    {"Zero Downtime Backup", "snapshot", advise_snapshot},
    {"file system or storage snapshot", "snapshot", advise_snapshot},
    {"files of the database server", "hot", advise_physical},
    {"Backup Client", NULL, advise_client},
    {"AWS Backup", "aws-backup", advise_aws},
    {"a backup by other means", "adopt", advise_adopt},
};

/* Zero downtime first; a lock only where somebody allowed one and it is
 * short. */
static const char *recommended(const struct site *s)
{
	enum { SHORT_MS = 10000 };

	if (s->settings->backup.allow_lock && !s->home.longest_s &&
	    fits_budget(s) && s->home.still_ms <= SHORT_MS)
		return "freeze";
	return s->hooks ? "snapshot" : "hot";
}

/* ---- telling ---- */

static void give(const struct site *s, struct advice *a)
{
	a->repositories = number_of((int64_t)s->home.repositories);
	a->looks = number_of((int64_t)s->home.looks);
	a->look_us = number_of((int64_t)s->home.look_us);
	a->still_ms = number_of((int64_t)s->home.still_ms);
	for (size_t i = 0; i < G_N_ELEMENTS(strategies); i++) {
		const struct strategy *one = &strategies[i];
		struct opinion opinion = one->advise(s);
		struct advice_strategy *row =
		    shape_add(&advice_strategy_shape, &a->strategies);
		row->strategy = g_strdup(one->name);
		row->here = opinion.answer;
		row->mode = g_strdup(one->mode);
		row->why = opinion.why;
	}
	a->recommended = g_strdup(recommended(s));
}

static void print(const struct advice *a)
{
	printf("%-32s %-4s %-10s %s\n", "strategy", "here", "mode", "why");
	for (guint i = 0; i < a->strategies->len; i++) {
		const struct advice_strategy *one =
		    g_ptr_array_index(a->strategies, i);
		printf("%-32s %-4s %-10s %s\n", one->strategy,
		    advice_answer_names[one->here], one->mode ? one->mode : "-",
		    one->why);
	}
	printf("take: %s\n", a->recommended);
}

int verb_advise(int argc, char **argv, GError **error)
{
	g_autofree char *path = NULL;
	gboolean as_json = FALSE;
	const GOptionEntry options[] = {
	    {"config", 'c', 0, G_OPTION_ARG_FILENAME, &path,
		"the settings file", "FILE"},
	    {"json", 0, 0, G_OPTION_ARG_NONE, &as_json,
		"print one JSON document", NULL},
	    {0},
	};

	if (!cli_parse(&argc, argv, options, "", 0, 0,
		"Looks at a sample of the repositories as a freeze would, and "
		"tells how long\nthat would lock users out.  Changes nothing.",
		error))
		return -1;
	g_autoptr(settings) settings = settings_read(path, error);
	if (!settings)
		return -1;
	struct site site = {.settings = settings};
	g_auto(advice) advice = {0};
	bool good = look(&site, error);
	if (good)
		give(&site, &advice);
	if (good && as_json)
		good = document_save(&advice_shape, &advice, "-", error);
	else if (good)
		print(&advice);
	foresight_clear(&site.home);
	snapshot_clear(&site.last);
	return good ? EXITS_DONE : -1;
}
