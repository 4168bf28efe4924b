/*
 * `audit logs`: known problems and unknown errors in any logs, on its own; with
 * settings, those that they name, held against the runs of earlier nights.
 */
#include "audit/logs/acknowledged.h"
#include "audit/logs/nights.h"
#include "audit/logs/scan.h"
#include "audit/logs/tell.h"
#include "audit/verb_inputs.h"
#include "audit/verbs.h"
#include "base/cli.h"
#include "base/clock.h"
#include "base/error.h"
#include "contract/settings.h"
#include "port/fs.h"

struct options {
	char **packs;
	char *config, *bundle, *baseline, *zone, *running, *out;
	int threads, part_kib;
	gboolean json, without_unknown, no_cache;
};

static void options_clear(struct options *o)
{
	g_strfreev(o->packs);
	g_free(o->config);
	g_free(o->bundle);
	g_free(o->baseline);
	g_free(o->zone);
	g_free(o->running);
	g_free(o->out);
}

typedef struct options options;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(options, options_clear)

/* The shipped pack, or those that are named. */
static GPtrArray *load_packs(char **paths, GError **error)
{
	g_autoptr(GPtrArray) packs =
	    g_ptr_array_new_with_free_func((GDestroyNotify)log_pack_free);
	bool shipped = !paths || !*paths;

	for (char **path = paths; shipped || (path && *path); path++) {
		struct log_pack *pack =
		    log_pack_load(shipped ? NULL : *path, error);
		if (!pack)
			return NULL;
		g_ptr_array_add(packs, pack);
		if (shipped)
			break;
	}
	return g_steal_pointer(&packs);
}

/* A folder of ours below the state folder; NULL: there can't be one, which
 * costs time alone. */
static char *own_folder(const struct settings *s, const char *name)
{
	g_autofree char *folder =
	    s->state.dir ? g_build_filename(s->state.dir, name, NULL) : NULL;

	if (!folder || !fs_make_folders(folder, 0700, NULL))
		return NULL;
	return g_steal_pointer(&folder);
}

/* ---- what it is held against ---- */

/* A document that is named, or the nights of a cluster whose settings are. */
static bool read_earlier(const struct options *o, const char *folder,
    int64_t now, struct nights *n, GError **error)
{
	if (folder && !nights_read(folder, now, n, error))
		return false;
	if (!o->baseline)
		return true;
	logs_clear(&n->baseline);
	g_clear_pointer(&n->sha256, g_free);
	return nights_load(o->baseline, &n->baseline, &n->sha256, error);
}

/* ---- where it goes ---- */

static bool tell(const struct options *o, const struct logs *l, GError **error)
{
	if ((o->out && !document_save(&logs_shape, l, o->out, error)) ||
	    (o->bundle &&
		!verb_save_in_bundle(o->bundle, "logs", &logs_shape, l, error)))
		return false;
	if (o->json)
		return document_save(&logs_shape, l, "-", error);
	logs_print(l);
	return true;
}

/* ---- the run ---- */

/* Gives what earlier runs found in FOLDER, if there is one.  NULL without
 * *error: there is nothing to keep. */
static kept *open_kept(const struct options *o, const char *folder,
    const GPtrArray *packs, GError **error)
{
	g_autoptr(GString) key = g_string_new(
	    o->without_unknown ? "known alone" : "with unknown errors");

	if (!folder || o->no_cache)
		return NULL;
	for (guint i = 0; i < packs->len; i++) {
		const struct log_pack *pack = g_ptr_array_index(packs, i);
		g_string_append_printf(key, " %s", pack->sha256);
	}
	g_autofree char *path = g_build_filename(folder, "found", NULL);
	return kept_open(path, key->str, error);
}

