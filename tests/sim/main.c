/*
 * bitbucket-sim: a Bitbucket Data Center cluster on loopback ports, for tests
 * and the demo.  One line of JSON with the URLs on standard output says that
 * it is ready; SIGTERM ends it.
 */
#include <glib-unix.h>
#include <signal.h>
#include <sys/prctl.h>

#include "base/cli.h"
#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/secret.h"
#include "tests/sim/server.h"
#include "tests/sim/world.h"

enum { TICK_MS = 10 };

struct options {
	int nodes, port, seed;
	char *version, *context, *host, *state;
	char *password_file, *certificate, *key;
	gboolean dies_with_parent;
};

static void options_clear(struct options *o)
{
	g_free(o->version);
	g_free(o->context);
	g_free(o->host);
	g_free(o->state);
	g_free(o->password_file);
	g_free(o->certificate);
	g_free(o->key);
}

/* GOption would leak what stood there before. */
static void usual(char **option, const char *value)
{
	if (!*option)
		*option = g_strdup(value);
}

static bool parse(int argc, char **argv, struct options *o, GError **error)
{
	const GOptionEntry entries[] = {
	    {"nodes", 'n', 0, G_OPTION_ARG_INT, &o->nodes, "how many [3]", "N"},
	    {"version", 'v', 0, G_OPTION_ARG_STRING, &o->version,
		"of the product [9.4.22]", "VERSION"},
	    {"context", 'c', 0, G_OPTION_ARG_STRING, &o->context,
		"path before everything, \"\" for none [/bitbucket]", "PATH"},
	    {"state", 's', 0, G_OPTION_ARG_FILENAME, &o->state,
		"JSON that is merged into the world", "FILE"},
	    {"admin-password-file", 0, 0, G_OPTION_ARG_FILENAME,
		&o->password_file, "password of admin, 0600 [admin]", "FILE"},
	    {"port", 'p', 0, G_OPTION_ARG_INT, &o->port,
		"first port, the balancer's; 0: free ones [0]", "PORT"},
	    {"host", 0, 0, G_OPTION_ARG_STRING, &o->host,
		"in the URLs that are told [127.0.0.1]", "NAME"},
	    {"cert", 0, 0, G_OPTION_ARG_FILENAME, &o->certificate,
		"HTTPS with this certificate, PEM", "FILE"},
	    {"key", 0, 0, G_OPTION_ARG_FILENAME, &o->key, "its key, PEM",
		"FILE"},
	    {"seed", 0, 0, G_OPTION_ARG_INT, &o->seed, "of ids and tokens [1]",
		"N"},
	    {"die-with-parent", 0, 0, G_OPTION_ARG_NONE, &o->dies_with_parent,
		"end when the starting process does", NULL},
	    {0},
	};

	if (!cli_parse(&argc, argv, entries, "", 0, 0, NULL, error))
		return false;
	usual(&o->version, "9.4.22");
	usual(&o->context, "/bitbucket");
	usual(&o->host, "127.0.0.1");
	if (o->nodes < 1 || o->nodes > 64 || o->port < 0 || o->port > 65000)
		return fail(error, GONOGO_ERROR_USAGE,
		    "--nodes takes 1..64, --port 0..65000");
	if (!version_build(o->version))
		return fail(
		    error, GONOGO_ERROR_USAGE, "%s: not a version", o->version);
	if (!o->certificate != !o->key)
		return fail(error, GONOGO_ERROR_USAGE,
		    "--cert and --key belong together");
	return true;
}

static gboolean quit(gpointer loop)
{
	g_main_loop_quit(loop);
	return G_SOURCE_CONTINUE;
}

struct clockwork {
	sim *sim;
	server *server;
};

static gboolean tick(gpointer data)
{
	struct clockwork *work = data;

	g_mutex_lock(&work->sim->lock);
	sim_settle(work->sim);
	g_mutex_unlock(&work->sim->lock);
	server_follow(work->server);
	return G_SOURCE_CONTINUE;
}

static void say_ready(const server *opened)
{
	g_autoptr(json) urls = server_urls(opened);
	g_autofree char *line = json_compact(urls);

	printf("%s\n", line);
	fflush(stdout);
}

/* Signals are heard before anybody is told that we are ready. */
static void serve_until_told(sim *s, server *opened)
{
	g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
	struct clockwork work = {s, opened};

	g_unix_signal_add(SIGTERM, quit, loop);
	g_unix_signal_add(SIGINT, quit, loop);
	g_unix_signal_add(SIGHUP, quit, loop);
	g_timeout_add(TICK_MS, tick, &work);
	say_ready(opened);
	g_main_loop_run(loop);
}

static bool run(const struct options *o, GError **error)
{
	g_autofree char *certificate = NULL, *key = NULL;
	g_autoptr(json) world = world_read(o->state, o->password_file, error);

	if (!world)
		return false;
	if (o->certificate &&
	    (!(certificate =
		     file_read(o->certificate, LIMIT_SETTINGS, NULL, error)) ||
		!(key = file_read(o->key, LIMIT_SETTINGS, NULL, error))))
		return false;
	json *strange = world_of_stranger(world);
	g_autoptr(sim) s =
	    sim_new(cluster_new((unsigned)o->nodes, o->version, o->context,
			(uint64_t)o->seed, g_steal_pointer(&world)),
		cluster_new(
		    1, "8.19.5", o->context, (uint64_t)o->seed + 1, strange));
	const struct server_options ports = {
	    .context = o->context,
	    .host = o->host,
	    .port = (uint16_t)o->port,
	    .certificate = certificate,
	    .key = key,
	};
	g_autoptr(server) opened = server_open(s, &ports, error);
	if (!opened)
		return false;
	serve_until_told(s, opened);
	return true;
}

int main(int argc, char **argv)
{
	g_autoptr(GError) error = NULL;
	struct options options = {.nodes = 3, .seed = 1};
	pid_t parent = getppid();

	signal(SIGPIPE, SIG_IGN);
	bool good = parse(argc, argv, &options, &error);
	if (good && options.dies_with_parent) {
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		/* It may have died before the call. */
		good = getppid() == parent;
	}
	if (good)
		good = run(&options, &error);
	options_clear(&options);
	return error ? cli_report(error) : good ? 0 : EXITS_IO;
}
