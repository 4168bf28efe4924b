/*
 * `gonogo-audit collect`: what is asked for on the command line, and what a
 * person is told of it.
 */
#include <errno.h>
#include <glib/gstdio.h>

#include "audit/collect/collect.h"
#include "audit/verbs.h"
#include "base/cli.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "port/fs.h"

enum { TOLD_MOST = 8 };

struct options {
	char *config, *bundle, *profile, *out, *from;
	char **nodes;
};

static void options_clear(struct options *o)
{
	g_free(o->config);
	g_free(o->bundle);
	g_free(o->profile);
	g_free(o->out);
	g_free(o->from);
	g_strfreev(o->nodes);
}
typedef struct options options;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(options, options_clear)

static bool parse(int argc, char **argv, struct options *o, GError **error)
{
	const GOptionEntry entries[] = {
	    {"config", 'c', 0, G_OPTION_ARG_FILENAME, &o->config,
		"settings of the cluster", "FILE"},
	    {"bundle", 'b', 0, G_OPTION_ARG_FILENAME, &o->bundle,
		"new folder for the bundle [below the state folder]", "DIR"},
	    {"profile", 'p', 0, G_OPTION_ARG_STRING, &o->profile,
		"full, or gate: few cheap requests [full]", "NAME"},
	    {"out", 'o', 0, G_OPTION_ARG_FILENAME, &o->out,
		"write the facts there, too; - is stdout", "FILE"},
	    {"node", 0, 0, G_OPTION_ARG_STRING_ARRAY, &o->nodes,
		"what `audit node` told there; again for more", "[NAME=]FILE"},
	    {"from", 'f', 0, G_OPTION_ARG_FILENAME, &o->from,
		"read a shared home or an earlier bundle instead", "DIR"},
	    {0},
	};

	if (!cli_parse(&argc, argv, entries, "", 0, 0,
		"Looks at a cluster and writes what it saw: raw replies, "
		"facts, policy and packs.\nPrints the bundle's folder. What "
		"could not be seen is named, and is no error;\n69 when not "
		"even one node answered. Nothing is changed anywhere.",
		error))
		return false;
	if (!o->config && !o->from)
		return fail(error, GONOGO_ERROR_USAGE,
		    "no settings\nhint: -c gonogo.conf; `gonogo init` writes "
		    "one");
	return true;
}

static bool profile_of(const char *name, enum profile *out, GError **error)
{
	*out = PROFILE_FULL;
	if (!name || g_str_equal(name, "full"))
		return true;
	if (!g_str_equal(name, "gate"))
		return fail(error, GONOGO_ERROR_USAGE,
		    "--profile %s: neither full nor gate", name);
	*out = PROFILE_GATE;
	return true;
}

/* ---- where the bundle lies ---- */

/* Gives the name of a new bundle: letters of the cluster's name, and now. */
static char *new_bundle(const struct settings *s)
{
	g_autofree char *stamp = clock_stamp(clock_now());
	g_autofree char *cluster =
	    g_strdup(s->cluster.name ? s->cluster.name : "cluster");
	g_autofree char *name = NULL;

	g_strcanon(cluster,
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_",
	    '-');
	name = g_strdup_printf("%s-%s", cluster, stamp);
	return g_build_filename(s->state.dir, "bundles", name, NULL);
}

/* `latest` beside the bundle names it; an old one is replaced at once. */
static bool name_latest(const char *bundle, GError **error)
{
	g_autofree char *folder = g_path_get_dirname(bundle);
	g_autofree char *name = g_path_get_basename(bundle);
	g_autofree char *link = g_build_filename(folder, "latest", NULL);
	g_autofree char *partial = g_strconcat(link, ".partial", NULL);

	if ((unlink(partial) != 0 && errno != ENOENT) ||
	    symlink(name, partial) != 0 || rename(partial, link) != 0)
		return fail_errno(error, "%s", link);
	return true;
}

/* ---- what a person is told ---- */

