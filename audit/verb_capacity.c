/* `audit capacity`: can the cluster carry its load with a node away? */
#include "audit/capacity/find.h"
#include "audit/capacity/window.h"
#include "audit/collect/redact.h"
#include "audit/verb_inputs.h"
#include "audit/verbs.h"
#include "base/cli.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"
#include "bitbucket/home.h"
#include "bitbucket/tickets.h"
#include "contract/settings.h"

struct options {
	char *config, *bundle, *zone, *balance, *out, *calendar;
	char **windows;
	int tickets, cores, step_s, wait_ms, threads;
	gboolean json, counts_alone;
};

static void options_clear(struct options *o)
{
	g_strfreev(o->windows);
	g_free(o->config);
	g_free(o->bundle);
	g_free(o->zone);
	g_free(o->balance);
	g_free(o->out);
	g_free(o->calendar);
}

typedef struct options options;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(options, options_clear)

/* ---- names of people ---- */

static void rename_all(GPtrArray *list, const redactor *r, const char *kind)
{
	for (guint i = 0; i < list_length(list); i++) {
		struct capacity_count *c = g_ptr_array_index(list, i);
		char *alias = redactor_pseudonym(r, kind, c->what);
		g_free(c->what);
		c->what = alias ? alias : g_strdup("<somebody>");
	}
}

/* The document may leave this machine: users and addresses do not. */
static bool hide_people(
    const struct settings *s, struct capacity *c, GError **error)
{
	g_autofree char *key =
	    g_build_filename(s->state.dir, "keys", "pseudonym.key", NULL);
	g_autoptr(redactor) r = redactor_new(key, error);

	if (!r)
		return false;
	rename_all(c->users, r, "user");
	rename_all(c->clients, r, "client");
	return true;
}

/* ---- where it goes ---- */

static bool tell(const struct options *o, const struct settings *s,
    struct capacity *c, GError **error)
{
	if (o->calendar && !capacity_calendar(c, o->calendar, error))
		return false;
	if (!o->json)
		capacity_print(c);
	if (!o->json && !o->out && !o->bundle)
		return true;
	if (!hide_people(s, c, error) ||
	    (o->out && !document_save(&capacity_shape, c, o->out, error)) ||
	    (o->json && !document_save(&capacity_shape, c, "-", error)))
		return false;
	c->read_at = number_of(clock_now());
	return !o->bundle || verb_save_in_bundle(o->bundle, "capacity",
				 &capacity_shape, c, error);
}

/* ---- the command line ---- */

static bool read_balance(const char *text, enum balance *out, GError **error)
{
	for (int i = 0; balance_names[i]; i++)
		if (!text || g_str_equal(text, balance_names[i])) {
			*out = (enum balance)i;
			return true;
		}
	return fail(error, GONOGO_ERROR_USAGE,
	    "--balance %s: it is share, least-connections or sticky", text);
}

static bool read_windows(char *const *texts, GArray *out, GError **error)
{
	for (; texts && *texts; texts++) {
		unsigned minute;
		if (!window_parse(*texts, &minute))
			return fail(error, GONOGO_ERROR_USAGE,
			    "window '%s' is not of the form Sat 02:00", *texts);
		g_array_append_val(out, minute);
	}
	return true;
}

static unsigned told(int option, int64_t setting)
{
	return option ? (unsigned)option : (unsigned)setting;
}

/* What the shared home tells, if it is there. */
static unsigned tickets_of(const struct settings *s)
{
	if (!s->home.shared)
		return 0;
	g_autofree char *path =
	    g_build_filename(s->home.shared, HOME_PROPERTIES, NULL);
	g_autofree char *text = file_read(path, LIMIT_SETTINGS, NULL, NULL);
	return text ? tickets_of_properties(text) : 0;
}

