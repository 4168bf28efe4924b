#include "contract/settings.h"

#include "base/error.h"
#include "base/window.h"

static const char *const modes[] = {
    "hot", "freeze", "sealed", "snapshot", "aws-backup", NULL};
static const char *const forms[] = {"logical", "physical", NULL};
static const char *const checkpoints[] = {"spread", "fast", NULL};
static const char *const procedures[] = {"rolling", "downtime", NULL};
static const char *const balances[] = {
    "share", "least-connections", "sticky", NULL};
static const char *const web[] = {"http://", "https://", NULL};
static const char *const postgres[] = {"postgres://", "postgresql://", NULL};

#define AT(member) offsetof(struct settings, member)

const struct config_key settings_keys[] = {
    {"cluster", .what = "The Bitbucket cluster that is looked at."},
    {"cluster", "name", CONFIG_TEXT, AT(cluster.name),
	.what = "its name in reports; bundles are named after it",
	.example = "bitbucket-prod"},
    {"cluster", "url", CONFIG_TEXT, AT(cluster.url),
	.what = "base URL as users know it, context path included",
	.example = "https://bitbucket.example.org"},
    {"cluster", "nodes", CONFIG_LIST, AT(cluster.nodes),
	.what = "every node's own address, past the load balancer: "
		"name=URL, separated by semicolons; the name is the node's "
		"cluster.node.name",
	.example = "bb-1=http://10.0.0.11:7990; bb-2=http://10.0.0.12:7990"},
    {"cluster", "user", CONFIG_TEXT, AT(cluster.user),
	.what = "user for the REST calls; `gonogo doctor --grants` tells the "
		"least rights it needs",
	.example = "svc-gonogo"},
    {"cluster", "password_file", CONFIG_PATH, AT(cluster.password_file),
	.what = "file whose first line is that user's password, mode 0600; "
		"without it $GONOGO_BITBUCKET_PASSWORD or the systemd "
		"credential bitbucket-password",
	.example = "/etc/gonogo/bitbucket-password"},
    {"cluster", "ca_file", CONFIG_PATH, AT(cluster.ca_file),
	.what = "PEM file of the authority that signed the server's "
		"certificate, where the system does not know it",
	.example = "/etc/ssl/certs/site-ca.pem"},
    {"cluster", "proxy", CONFIG_TEXT, AT(cluster.proxy),
	.what = "proxy on the way to the cluster and to the Marketplace",
	.example = "http://proxy.example.org:3128"},
    {"cluster", "timeout", CONFIG_MILLIS, AT(cluster.timeout_ms),
	.standard = "30s",
	.what = "how long one reply of the cluster may take, to its last "
		"byte"},

    {"home", .what = "Bitbucket's home folders, as this machine sees them."},
    {"home", "shared", CONFIG_PATH, AT(home.shared), .what = "the shared home",
	.example = "/var/atlassian/application-data/bitbucket/shared"},
    {"home", "local", CONFIG_LIST, AT(home.local),
	.what = "local homes that can be read here: name=folder, separated "
		"by semicolons",
	.example = "bb-1=/var/atlassian/application-data/bitbucket"},
    {"home", "node_files", CONFIG_LIST, AT(home.node_files),
	.what = "what `gonogo audit node` or its script told on the nodes: "
		"name=file, separated by semicolons",
	.example = "bb-1=/srv/gonogo/bb-1.tar; bb-2=/srv/gonogo/bb-2.json"},
    {"home", "install", CONFIG_PATH, AT(home.install),
	.what = "folder of Bitbucket's programs: what sites change there, "
		"stores of keys and service units are saved, too",
	.example = "/opt/atlassian/bitbucket/9.4.22"},

    {"database", .what = "Bitbucket's PostgreSQL database."},
    {"database", "url", CONFIG_TEXT, AT(database.url),
	.what = "connection URL without a password",
	.example = "postgresql://gonogo@db.example.org:5432/bitbucket"},
    {"database", "primary", CONFIG_TEXT, AT(database.primary),
	.what = "where url names a standby server: the server that it "
		"follows; a backup with a lock waits until the standby has "
		"caught up with it",
	.example = "postgresql://gonogo@db-1.example.org:5432/bitbucket"},
    {"database", "password_file", CONFIG_PATH, AT(database.password_file),
	.what = "file whose first line is the password, mode 0600; without "
		"it $GONOGO_DATABASE_PASSWORD or the systemd credential "
		"database-password",
	.example = "/etc/gonogo/database-password"},
    {"database", "bindir", CONFIG_PATH, AT(database.bindir),
	.what = "folder of pg_dump and pg_restore, where $PATH has others",
	.example = "/usr/lib/postgresql/15/bin"},
    {"database", "run_as", CONFIG_TEXT, AT(database.run_as),
	.standard = "postgres",
	.what = "user that private servers run as when gonogo runs as root"},
    {"database", "form", CONFIG_CHOICE, AT(database.form),
	.standard = "logical", .words = forms,
	.what = "logical saves the rows; physical the files of the whole "
		"server and its WAL, by a role that is REPLICATION, from "
		"PostgreSQL 15 on"},
    {"database", "checkpoint", CONFIG_CHOICE, AT(database.checkpoint),
	.standard = "spread", .words = checkpoints,
	.what = "physical: how the server prepares for it; spread disturbs "
		"nobody and may take minutes"},
    {"database", "whole_cluster", CONFIG_FLAG, AT(database.whole_cluster),
	.standard = "no",
	.what = "physical: may there be other databases on that server, which "
		"then are copied and restored with it?"},
    {"database", "jobs", CONFIG_NUMBER, AT(database.jobs), .standard = "0",
	.most = 64,
	.what = "connections that copy rows at the same time; 0: as many as a "
		"measurement at the start finds to help"},
    {"database", "rate", CONFIG_BYTES, AT(database.rate), .standard = "0",
	.what = "bytes a second that a backup reads at most; 0: no limit"},
    {"database", "patience", CONFIG_SECONDS, AT(database.patience_s),
	.standard = "5s",
	.what = "who waits longer for a lock of a backup gets its turn: the "
		"backup lets go of that table and comes back to it"},
    {"database", "max_xmin_age", CONFIG_NUMBER, AT(database.max_xmin_age),
	.standard = "50000000",
	.what = "a backup ends itself when its snapshot is older than so many "
		"transactions, as the server can't clean up behind it; 0: "
		"never"},

    {"store", .what = "Where backup sets are kept."},
    {"store", "path", CONFIG_PATH, AT(store.path),
	.what = "folder of the store, on another volume than the home",
	.example = "/srv/gonogo"},
    {"store", "keep_last", CONFIG_NUMBER, AT(store.keep_last), .standard = "7",
	.most = 100000,
	.what = "`backup expire` keeps so many of the newest proved sets, and "
		"all that are newer than these"},
    {"store", "keep_days", CONFIG_NUMBER, AT(store.keep_days), .standard = "14",
	.most = 100000,
	.what = "and all that are less than so many days older than the newest "
		"set"},
    {"store", "keep_verified", CONFIG_NUMBER, AT(store.keep_verified),
	.standard = "2", .least = 1, .most = 100000,
	.what = "and so many proved sets at least, whatever else is said"},
    {"store", "trash", CONFIG_SECONDS, AT(store.trash_s), .standard = "7d",
	.what = "what expired stays in the store's trash for so long, and "
		"until two newer sets are proved"},

    {"backup", .what = "How a backup is taken."},
    {"backup", "mode", CONFIG_CHOICE, AT(backup.mode), .standard = "hot",
	.words = modes,
	.what = "hot locks nobody out; freeze locks users out for seconds, "
		"until the common point is read; sealed while all is copied; "
		"snapshot copies from a snapshot of the file system; "
		"aws-backup copies nothing, and has AWS Backup make it"},
    {"backup", "allow_lock", CONFIG_FLAG, AT(backup.allow_lock),
	.standard = "no",
	.what = "may a backup lock Bitbucket at all? freeze and sealed need "
		"yes"},
    {"backup", "lock_window", CONFIG_TEXT, AT(backup.lock_window),
	.what = "when a lock may be taken, UTC; any time when left out",
	.example = "Sat 22:00-02:00"},
    {"backup", "max_lock_seconds", CONFIG_NUMBER, AT(backup.max_lock_seconds),
	.standard = "900", .least = 1, .most = 86400,
	.what = "a lock is given back after so many seconds, and the backup "
		"goes on as hot"},
    {"backup", "also", CONFIG_LIST, AT(backup.also),
	.what = "further files and folders to save, separated by semicolons",
	.example =
	    "/etc/systemd/system/bitbucket.service; /opt/bitbucket/conf"},
    {"backup", "jobs", CONFIG_NUMBER, AT(backup.jobs), .standard = "0",
	.most = 256, .what = "parallel workers; 0: as many as help here"},
    {"backup", "rate", CONFIG_BYTES, AT(backup.rate), .standard = "0",
	.what = "bytes of the home a second that a backup reads at most; 0: no "
		"limit, but for the halving when others wait"},
    {"backup", "drill", CONFIG_FLAG, AT(backup.drill), .standard = "no",
	.what = "shall `gonogo run` restore each new set for a try, into a "
		"private PostgreSQL? Not where Bitbucket runs"},

    {"snapshot",
	.what = "Commands that make a snapshot of the home's file system, for "
		"mode snapshot. They run without a shell; gonogo-backup(1) "
		"tells what they are given. templates/hooks has some."},
    {"snapshot", "pre", CONFIG_TEXT, AT(snapshot.pre),
	.what = "before the point of the database",
	.example = "/usr/share/gonogo/templates/hooks/lvm vg0/home 20G"},
    {"snapshot", "create", CONFIG_TEXT, AT(snapshot.create),
	.what = "makes the snapshot, of all file systems that the home lies "
		"on at once",
	.example = "/usr/share/gonogo/templates/hooks/lvm vg0/home 20G"},
    {"snapshot", "mount", CONFIG_TEXT, AT(snapshot.mount),
	.what = "shows it, and prints where the home is in it",
	.example = "/usr/share/gonogo/templates/hooks/lvm vg0/home 20G"},
    {"snapshot", "destroy", CONFIG_TEXT, AT(snapshot.destroy),
	.what = "takes it away again; also called when another one failed",
	.example = "/usr/share/gonogo/templates/hooks/lvm vg0/home 20G"},
    {"snapshot", "timeout", CONFIG_SECONDS, AT(snapshot.timeout_s),
	.standard = "10m", .what = "how long each of them may take"},

    {"logs", .what = "Bitbucket's logs, as this machine sees them."},
    {"logs", "paths", CONFIG_LIST, AT(logs.paths),
	.what = "logs of each node: name=folder, file, glob or support zip, "
		"separated by semicolons",
	.example = "bb-1=/mnt/bb-1/log; bb-2=/mnt/bb-2/log"},
    {"logs", "zone", CONFIG_TEXT, AT(logs.zone),
	.what = "time zone of the nodes; without it this machine's",
	.example = "Europe/Berlin"},
    {"logs", "packs", CONFIG_LIST, AT(logs.packs),
	.what = "packs of known problems, separated by semicolons; without it "
		"the shipped one",
	.example = "/usr/local/share/gonogo/audit/packs/bitbucket-logs.yaml; "
		   "site.yaml"},
    {"logs", "acknowledged", CONFIG_PATH, AT(logs.acknowledged),
	.what = "what people have looked into and let be: gonogo-audit(1)",
	.example = "acknowledged.conf"},

    {"capacity", .what =
		     "What the access logs, which [logs] paths names, are held "
		     "against: can the others carry the load of a node?"},
    {"capacity", "tickets", CONFIG_NUMBER, AT(capacity.tickets),
	.standard = "0", .most = 10000,
	.what =
	    "hosting tickets of a node: adaptive.limit.min or fixed.limit "
	    "of throttle.resource.scm-hosting; 0: what bitbucket.properties "
	    "of the shared home tells, else those seen in use"},
    {"capacity", "cores", CONFIG_NUMBER, AT(capacity.cores), .standard = "0",
	.most = 10000, .what = "cores of a node; 0: two for three tickets"},
    {"capacity", "balance", CONFIG_CHOICE, AT(capacity.balance),
	.standard = "share", .words = balances,
	.what = "how the load balancer spreads requests"},
    {"capacity", "window", CONFIG_TEXT, AT(capacity.window),
	.what = "when the upgrade begins, local time of the nodes; without it "
		"the best time is judged",
	.example = "Sat 02:00"},
    {"capacity", "step", CONFIG_SECONDS, AT(capacity.step_s), .standard = "0s",
	.what = "how long a node is away once it is drained; 0s: as the logs "
		"show"},

    {"adopt", .what =
		  "A backup that the site makes by other means, for `backup "
		  "adopt`. gonogo-backup(1) tells what its command prints."},
    {"adopt", "prove", CONFIG_TEXT, AT(adopt.prove),
	.what = "command, run without a shell, that prints as JSON what "
		"backup there is; templates/hooks has some",
	.example = "/usr/share/gonogo/templates/hooks/adopt-zfs tank/home "
		   "tank/pgdata"},
    {"adopt", "timeout", CONFIG_SECONDS, AT(adopt.timeout_s), .standard = "2m",
	.what = "how long it may take"},
    {"adopt", "max_age", CONFIG_SECONDS, AT(adopt.max_age_s), .standard = "2d",
	.what = "what is older is not adopted"},
    {"adopt", "max_gap", CONFIG_SECONDS, AT(adopt.max_gap_s), .standard = "15m",
	.what = "how much later than the database the files may be"},

    {"aws",
	.what = "AWS Backup, for mode aws-backup. The credentials come from "
		"a file, from $AWS_ACCESS_KEY_ID and its like, or from the "
		"systemd credential aws-credentials."},
    {"aws", "region", CONFIG_TEXT, AT(aws.region), .what = "its region",
	.example = "eu-central-1"},
    {"aws", "vault", CONFIG_TEXT, AT(aws.vault),
	.what = "backup vault that the recovery points go to",
	.example = "bitbucket"},
    {"aws", "role", CONFIG_TEXT, AT(aws.role),
	.what = "ARN of the role that AWS Backup takes on",
	.example = "arn:aws:iam::123456789012:role/service-role/"
		   "AWSBackupDefaultServiceRole"},
    {"aws", "home", CONFIG_LIST, AT(aws.home),
	.what = "ARNs of all that the shared home lies on, separated by "
		"semicolons",
	.example = "arn:aws:fsx:eu-central-1:123456789012:volume/fs-1/"
		   "fsvol-1"},
    {"aws", "database", CONFIG_LIST, AT(aws.database),
	.what = "ARN of the database",
	.example = "arn:aws:rds:eu-central-1:123456789012:db:bitbucket"},
    {"aws", "credentials_file", CONFIG_PATH, AT(aws.credentials_file),
	.what = "file with aws_access_key_id, aws_secret_access_key and, "
		"for temporary ones, aws_session_token, mode 0600",
	.example = "/etc/gonogo/aws-credentials"},
    {"aws", "profile", CONFIG_TEXT, AT(aws.profile), .standard = "default",
	.what = "group of that file"},
    {"aws", "endpoint", CONFIG_TEXT, AT(aws.endpoint),
	.what = "URL of the service, where it is not the region's own",
	.example = "https://vpce-1-backup.eu-central-1.vpce.amazonaws.com"},
    {"aws", "timeout", CONFIG_SECONDS, AT(aws.timeout_s), .standard = "6h",
	.what = "how long all its jobs together may take"},

    {"target", .what = "The upgrade that is meant."},
    {"target", "version", CONFIG_TEXT, AT(target.version),
	.what = "version to upgrade to", .example = "9.4.23"},
    {"target", "procedure", CONFIG_CHOICE, AT(target.procedure),
	.standard = "rolling", .words = procedures,
	.what = "rolling is for bug-fix steps; all others need downtime"},
    {"target", "answers", CONFIG_PATH, AT(target.answers),
	.what = "file with what only people can say; `gonogo audit judge "
		"--ask` writes its questions",
	.example = "/etc/gonogo/answers.conf"},

    {"state", .what = "What gonogo keeps between two runs."},
    {"state", "dir", CONFIG_PATH, AT(state.dir),
	.what = "folder for bundles, history, keys and the lock ledger, mode "
		"0700; without it $STATE_DIRECTORY, /var/lib/gonogo for root, "
		"$XDG_STATE_HOME/gonogo for others",
	.example = "/var/lib/gonogo"},

    {"policy", .what = "What is asked for before the answer is GO."},
    {"policy", "file", CONFIG_PATH, AT(policy.file),
	.what = "policy file; without it the compiled-in policy",
	.example = "policy.conf"},

    {"people", .what = "Who may sign waivers and approvals."},
    {"people", "signers", CONFIG_PATH, AT(people.signers),
	.what = "allowed signers, as ssh-keygen reads them; without it those "
		"that were sealed in the bundle",
	.example = "allowed_signers"},
    {"people", "revoked", CONFIG_PATH, AT(people.revoked),
	.what = "keys that are revoked, for `ssh-keygen -r`",
	.example = "revoked_keys"},

    {"gate", .what = "What the gate asks before a step of the upgrade."},
    {"gate", "window", CONFIG_TEXT, AT(gate.window),
	.what = "when an upgrade may begin, and a node be taken out, UTC; any "
		"time when left out",
	.example = "Sat 22:00-02:00"},

    {"sign", .what = "Signatures under the evidence."},
    {"sign", "key", CONFIG_PATH, AT(sign.key),
	.what = "Ed25519 private key in PEM; `gonogo init` makes one",
	.example = "/var/lib/gonogo/keys/sign.pem"},
    {0},
};

