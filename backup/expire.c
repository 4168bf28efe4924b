/*
 * gonogo-backup expire: old sets go, in two steps that can both be undone.
 *
 *     plan      which sets may go; nothing is touched
 *     alone     nobody reads the store while things are moved:
 *       sets      to trash/, durably
 *       sweep     to trash/, too, what no set needs now
 *     empty     what has lain in trash/ long enough is removed
 *
 * A crash between any two steps leaves every set that is listed whole: things
 * are renamed, sets before what they need, and only what no set names.
 */
#include <inttypes.h>

#include "backup/expire/plan.h"
#include "backup/expire/trash.h"
#include "backup/records.h"
#include "backup/signing.h"
#include "backup/stock.h"
#include "backup/store/sums.h"
#include "backup/verbs.h"
#include "base/cli.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/stop.h"
#include "contract/settings.h"
#include "port/fs.h"

enum { LATER = 2 }; /* proved sets that must be newer than what is removed */

struct expire {
	store *store;
	struct keep keep;
	int64_t now, trash_s;
	plan plan;
	uint64_t moved, moved_bytes; /* objects and segments */
};

/* ---- what each set needs ---- */

/* What a set needs and is not there may have been moved by a run whose sets
 * came back. */
static bool bring_back(const struct expire *e, const struct stock *stock,
    const struct set *set, const GPtrArray *folders, GError **error)
{
	g_autofree char *path =
	    g_build_filename(set->folder, "SHA256SUMS", NULL);
	g_auto(sums) sums = {0};

	if (!sums_read(&sums, path, error))
		return false;
	for (guint i = 0; i < sums.lines->len; i++) {
		const char *name =
		    g_array_index(sums.lines, struct sum, i).path;
		bool found = false;
		if ((!g_str_has_prefix(name, "objects/") &&
			!g_str_has_prefix(name, "segments/")) ||
		    stock_find(stock, name))
			continue;
		if (!trash_bring_back(e->store, folders, name, &found, error))
			return false;
		if (found)
			log_warn("%s: set %s needs it; it is back from trash/",
			    name, set->id);
	}
	return true;
}

/* Of one that has lost its record nobody knows what it needs. */
static bool no_set_is_lost(const store *s, GError **error)
{
	g_autoptr(GPtrArray) ids = sets_without_record(s, error);

	for (guint i = 0; ids && i < ids->len; i++) {
		const char *id = g_ptr_array_index(ids, i);
		if (set_was_whole(s, id))
			return fail(error, GONOGO_ERROR_DATA,
			    "set %s has lost its SNAPSHOT.json\n"
			    "hint: nobody knows what it needs; bring its "
			    "record "
			    "back, or move the set away",
			    id);
	}
	return ids != NULL;
}

/*
 * Marks in STOCK what the sets that stay need.  A list that is not as it was
 * written may have lost a line: then nobody knows, and nothing is moved.
 */
static bool mark(
    const struct expire *e, struct stock *stock, bool mend, GError **error)
{
	g_autoptr(GPtrArray) folders = trash_folders(e->store, error);

	if (!folders || !no_set_is_lost(e->store, error) ||
	    !stock_read(stock, e->store, error))
		return false;
	for (guint i = 0; i < e->plan.rows->len; i++) {
		const struct plan_set *one =
		    &g_array_index(e->plan.rows, struct plan_set, i);
		if (one->goes)
			continue;
		if (one->set->trouble)
			return fail(error, GONOGO_ERROR_DATA,
			    "set %s: %s\nhint: nobody knows what it needs; "
			    "mend its record, or move the set away",
			    one->set->id, one->set->trouble);
		if (stop_requested(error) ||
		    !records_check(e->store, one->set, error) ||
		    !stock_use(stock, one->set, error) ||
		    (mend && !bring_back(e, stock, one->set, folders, error)))
			return false;
	}
	return true;
}

