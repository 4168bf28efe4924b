/*
 * This very machine, where it is a node: the local homes of the settings say
 * so.  A limit counts only when it is Bitbucket's own: ours would be a guess.
 */
#include <errno.h>
#include <inttypes.h>
#include <sys/utsname.h>

#include "audit/collect/ask.h"
#include "audit/collect/nodes.h"
#include "audit/collect/rows.h"
#include "base/error.h"
#include "base/file.h"
#include "port/fs.h"
#include "port/git.h"

enum { PROC_MOST = 1 << 20 }; /* bytes of one file in /proc */

/* ---- the machine ---- */

/* Gives the words behind KEY of a "KEY: words" or KEY=words file; or NULL. */
static char *value_in(const char *path, const char *key)
{
	g_autofree char *text = file_read(path, PROC_MOST, NULL, NULL);
	g_auto(GStrv) lines = g_strsplit(text ? text : "", "\n", -1);

	for (char **line = lines; *line; line++)
		if (g_str_has_prefix(*line, key)) {
			char *value = g_strdup(*line + strlen(key));
			g_strdelimit(value, "\"", ' ');
			return g_strstrip(value);
		}
	return NULL;
}

static void set_memory(json *value)
{
	g_autofree char *kib = value_in("/proc/meminfo", "MemTotal:");

	if (kib)
		json_set_i64(value, "memory_bytes",
		    g_ascii_strtoll(kib, NULL, 10) * 1024);
}

/* The zone's name, where the system has one by the usual link. */
static void set_timezone(json *value)
{
	g_autofree char *target = g_file_read_link("/etc/localtime", NULL);
	const char *zone = target ? strstr(target, "zoneinfo/") : NULL;

	if (zone)
		json_set_string(value, "timezone", zone + strlen("zoneinfo/"));
}

static bool set_machine(json *value, GError **error)
{
	struct utsname system;
	g_autofree char *os = value_in("/etc/os-release", "PRETTY_NAME=");
	g_autofree char *git = git_version(NULL);
	g_autofree char *kernel = NULL;

	if (uname(&system) != 0)
		return fail_errno(error, "uname");
	kernel = g_strdup_printf("%s %s", system.sysname, system.release);
	json_set_i64(value, "cores", sysconf(_SC_NPROCESSORS_ONLN));
	json_set_string(value, "kernel", kernel);
	json_set_string(value, "os", os);
	json_set_string(value, "git", git);
	set_memory(value);
	set_timezone(value);
	return true;
}

static bool set_home(json *value, const char *home, GError **error)
{
	struct fs_space space = {0};

	if (!fs_space(home, &space, error))
		return false;
	json_set_i64(value, "home_free_bytes", (int64_t)space.free_bytes);
	json_set_i64(value, "home_size_bytes", (int64_t)space.size_bytes);
	return true;
}

/* ---- the running Bitbucket ---- */

/* Was PID started with HOME as its home? */
static bool runs_home(const char *pid, const char *home)
{
	g_autofree char *path = g_build_filename("/proc", pid, "cmdline", NULL);
	g_autofree char *wanted = g_strconcat("-Dbitbucket.home=", home, NULL);
	size_t length = 0;
	g_autofree char *words = file_read(path, PROC_MOST, &length, NULL);

	for (size_t at = 0; words && at < length; at += strlen(words + at) + 1)
		if (g_str_equal(words + at, wanted))
			return true;
	return false;
}

/* Gives the process that runs HOME; NULL: none that we may look at. */
static char *find_process(const char *home)
{
	g_autoptr(GDir) proc = g_dir_open("/proc", 0, NULL);
	const char *pid;

	while (proc && (pid = g_dir_read_name(proc)))
		if (g_ascii_isdigit(*pid) && runs_home(pid, home))
			return g_strdup(pid);
	return NULL;
}

/* The soft limit behind NAME; "unlimited" is no number and stays unknown. */
static void set_limit(
    json *value, const char *key, const char *pid, const char *name)
{
	g_autofree char *path = g_build_filename("/proc", pid, "limits", NULL);
	g_autofree char *words = value_in(path, name);
	uint64_t number = 0;

	if (!words)
		return;
	words[strcspn(words, " ")] = '\0';
	if (g_ascii_string_to_unsigned(words, 10, 0, INT32_MAX, &number, NULL))
		json_set_i64(value, key, (int64_t)number);
}

/* A Java writes its version into the file `release` beside bin/. */
static void set_java(json *value, const char *pid)
{
	g_autofree char *link = g_build_filename("/proc", pid, "exe", NULL);
	g_autofree char *program = g_file_read_link(link, NULL);
	g_autofree char *bin = program ? g_path_get_dirname(program) : NULL;
	g_autofree char *release =
	    bin ? g_build_filename(bin, "..", "release", NULL) : NULL;
	g_autofree char *java =
	    release ? value_in(release, "JAVA_VERSION=") : NULL;

	json_set_string(value, "java", java);
}

static void set_process(json *value, const char *home)
{
	g_autofree char *pid = find_process(home);

	if (!pid) {
		g_autofree char *why = g_strdup_printf(
		    "no process with -Dbitbucket.home=%s could be seen here",
		    home);
		json_set_string(value, "no_process", why);
		return;
	}
	set_java(value, pid);
	set_limit(value, "open_files_limit", pid, "Max open files");
	set_limit(value, "processes_limit", pid, "Max processes");
}

/* ---- rows ---- */

static char *look(const char *home, GError **error)
{
	g_autoptr(json) value = json_new_object();

	if (!set_home(value, home, error) || !set_machine(value, error))
		return NULL;
	set_process(value, home);
	return json_pretty(value);
}

/* A folder alone: the one node of the settings, else the host's own name. */
static char *name_of(const struct settings *s)
{
	g_autofree char *name = NULL;
	g_autofree char *url = NULL;

	if (!s->cluster.nodes || g_strv_length(s->cluster.nodes) != 1)
		return g_strdup(g_get_host_name());
	nodes_pair(s->cluster.nodes[0], &name, &url);
	return g_steal_pointer(&name);
}

bool ask_node(struct asking *a, GError **error)
{
	const struct row *row = rows_find("node.machine");

	if (!ask_wants(a, row, "node"))
		return true;
	for (char **l = a->settings->home.local; l && *l; l++) {
		g_autofree char *name = NULL;
		g_autofree char *home = NULL;
		g_autoptr(GError) why = NULL;
		settings_pair(*l, &name, &home);
		if (!name)
			name = name_of(a->settings);
		g_autofree char *text = look(home, &why);
		bool good =
		    text ? ask_put(a, row, name, RAW_JSON, text, error)
			 : ask_put_failure(a, row, name, why->message, error);
		if (!good)
			return false;
	}
	return true;
}