void settings_free(struct settings *s)
{
	if (!s)
		return;
	config_clear(settings_keys, s);
	g_free(s->path);
	g_free(s);
}

bool settings_is_physical(const struct settings *s)
{
	return g_str_equal(s->database.form, "physical");
}

void settings_pair(const char *text, char **name, char **value)
{
	const char *equals = strchr(text, '=');
	const char *slash = strchr(text, '/');

	/* A `=` behind a slash belongs to a path or a URL. */
	if (!equals || (slash && slash < equals)) {
		*name = NULL;
		*value = g_strdup(text);
		return;
	}
	*name = g_strstrip(g_strndup(text, (gsize)(equals - text)));
	*value = g_strstrip(g_strdup(equals + 1));
}

/* ---- what one row alone can't judge ---- */

/* "scheme://user:password@host", or a query that names one. */
static bool has_password(const char *url)
{
	const char *authority = strstr(url, "://");

	if (authority) {
		authority += strlen("://");
		g_autofree char *host =
		    g_strndup(authority, strcspn(authority, "/?#"));
		char *at = strrchr(host, '@');
		if (at && memchr(host, ':', (size_t)(at - host)))
			return true;
	}
	return strstr(url, "password=") != NULL;
}

/* Gives what is wrong with URL; NULL: nothing. */
static char *url_trouble(const char *url, const char *const *schemes)
{
	bool known = false;

	if (has_password(url))
		return g_strdup(
		    "a password has no place in a URL\n"
		    "hint: put it into a file of mode 0600 and name that as "
		    "password_file");
	for (; *schemes && !known; schemes++)
		known = g_str_has_prefix(url, *schemes) &&
			url[strlen(*schemes)] != '\0';
	return known ? NULL
		     : g_strdup_printf(
			   "'%s' does not begin with %s", url, schemes[-1]);
}