static void count_unused(struct expire *e, const struct stock *stock)
{
	e->moved = e->moved_bytes = 0;
	for (guint i = 0; i < stock->items->len; i++) {
		const struct stock_item *item =
		    g_ptr_array_index(stock->items, i);
		e->moved += item->sets == 0;
		e->moved_bytes += item->sets == 0 ? item->bytes : 0;
	}
}

/* ---- the steps ---- */

static bool move_sets(
    const struct expire *e, struct trash *trash, GError **error)
{
	for (guint i = 0; i < e->plan.rows->len; i++) {
		const struct plan_set *one =
		    &g_array_index(e->plan.rows, struct plan_set, i);
		g_autofree char *path =
		    g_build_filename("snapshots", one->set->id, NULL);
		if (one->goes && !trash_take(trash, path, error))
			return false;
	}
	/* Before what only they needed follows: else a power cut could bring a
	 * set back, and not that. */
	return trash_settle(trash, error);
}

static bool sweep(
    const struct stock *stock, struct trash *trash, GError **error)
{
	for (guint i = 0; i < stock->items->len; i++) {
		const struct stock_item *item =
		    g_ptr_array_index(stock->items, i);
		if (item->sets == 0 &&
		    (stop_requested(error) ||
			!trash_take(trash, item->path, error)))
			return false;
	}
	return trash_settle(trash, error);
}

static bool move_all(struct expire *e, GError **error)
{
	guint length = e->plan.sets->len;
	const struct set *newest =
	    length ? g_ptr_array_index(e->plan.sets, length - 1) : NULL;
	g_auto(trash) trash = {0};
	g_auto(stock) stock = {0};

	/* Whether all lists can be read is known before any set goes. */
	if (!mark(e, &stock, true, error))
		return false;
	count_unused(e, &stock);
	trash_begin(&trash, e->store, newest ? newest->sequence : 0, e->now);
	return move_sets(e, &trash, error) && sweep(&stock, &trash, error);
}

static bool empty(const struct expire *e, GError **error)
{
	g_autoptr(GPtrArray) folders = trash_folders(e->store, error);

	for (guint i = 0; folders && i < folders->len; i++) {
		const struct trash_folder *f = g_ptr_array_index(folders, i);
		if (e->now - f->since < e->trash_s ||
		    plan_verified_after(&e->plan, f->newest) < LATER)
			continue;
		if (!trash_empty(e->store, f, error))
			return false;
		log_say("%s is removed", f->name);
	}
	return folders != NULL;
}

/* ---- the whole ---- */

static const char *word_of(const struct plan_set *one)
{
	if (!one->set->trouble && snapshot_is_asserted(&one->set->snapshot))
		return "asserted; ";
	return one->verified ? "proved; " : "not proved; ";
}

static guint show(const struct expire *e)
{
	guint going = 0;

	for (guint i = e->plan.rows->len; i-- > 0;) {
		const struct plan_set *one =
		    &g_array_index(e->plan.rows, struct plan_set, i);
		going += one->goes;
		printf("%-6s %s: %s%s\n", one->goes ? "expire" : "keep",
		    one->set->id, word_of(one), one->why);
	}
	return going;
}

static void tell(const struct expire *e, guint going, bool dry_run)
{
	g_autofree char *size = g_format_size(e->moved_bytes);
	g_autofree char *span = clock_span(e->trash_s);

	printf("%u sets and %" PRIu64 " stored files (%s) %s to trash/", going,
	    e->moved, size, dry_run ? "would go" : "went");
	printf(", and are removed after %s and %d newer proved sets\n", span,
	    LATER);
}

static bool make_plan(struct expire *e, guint *going, GError **error)
{
	if (!plan_make(&e->plan, e->store, &e->keep, e->now, error))
		return false;
	*going = show(e);
	return true;
}

static bool run_dry(struct expire *e, GError **error)
{
	g_auto(stock) stock = {0};
	guint going;

	if (!make_plan(e, &going, error) || !mark(e, &stock, false, error))
		return false;
	count_unused(e, &stock);
	tell(e, going, true);
	return true;
}

