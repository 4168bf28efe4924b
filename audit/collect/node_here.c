/*
 * This very machine, as templates/node.sh looks at one.  A limit counts only
 * when it is Bitbucket's own: ours would be a guess.
 */
#include <errno.h>
#include <inttypes.h>
#include <sys/utsname.h>

#include "audit/collect/node_pieces.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "port/fs.h"
#include "port/git.h"

enum {
	PROC_MOST = 1 << 20,    /* bytes of one file in /proc */
	INSTALL_MOST = 1 << 20, /* bytes of an install file that people edit */
};

/* Takes TEXT; NULL: there is no such piece. */
static void put(GHashTable *pieces, const char *name, char *text)
{
	if (text)
		g_hash_table_insert(pieces, g_strdup(name), text);
}

static void put_file(GHashTable *pieces, const char *name, const char *path)
{
	put(pieces, name, file_read(path, PROC_MOST, NULL, NULL));
}

/* ---- the machine ---- */

static bool put_space(GHashTable *pieces, const char *home, GError **error)
{
	struct fs_space space = {0};

	if (!fs_space(home, &space, error))
		return false;
	put(pieces, "space",
	    g_strdup_printf("%" PRIu64 " %" PRIu64, space.free_bytes / 1024,
		space.size_bytes / 1024));
	return true;
}

static bool put_machine(GHashTable *pieces, GError **error)
{
	struct utsname system;
	g_autofree char *git = git_version(NULL);

	if (uname(&system) != 0)
		return fail_errno(error, "uname");
	put(pieces, "name", g_strdup(system.nodename));
	put(pieces, "at", clock_text(clock_now()));
	put(pieces, "kernel",
	    g_strdup_printf("%s %s", system.sysname, system.release));
	put(pieces, "cores",
	    g_strdup_printf("%ld", sysconf(_SC_NPROCESSORS_ONLN)));
	put(pieces, "zone", g_file_read_link("/etc/localtime", NULL));
	if (git)
		put(pieces, "git", g_strconcat("git version ", git, NULL));
	put_file(pieces, "meminfo", "/proc/meminfo");
	put_file(pieces, "os-release", "/etc/os-release");
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

/* A Java writes its version into the file `release` beside bin/. */
static void put_process(GHashTable *pieces, const char *home)
{
	g_autofree char *pid = find_process(home);

	if (!pid) {
		put(pieces, "no-process",
		    g_strdup_printf("no process with -Dbitbucket.home=%s "
				    "could be seen here",
			home));
		return;
	}
	g_autofree char *limits =
	    g_build_filename("/proc", pid, "limits", NULL);
	g_autofree char *link = g_build_filename("/proc", pid, "exe", NULL);
	g_autofree char *program = g_file_read_link(link, NULL);
	g_autofree char *bin = program ? g_path_get_dirname(program) : NULL;
	g_autofree char *release =
	    bin ? g_build_filename(bin, "..", "release", NULL) : NULL;
	put_file(pieces, "limits", limits);
	if (release)
		put_file(pieces, "release", release);
}

/* ---- the programs ---- */

static int by_name(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Adds a line for each file that people may edit in FOLDER of INSTALL. */
static void add_files(const char *install, const char *folder, GString *out)
{
	g_autofree char *path = g_build_filename(install, folder, NULL);
	g_autoptr(GDir) listing = g_dir_open(path, 0, NULL);
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);

	for (const char *name; listing && (name = g_dir_read_name(listing));)
		g_ptr_array_add(names, g_strdup(name));
	g_ptr_array_sort(names, by_name);
	for (guint i = 0; i < names->len; i++) {
		const char *name = g_ptr_array_index(names, i);
		g_autofree char *file = g_build_filename(path, name, NULL);
		size_t length = 0;
		g_autofree char *bytes =
		    g_file_test(file, G_FILE_TEST_IS_REGULAR) &&
			    !g_file_test(file, G_FILE_TEST_IS_SYMLINK)
			? file_read(file, INSTALL_MOST, &length, NULL)
			: NULL;
		if (!bytes)
			continue;
		g_autofree char *sha256 = hash_hex(bytes, length);
		g_string_append_printf(
		    out, "%s  %s/%s\n", sha256, folder, name);
	}
}

static void put_install(GHashTable *pieces, const char *install)
{
	g_autoptr(GString) out = g_string_new(NULL);

	if (!install)
		return;
	add_files(install, "bin", out);
	add_files(install, "conf", out);
	put(pieces, "install", g_strdup(out->str));
}

GHashTable *node_pieces_here(
    const char *home, const char *install, GError **error)
{
	g_autoptr(GHashTable) pieces =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);

	if (!put_space(pieces, home, error) || !put_machine(pieces, error))
		return NULL;
	put_process(pieces, home);
	put_install(pieces, install);
	put(pieces, "end", g_strdup("end"));
	return g_steal_pointer(&pieces);
}
