/* `audit logs`: known problems and unknown errors in any logs, on its own. */
#include "audit/logs/scan.h"
#include "audit/logs/tell.h"
#include "audit/verbs.h"
#include "base/cli.h"
#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/limits.h"
#include "contract/settings.h"
#include "port/fs.h"

struct options {
	char **packs;
	char *baseline, *zone, *running, *out;
	int threads, part_kib;
	gboolean json, without_unknown, no_cache;
};

static void options_clear(struct options *o)
{
	g_strfreev(o->packs);
	g_free(o->baseline);
	g_free(o->zone);
	g_free(o->running);
	g_free(o->out);
}

typedef struct options options;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(options, options_clear)

/* The shipped pack, and those of the site behind it. */
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

/* Where compiled patterns are kept; NULL: nowhere, which costs time alone. */
static char *cache_folder(void)
{
	g_autoptr(settings) settings = settings_read(NULL, NULL);

	if (!settings || !settings->state.dir)
		return NULL;
	g_autofree char *folder =
	    g_build_filename(settings->state.dir, "cache", NULL);
	if (!fs_make_folders(folder, 0700, NULL))
		return NULL;
	return g_steal_pointer(&folder);
}

/* Reads the document to compare with, when there is one. */
static bool read_baseline(
    const char *path, struct logs *base, char **sha256, GError **error)
{
	size_t length = 0;

	if (!path)
		return true;
	g_autofree char *text = file_read(path, LIMIT_DOCUMENT, &length, error);
	if (!text)
		return false;
	g_autoptr(json) document = json_parse(text, length, path, error);
	if (!document)
		return false;
	if (!document_read(&logs_shape, document, base, error)) {
		g_prefix_error(error, "%s: ", path);
		return false;
	}
	*sha256 = hash_hex(text, length);
	return true;
}

static bool tell(const struct options *o, const struct logs *l, GError **error)
{
	if (o->out && !document_save(&logs_shape, l, o->out, error))
		return false;
	if (o->json)
		return document_save(&logs_shape, l, "-", error);
	logs_print(l);
	return true;
}

static bool run(const struct options *o, char *const *paths, GError **error)
{
	g_autofree char *sha256 = NULL;
	g_autoptr(GPtrArray) packs = load_packs(o->packs, error);
	g_autofree char *cache = o->no_cache ? NULL : cache_folder();
	g_auto(log_inputs) inputs = {0};
	g_auto(found) found = {0};
	g_auto(logs) base = {0}, logs = {0};

	if (!packs || !read_baseline(o->baseline, &base, &sha256, error) ||
	    !log_inputs_find(paths, &inputs, error))
		return false;
	g_autoptr(log_search) search = log_search_new(packs, cache, error);
	const struct scan_options scan = {
	    .threads =
		o->threads > 0 ? (unsigned)o->threads : g_get_num_processors(),
	    .part_bytes = (uint64_t)o->part_kib << 10,
	    .unknown = !o->without_unknown};
	const struct tell_options telling = {.zone = o->zone,
	    .version = o->running,
	    .baseline = o->baseline ? &base : NULL,
	    .baseline_sha256 = sha256};
	return search && scan_logs(search, &inputs, &scan, &found, error) &&
	       logs_tell(
		   search, packs, &inputs, &found, &telling, &logs, error) &&
	       tell(o, &logs, error);
}

int verb_logs(int argc, char **argv, GError **error)
{
	g_auto(options) o = {0};
	const GOptionEntry entries[] = {
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
		"keep no compiled patterns", NULL},
	    {0},
	};

	if (!cli_parse(&argc, argv, entries, "[NODE=]PATH...", 1, G_MAXINT,
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