static bool run_real(struct expire *e, GError **error)
{
	guint going;

	/* First of all, so that no proof of a failure comes meanwhile. */
	if (!store_alone(e->store, error))
		return false;
	if (!make_plan(e, &going, error) || !move_all(e, error) ||
	    !store_share(e->store, error))
		return false;
	tell(e, going, false);
	return empty(e, error);
}

/* Opening for writing makes a store of an empty folder, which is not meant. */
static bool is_store(const char *place, GError **error)
{
	g_autoptr(store) s = store_open(place, STORE_READ, error);

	return s != NULL;
}

static int run(struct expire *e, const char *place,
    const struct settings *settings, bool dry_run, GError **error)
{
	bool good = is_store(place, error);

	if (good)
		e->store = store_open(
		    place, dry_run ? STORE_READ : STORE_WRITE, error);
	good = e->store && signing_read(e->store, settings, error) &&
	       (dry_run ? run_dry(e, error) : run_real(e, error));
	plan_clear(&e->plan);
	g_clear_pointer(&e->store, store_close);
	return good ? EXITS_DONE : -1;
}

static bool number_in(const char *option, gint64 given, int64_t least,
    int64_t *into, GError **error)
{
	if (given == G_MININT64)
		return true;
	*into = given;
	return given >= least ||
	       fail(error, GONOGO_ERROR_USAGE,
		   "%s %" PRId64 ": not less than %" PRId64 " is wanted",
		   option, (int64_t)given, least);
}

int verb_expire(int argc, char **argv, GError **error)
{
	g_autofree char *path = NULL, *folder = NULL;
	gboolean dry_run = FALSE;
	gint64 last = G_MININT64, days = G_MININT64, verified = G_MININT64;
	const GOptionEntry options[] = {
	    {"config", 'c', 0, G_OPTION_ARG_FILENAME, &path,
		"settings that name the store and what is kept", "FILE"},
	    {"store", 's', 0, G_OPTION_ARG_FILENAME, &folder,
		"folder of the store", "DIR"},
	    {"dry-run", 'n', 0, G_OPTION_ARG_NONE, &dry_run,
		"say what would go; move nothing", NULL},
	    {"keep-last", 0, 0, G_OPTION_ARG_INT64, &last,
		"keep so many proved sets, and all newer ones", "N"},
	    {"keep-days", 0, 0, G_OPTION_ARG_INT64, &days,
		"and those less than so much older than the newest", "DAYS"},
	    {"keep-verified", 0, 0, G_OPTION_ARG_INT64, &verified,
		"and so many proved ones whatever else is said", "N"},
	    {0},
	};
	struct expire e = {.now = clock_now()};

	if (!cli_parse(&argc, argv, options, "[SET...]", 0, G_MAXINT16,
		"Moves old sets, and what no set needs then, to the store's "
		"trash/, and\nremoves what has lain there long enough.  SET: "
		"these alone.  Proved are\nsets that are GOOD and whose newest "
		"proof read every byte and passed.\nExit: 0 done; 65 the clock "
		"or a record is wrong, and nothing was moved;\n75 somebody "
		"works with the store.",
		error))
		return -1;
	g_autoptr(settings) settings = settings_read(path, error);
	if (!settings)
		return -1;
	e.keep =
	    (struct keep){settings->store.keep_last, settings->store.keep_days,
		settings->store.keep_verified, argc > 1 ? argv + 1 : NULL};
	e.trash_s = settings->store.trash_s;
	if (!number_in("--keep-last", last, 0, &e.keep.last, error) ||
	    !number_in("--keep-days", days, 0, &e.keep.days, error) ||
	    !number_in("--keep-verified", verified, 1, &e.keep.verified, error))
		return -1;
	const char *place = folder ? folder : settings->store.path;
	if (place)
		return run(&e, place, settings, dry_run, error);
	fail(error, GONOGO_ERROR_USAGE,
	    "no store\nhint: name it with --store or -c");
	return -1;
}