static bool search_logs(const struct options *o, const struct settings *s,
    const char *folder, const GPtrArray *packs, char *const *paths,
    const struct nights *n, struct logs *logs, GError **error)
{
	g_autoptr(GError) why = NULL;
	g_autoptr(kept) kept = open_kept(o, folder, packs, &why);
	g_autofree char *cache = o->no_cache ? NULL : own_folder(s, "cache");
	g_auto(log_inputs) inputs = {0};
	g_auto(found) found = {0};
	const struct scan_options scan = {
	    .threads =
		o->threads > 0 ? (unsigned)o->threads : g_get_num_processors(),
	    .part_bytes = (uint64_t)o->part_kib << 10,
	    .unknown = !o->without_unknown,
	    .kept = kept};
	const struct tell_options telling = {
	    .zone = o->zone ? o->zone : s->logs.zone,
	    .version = o->running,
	    .baseline = n->sha256 ? &n->baseline : NULL,
	    .baseline_sha256 = n->sha256,
	    .starts = &n->starts};

	if (why) {
		g_propagate_error(error, g_steal_pointer(&why));
		return false;
	}
	if (!log_inputs_find(paths, &inputs, error))
		return false;
	g_autoptr(log_search) search = log_search_new(packs, cache, error);
	return search && scan_logs(search, &inputs, &scan, &found, error) &&
	       logs_tell(search, packs, &inputs, &found, &telling, logs, error);
}

static bool run(const struct options *o, char *const *paths, GError **error)
{
	g_autoptr(settings) s = settings_read(o->config, error);
	int64_t now = clock_now();
	g_auto(nights) n = {0};
	g_auto(logs) logs = {0};

	if (!s)
		return false;
	paths = verb_logs_named(s, paths, error);
	if (!paths)
		return false;
	/* Only the logs that the settings name are a cluster's own. */
	g_autofree char *folder =
	    o->config && paths == s->logs.paths ? own_folder(s, "logs") : NULL;
	g_autoptr(GPtrArray) packs =
	    load_packs(o->packs ? o->packs : s->logs.packs, error);
	if (!packs || !read_earlier(o, folder, now, &n, error) ||
	    !search_logs(o, s, folder, packs, paths, &n, &logs, error))
		return false;
	if (o->bundle)
		logs.read_at = number_of(now);
	if (s->logs.acknowledged &&
	    !acknowledged_read(s->logs.acknowledged, &logs.acknowledged, error))
		return false;
	return (!folder || nights_keep(folder, now, &logs, &n, error)) &&
	       tell(o, &logs, error);
}

int verb_logs(int argc, char **argv, GError **error)
{
	g_auto(options) o = {0};
	const GOptionEntry entries[] = {
	    {"config", 'c', 0, G_OPTION_ARG_FILENAME, &o.config,
		"settings whose logs are meant", "FILE"},
	    {"bundle", 'b', 0, G_OPTION_ARG_FILENAME, &o.bundle,
		"write logs/logs.json of this bundle", "DIR"},
	    {"pack", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &o.packs,
		"known problems [the shipped ones]; again for more", "FILE"},
	    {"baseline", 0, 0, G_OPTION_ARG_FILENAME, &o.baseline,
		"an earlier answer: what is new, what surges", "FILE"},
	    {"zone", 0, 0, G_OPTION_ARG_STRING, &o.zone,
		"time zone of the logs [this machine's]", "ZONE"},
	    {"running", 0, 0, G_OPTION_ARG_STRING, &o.running,
		"version that runs [what the logs say]", "VERSION"},
	    {"out", 'o', 0, G_OPTION_ARG_FILENAME, &o.out,
		"write the document there, too", "FILE"},
	    {"json", 0, 0, G_OPTION_ARG_NONE, &o.json,
		"one JSON document on standard output", NULL},
	    {"threads", 'j', 0, G_OPTION_ARG_INT, &o.threads,
		"threads [one a processor]", "N"},
	    {"part", 0, 0, G_OPTION_ARG_INT, &o.part_kib,
		"KiB of a file that a thread takes at a time [8192]", "N"},
	    {"known-only", 0, 0, G_OPTION_ARG_NONE, &o.without_unknown,
		"look for known problems alone", NULL},
	    {"no-cache", 0, 0, G_OPTION_ARG_NONE, &o.no_cache,
		"keep nothing of this run, use nothing of earlier ones", NULL},
	    {0},
	};

	if (!cli_parse(&argc, argv, entries, "[[NODE=]PATH...]", 0, G_MAXINT,
		"Searches logs, folders of logs and support zips (plain, gz, "
		"zst, xz; - is\nstandard input) for known problems and for "
		"errors that nobody knows yet.",
		error))
		return -1;
	if (o.threads < 0 || o.threads > 1024 || o.part_kib < 0) {
		fail(error, GONOGO_ERROR_USAGE,
		    "no such number of threads or "
		    "KiB");
		return -1;
	}
	return run(&o, argv + 1, error) ? EXITS_DONE : -1;
}