static bool check_url(const struct config *c, const char *group,
    const char *key, const char *url, const char *const *schemes,
    GError **error)
{
	g_autofree char *trouble = url ? url_trouble(url, schemes) : NULL;

	return !trouble || config_fail(c, group, key, error, "%s", trouble);
}

bool settings_set_database(
    struct settings *s, const char *url, const char *option, GError **error)
{
	g_autofree char *trouble = url_trouble(url, postgres);

	if (trouble)
		return fail(
		    error, GONOGO_ERROR_USAGE, "%s: %s", option, trouble);
	g_free(s->database.url);
	s->database.url = g_strdup(url);
	return true;
}

static bool check_nodes(
    const struct settings *s, const struct config *c, GError **error)
{
	g_autoptr(GHashTable) names =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	for (char **node = s->cluster.nodes; node && *node; node++) {
		g_autofree char *name = NULL, *url = NULL;
		settings_pair(*node, &name, &url);
		if (!check_url(c, "cluster", "nodes", url, web, error))
			return false;
		if (name && !g_hash_table_add(names, g_strdup(name)))
			return config_fail(c, "cluster", "nodes", error,
			    "two nodes are called '%s'", name);
	}
	return true;
}

static bool check_window(const struct config *c, const char *group,
    const char *key, const char *window, GError **error)
{
	return !window || window_is_valid(window) ||
	       config_fail(c, group, key, error,
		   "'%s' is not of the form Sat 22:00-02:00 or 22:00-02:00",
		   window);
}

