/*
 * gonogo-report waive: write a waiver for one finding of a bundle, and sign it;
 * or sign one that somebody else wrote.
 */
#include "base/cli.h"
#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "port/fs.h"
#include "report/arguments.h"
#include "report/dossier.h"
#include "report/people.h"
#include "report/verbs.h"

struct asked {
	char *bundle, *finding, *reason, *until, *out, *key, *sign, *as_of;
	gboolean unanswered;
};

/* Fills *w for the finding that was asked for, as it stands in the bundle. */
static bool fill(const struct asked *a, const struct dossier *d, int64_t now,
    struct waiver *w, GError **error)
{
	const struct finding *f = findings_find(&d->findings, a->finding);
	int64_t until;

	if (!f)
		return fail(error, GONOGO_ERROR_USAGE,
		    "%s: no such finding in %s\n"
		    "hint: its keys stand in the report, such as "
		    "APPS-incompatible/com.example.app",
		    a->finding, a->bundle);
	if (f->outcome != OUTCOME_FAIL && !a->unanswered)
		return fail(error, GONOGO_ERROR_USAGE,
		    "%s: did not fail; it is %s\n"
		    "hint: --unanswered waives what nobody answered",
		    a->finding, outcome_names[f->outcome]);
	if (!d->facts.cluster.name || !d->facts.plan.target)
		return fail(error, GONOGO_ERROR_DATA,
		    "%s: names no cluster or no target", a->bundle);
	if (!argument_time(a->until, &until, error))
		return false;
	if (until <= now)
		return fail(error, GONOGO_ERROR_USAGE,
		    "--until %s: is over already", a->until);
	*w = (struct waiver){.finding = g_strdup(a->finding),
	    .cluster = g_strdup(d->facts.cluster.name),
	    .reason = g_strdup(a->reason),
	    .severity = f->severity,
	    .unanswered = flag_of(a->unanswered),
	    .not_before = number_of(now),
	    .until = number_of(until)};
	strings_add(&w->targets, d->facts.plan.target);
	return true;
}

static bool put(
    const struct asked *a, const struct waiver *w, char **path, GError **error)
{
	g_autofree char *text = waiver_text(w);
	g_autofree char *digest = hash_hex(text, strlen(text));
	g_autofree char *name = g_strdup_printf("W-%.8s.conf", digest);
	g_autofree char *folder =
	    a->out ? g_strdup(a->out)
		   : g_build_filename(a->bundle, "waivers", NULL);

	*path = g_build_filename(folder, name, NULL);
	return fs_make_folders(folder, 0755, error) &&
	       file_write(*path, 0644, text, strlen(text), error);
}

static bool write_waiver(
    const struct asked *a, int64_t now, char **path, GError **error)
{
	g_auto(dossier) d = {0};
	struct waiver w = {0};

	if (!argument_given(a->bundle, "--bundle DIR", error) ||
	    !argument_given(a->finding, "--finding KEY", error) ||
	    !argument_given(a->reason, "--reason TEXT", error) ||
	    !argument_given(a->until, "--until TIME", error) ||
	    !dossier_read(&d, a->bundle, NULL, error))
		return false;
	bool good = fill(a, &d, now, &w, error) && put(a, &w, path, error);
	shape_clear(&waiver_shape, &w);
	return good;
}

static int waive(const struct asked *a, GError **error)
{
	g_autofree char *path = g_strdup(a->sign);
	int64_t now = 0;

	if (!argument_time(a->as_of, &now, error) ||
	    (!path && !write_waiver(a, now, &path, error)))
		return -1;
	if (a->key && !people_sign(path, PEOPLE_WAIVER, a->key, error))
		return -1;
	printf("%s%s\n", path, a->key ? "" : "  (not signed)");
	return EXITS_DONE;
}

int verb_waive(int argc, char **argv, GError **error)
{
	struct asked a = {0};
	const GOptionEntry options[] = {
	    {"bundle", 'b', 0, G_OPTION_ARG_FILENAME, &a.bundle,
		"folder of the bundle", "DIR"},
	    {"finding", 0, 0, G_OPTION_ARG_STRING, &a.finding,
		"key of the finding", "KEY"},
	    {"reason", 0, 0, G_OPTION_ARG_STRING, &a.reason,
		"why one may go on with it", "TEXT"},
	    {"until", 0, 0, G_OPTION_ARG_STRING, &a.until,
		"when it ends to hold", "TIME"},
	    {"as-of", 0, 0, G_OPTION_ARG_STRING, &a.as_of,
		"when it begins to hold [now]", "TIME"},
	    {"unanswered", 0, 0, G_OPTION_ARG_NONE, &a.unanswered,
		"cover what nobody answered, too", NULL},
	    {"out", 0, 0, G_OPTION_ARG_FILENAME, &a.out,
		"folder to write it to [waivers in the bundle]", "DIR"},
	    {"key", 'k', 0, G_OPTION_ARG_FILENAME, &a.key,
		"SSH key to sign with; without it nothing is signed", "FILE"},
	    {"sign", 0, 0, G_OPTION_ARG_FILENAME, &a.sign,
		"sign this waiver, which is there, with --key", "FILE"},
	    {0},
	};
	bool good = cli_parse(&argc, argv, options, "", 0, 0,
	    "Writes a waiver for one finding, for this cluster and target "
	    "only, and\nsigns it.  It holds from the next decide on, as far as "
	    "the policy lets it.",
	    error);

	if (good && a.sign && !a.key)
		good = argument_given(NULL, "--key FILE", error);
	int code = good ? waive(&a, error) : -1;
	char **owned[] = {&a.bundle, &a.finding, &a.reason, &a.until, &a.out,
	    &a.key, &a.sign, &a.as_of};
	for (size_t i = 0; i < G_N_ELEMENTS(owned); i++)
		g_clear_pointer(owned[i], g_free);
	return code;
}
