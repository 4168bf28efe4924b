#include "bitbucket/homes.h"

#include <errno.h>
#include <sys/stat.h>

#include "base/error.h"

static bool is_there(const char *folder, const char *name, mode_t kind)
{
	g_autofree char *path = g_build_filename(folder, name, NULL);
	struct stat status;

	return stat(path, &status) == 0 && (status.st_mode & S_IFMT) == kind;
}

static bool check_folder(const char *path, GError **error)
{
	struct stat status;

	if (stat(path, &status) != 0)
		return fail(error, GONOGO_ERROR_USAGE, "%s: %s", path,
		    g_strerror(errno));
	return S_ISDIR(status.st_mode) ||
	       fail(error, GONOGO_ERROR_USAGE, "%s: not a folder", path);
}

static bool is_one_of(const char *name, const char *const *names)
{
	return g_strv_contains(names, name);
}

/* ---- the shared home ---- */

static const char *const shared_way[] = {"data", "repositories", NULL};

const struct home_kind home_shared = {
    "home", HOME_PROPERTIES, shared_way, home_check, home_is_left_out};

/* ---- a mirror's ---- */

/* A mirror has its shared home inside of its own, unless that is what is
 * named. */
static bool check_mirror(const char *path, GError **error)
{
	g_autofree char *inside = g_build_filename(path, "shared", NULL);

	if (!check_folder(path, error))
		return false;
	return is_there(path, HOME_PROPERTIES, S_IFREG) ||
	       is_there(inside, HOME_PROPERTIES, S_IFREG) ||
	       fail(error, GONOGO_ERROR_USAGE,
		   "%s: not a mirror's home: no " HOME_PROPERTIES
		   ", here or in shared\nhint: name the folder that "
		   "BITBUCKET_HOME is on the mirror",
		   path);
}

/* What a mirror makes anew, or fetches from its upstream.  Its H2 files are
 * kept: it has no other database. */
static bool mirror_is_left_out(const char *path, bool is_folder)
{
	static const char *const folders[] = {"caches", "export", "git-lfs",
	    "log", "repos", "repositories", "search", "tmp", NULL};
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;

	if (g_str_equal(name, ".lock"))
		return true;
	if (!is_folder)
		return false;
	return is_one_of(name, folders) || strstr(path, "plugins/.") != NULL;
}

const struct home_kind home_mirror = {"mirror", HOME_PROPERTIES, NULL,
    check_mirror, mirror_is_left_out,
    "the H2 files of a mirror that runs may be of no single moment; it builds "
    "anew what it loses"};

/* ---- a Mesh node's ---- */

static const char *const mesh_way[] = {
    "store", "data", "*", "*", "repos", NULL};

static bool check_mesh(const char *path, GError **error)
{
	if (!check_folder(path, error))
		return false;
	if (is_there(path, "store/data", S_IFDIR) &&
	    is_there(path, "config", S_IFDIR))
		return true;
	return fail(error, GONOGO_ERROR_USAGE,
	    "%s: not a Mesh node's home: no store/data, or no config\n"
	    "hint: name the folder that MESH_HOME is on the node, and run "
	    "it there",
	    path);
}

static bool mesh_is_left_out(const char *path, bool is_folder)
{
	static const char *const names[] = {
	    ".lock", "caches", "export", "log", "tmp", NULL};

	(void)is_folder;
	return is_one_of(path, names);
}

const struct home_kind home_mesh = {
    "mesh-node", "mesh.properties", mesh_way, check_mesh, mesh_is_left_out};