static bool run(struct options *o, char *const *paths, GError **error)
{
	g_autoptr(settings) s = settings_read(o->config, error);
	g_autoptr(GArray) proposed =
	    g_array_new(FALSE, FALSE, sizeof(unsigned));
	g_auto(log_inputs) inputs = {0};
	g_auto(capacity) c = {0};

	if (!s)
		return false;
	paths = verb_logs_named(s, paths, error);
	if (!paths)
		return false;
	char *const window[] = {s->capacity.window, NULL};
	const unsigned tickets = told(o->tickets, s->capacity.tickets);
	struct capacity_options options = {
	    .zone = o->zone ? o->zone : s->logs.zone,
	    .tickets = tickets ? tickets : tickets_of(s),
	    .tickets_from = tickets ? "told" : "properties",
	    .cores = told(o->cores, s->capacity.cores),
	    .step_s = told(o->step_s, s->capacity.step_s),
	    .wait_ms = o->wait_ms,
	    .proposed = proposed,
	    .threads =
		o->threads ? (unsigned)o->threads : g_get_num_processors(),
	    .counts_alone = o->counts_alone};
	return read_balance(o->balance ? o->balance : s->capacity.balance,
		   &options.balance, error) &&
	       read_windows(
		   o->windows ? o->windows : window, proposed, error) &&
	       log_inputs_find(paths, &inputs, error) &&
	       capacity_find(&inputs, &options, &c, error) &&
	       tell(o, s, &c, error);
}

static bool is_within(int value, int most)
{
	return value >= 0 && value <= most;
}

int verb_capacity(int argc, char **argv, GError **error)
{
	g_auto(options) o = {.wait_ms = 5000};
	const GOptionEntry entries[] = {
	    {"config", 'c', 0, G_OPTION_ARG_FILENAME, &o.config,
		"settings whose logs are meant", "FILE"},
	    {"bundle", 'b', 0, G_OPTION_ARG_FILENAME, &o.bundle,
		"write capacity/capacity.json of this bundle", "DIR"},
	    {"tickets", 0, 0, G_OPTION_ARG_INT, &o.tickets,
		"hosting tickets of a node [of the home, else as seen]", "N"},
	    {"cores", 0, 0, G_OPTION_ARG_INT, &o.cores,
		"cores of a node [two thirds of its tickets]", "N"},
	    {"window", 0, 0, G_OPTION_ARG_STRING_ARRAY, &o.windows,
		"a start to judge [the best]; again for more", "\"Sat 02:00\""},
	    {"balance", 0, 0, G_OPTION_ARG_STRING, &o.balance,
		"share, least-connections or sticky [share]", "HOW"},
	    {"step", 0, 0, G_OPTION_ARG_INT, &o.step_s,
		"seconds a node is away once drained [as seen]", "N"},
	    {"wait", 0, 0, G_OPTION_ARG_INT, &o.wait_ms,
		"ms that one in a hundred may wait [5000]", "N"},
	    {"zone", 0, 0, G_OPTION_ARG_STRING, &o.zone,
		"time zone of the logs [this machine's]", "ZONE"},
	    {"calendar", 0, 0, G_OPTION_ARG_FILENAME, &o.calendar,
		"write the windows as .ics there", "FILE"},
	    {"out", 'o', 0, G_OPTION_ARG_FILENAME, &o.out,
		"write the document there, too", "FILE"},
	    {"json", 0, 0, G_OPTION_ARG_NONE, &o.json,
		"one JSON document on standard output", NULL},
	    {"threads", 'j', 0, G_OPTION_ARG_INT, &o.threads,
		"threads [one a processor]", "N"},
	    {"counts", 0, 0, G_OPTION_ARG_NONE, &o.counts_alone,
		"count alone: no replay, no windows", NULL},
	    {0},
	};

	if (!cli_parse(&argc, argv, entries, "[[NODE=]PATH...]", 0, G_MAXINT,
		"Reads the access logs of all nodes, replays them with each "
		"node away, and tells\nwhen an upgrade is safest and which "
		"node goes first.",
		error))
		return -1;
	if (!is_within(o.tickets, 10000) || !is_within(o.cores, 10000) ||
	    !is_within(o.step_s, 86400) || !is_within(o.wait_ms, 300000) ||
	    !is_within(o.threads, 1024)) {
		fail(error, GONOGO_ERROR_USAGE,
		    "no such number of tickets, cores, threads or seconds");
		return -1;
	}
	return run(&o, argv + 1, error) ? EXITS_DONE : -1;
}