static bool check_lock(
    const struct settings *s, const struct config *c, GError **error)
{
	if (!check_window(
		c, "backup", "lock_window", s->backup.lock_window, error) ||
	    !check_window(c, "gate", "window", s->gate.window, error))
		return false;
	if ((g_str_equal(s->backup.mode, "freeze") ||
		g_str_equal(s->backup.mode, "sealed")) &&
	    !s->backup.allow_lock)
		return config_fail(c, "backup", "mode", error,
		    "%s locks users out, and allow_lock is no\n"
		    "hint: set `allow_lock = yes` in [backup], or `mode = "
		    "hot`",
		    s->backup.mode);
	return true;
}

static bool check_hooks(
    const struct settings *s, const struct config *c, GError **error)
{
	const struct {
		const char *group, *key, *command;
	} hooks[] = {
	    {"snapshot", "pre", s->snapshot.pre},
	    {"snapshot", "create", s->snapshot.create},
	    {"snapshot", "mount", s->snapshot.mount},
	    {"snapshot", "destroy", s->snapshot.destroy},
	    {"adopt", "prove", s->adopt.prove},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(hooks); i++) {
		g_autoptr(GError) why = NULL;
		g_auto(GStrv) argv = NULL;
		if (hooks[i].command &&
		    !g_shell_parse_argv(hooks[i].command, NULL, &argv, &why))
			return config_fail(c, hooks[i].group, hooks[i].key,
			    error, "'%s': %s", hooks[i].command, why->message);
	}
	return true;
}

