/*
 * The machines of the nodes: this very one, where the local homes of the
 * settings say that it is a node, and what was looked at on others.
 */
#include "audit/collect/ask.h"
#include "audit/collect/node_file.h"
#include "audit/collect/nodes.h"
#include "audit/collect/rows.h"
#include "base/clock.h"
#include "base/error.h"

static char *look(const struct settings *s, const char *home, GError **error)
{
	g_autoptr(GHashTable) pieces =
	    node_pieces_here(home, s->home.install, error);
	g_autoptr(json) machine =
	    pieces ? node_pieces_machine(pieces, error) : NULL;

	return machine ? json_pretty(machine) : NULL;
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

static bool ask_here(
    struct asking *a, const struct row *row, const char *local, GError **error)
{
	g_autofree char *name = NULL;
	g_autofree char *home = NULL;
	g_autoptr(GError) why = NULL;

	settings_pair(local, &name, &home);
	if (!name)
		name = name_of(a->settings);
	g_autofree char *text = look(a->settings, home, &why);
	return text ? ask_put(a, row, name, RAW_JSON, text, error)
		    : ask_put_failure(a, row, name, why->message, error);
}

/* A look is as old as its own clock says; one of the future is none. */
static bool check_time(
    const struct node_file *f, const char *path, GError **error)
{
	g_autofree char *at = clock_text(f->at);

	return f->at <= clock_now() ||
	       fail(error, GONOGO_ERROR_DATA,
		   "%s: looked at on %s, which is still to come", path, at);
}

static bool ask_file(
    struct asking *a, const struct row *row, const char *pair, GError **error)
{
	g_autofree char *name = NULL;
	g_autofree char *path = NULL;
	g_autoptr(GError) why = NULL;
	g_auto(node_file) file = {0};

	settings_pair(pair, &name, &path);
	if (!node_file_read(path, &file, &why) ||
	    !check_time(&file, path, &why))
		return ask_put_failure(
		    a, row, name ? name : path, why->message, error);
	g_autofree char *text = json_pretty(file.machine);
	return ask_put_of(
	    a, row, name ? name : file.name, file.at, RAW_JSON, text, error);
}

bool ask_node(struct asking *a, GError **error)
{
	const struct row *row = rows_find("node.machine");

	if (!ask_wants(a, row, "node"))
		return true;
	for (char **l = a->settings->home.local; l && *l; l++)
		if (!ask_here(a, row, *l, error))
			return false;
	for (char **f = a->settings->home.node_files; f && *f; f++)
		if (!ask_file(a, row, *f, error))
			return false;
	return true;
}