/* Reasons in their order, each with the names that share it. */
static GPtrArray *by_reason(const struct facts *f, GHashTable *names)
{
	GPtrArray *reasons = g_ptr_array_new();

	for (guint i = 0; i < list_length(f->unseen); i++) {
		const struct unseen *u = g_ptr_array_index(f->unseen, i);
		GString *list = g_hash_table_lookup(names, u->why);
		if (!list) {
			list = g_string_new(u->what);
			g_hash_table_insert(names, u->why, list);
			g_ptr_array_add(reasons, u->why);
		} else {
			g_string_append_printf(list, ", %s", u->what);
		}
	}
	return reasons;
}

static void free_list(gpointer list)
{
	g_string_free(list, TRUE);
}

static void tell_unseen(const struct facts *f)
{
	g_autoptr(GHashTable) names =
	    g_hash_table_new_full(g_str_hash, g_str_equal, NULL, free_list);
	g_autoptr(GPtrArray) reasons = by_reason(f, names);

	for (guint i = 0; i < MIN(reasons->len, TOLD_MOST); i++) {
		const char *why = g_ptr_array_index(reasons, i);
		const GString *list = g_hash_table_lookup(names, why);
		log_warn("not seen: %s: %s", list->str, why);
	}
	if (reasons->len > TOLD_MOST)
		log_warn("%u more reasons stand in facts.json",
		    reasons->len - TOLD_MOST);
}

/* ---- the verb ---- */

static bool deliver(const struct facts *f, const char *out, GError **error)
{
	return !out || document_save(&facts_shape, f, out, error);
}

static bool check_vacant(const char *bundle, GError **error)
{
	bool vacant = false;

	if (!fs_is_vacant(bundle, &vacant, error))
		return false;
	return vacant || fail(error, GONOGO_ERROR_USAGE,
			     "%s: not an empty folder\nhint: a bundle gets a "
			     "folder of its own",
			     bundle);
}

static bool collect_full(
    struct collection *c, const struct options *o, GError **error)
{
	g_autofree char *made = o->bundle ? NULL : new_bundle(c->settings);
	g_auto(facts) f = {0};

	c->bundle = o->bundle ? o->bundle : made;
	if (!check_vacant(c->bundle, error) || !collect_all(c, &f, error) ||
	    (made && !name_latest(made, error)) || !deliver(&f, o->out, error))
		return false;
	tell_unseen(&f);
	if (g_strcmp0(o->out, "-") != 0)
		printf("%s\n", c->bundle);
	return true;
}

/* The gate wants facts alone; the bundle is made and removed. */
static bool collect_gate(
    struct collection *c, const struct options *o, GError **error)
{
	g_autofree char *folder = g_dir_make_tmp("gonogo-gate.XXXXXX", error);
	g_auto(facts) f = {0};

	if (!folder)
		return false;
	c->bundle = folder;
	bool good = collect_all(c, &f, error);
	ignore(!fs_remove_tree(folder, NULL));
	return good && deliver(&f, o->out ? o->out : "-", error);
}

int verb_collect(int argc, char **argv, GError **error)
{
	g_auto(options) o = {0};
	struct collection c = {0};
	bool good = false;

	if (!parse(argc, argv, &o, error) ||
	    !profile_of(o.profile, &c.profile, error))
		return -1;
	g_autoptr(settings) settings = settings_read(o.config, error);
	if (!settings)
		return -1;
	if (o.nodes) {
		g_strfreev(settings->home.node_files);
		settings->home.node_files = g_steal_pointer(&o.nodes);
	}
	c.settings = settings;
	c.from = o.from;
	if (c.profile == PROFILE_GATE && !o.bundle)
		good = collect_gate(&c, &o, error);
	else
		good = collect_full(&c, &o, error);
	if (good && !c.answered) {
		fail(error, GONOGO_ERROR_REMOTE,
		    "not one node of the cluster answered\n"
		    "hint: `gonogo doctor -c %s` looks at URLs and logins",
		    o.config);
		return -1;
	}
	return good ? EXITS_DONE : -1;
}