static bool check(
    const struct settings *s, const struct config *c, GError **error)
{
	return check_url(c, "aws", "endpoint", s->aws.endpoint, web, error) &&
	       check_url(c, "cluster", "url", s->cluster.url, web, error) &&
	       check_url(c, "cluster", "proxy", s->cluster.proxy, web, error) &&
	       check_url(
		   c, "database", "url", s->database.url, postgres, error) &&
	       check_url(c, "database", "primary", s->database.primary,
		   postgres, error) &&
	       check_nodes(s, c, error) && check_lock(s, c, error) &&
	       check_hooks(s, c, error);
}

/* ---- reading ---- */

/* A list's folders start at the file's folder, like every other path. */
static void resolve(char **list, const char *folder)
{
	for (; list && *list; list++) {
		g_autofree char *name = NULL, *path = NULL;
		settings_pair(*list, &name, &path);
		g_autofree char *full = g_canonicalize_filename(path, folder);
		g_free(*list);
		*list = name ? g_strconcat(name, "=", full, NULL)
			     : g_steal_pointer(&full);
	}
}

/* systemd may name several folders; the first is the one to use. */
static char *state_folder(void)
{
	const char *given = g_getenv("STATE_DIRECTORY");

	if (given && *given)
		return g_strndup(given, strcspn(given, ":"));
	return geteuid() == 0
		   ? g_strdup("/var/lib/gonogo")
		   : g_build_filename(g_get_user_state_dir(), "gonogo", NULL);
}

/* A URL ends without a slash, so that paths can be put behind it. */
static void trim_url(char *url)
{
	size_t length = url ? strlen(url) : 0;

	while (length > 0 && url[length - 1] == '/')
		url[--length] = '\0';
}

struct settings *settings_read(const char *path, GError **error)
{
	g_autoptr(settings) s = g_new0(struct settings, 1);
	g_autoptr(config) c = NULL;

	if (!path) {
		config_defaults(settings_keys, s);
	} else {
		c = config_read(settings_keys, path, s, error);
		if (!c || !check(s, c, error))
			return NULL;
		s->path = g_canonicalize_filename(path, NULL);
		g_autofree char *folder = g_path_get_dirname(s->path);
		resolve(s->home.local, folder);
		resolve(s->home.node_files, folder);
		resolve(s->backup.also, folder);
		resolve(s->logs.paths, folder);
		resolve(s->logs.packs, folder);
	}
	trim_url(s->cluster.url);
	if (!s->state.dir)
		s->state.dir = state_folder();
	return g_steal_pointer(&s);
}
