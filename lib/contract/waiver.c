#include "contract/waiver.h"

#include "base/clock.h"
#include "base/error.h"

const char *const waiver_state_names[] = {"invalid", "too-broad", "expired",
    "not-yet", "elsewhere", "unused", "active", NULL};

#define AT(member) offsetof(struct waiver, member)

static const struct field waiver_fields[] = {
    {"id", FIELD_STRING, AT(id), .must = true},
    {"sha256", FIELD_STRING, AT(sha256)},
    {"finding", FIELD_STRING, AT(finding)},
    {"cluster", FIELD_STRING, AT(cluster)},
    {"targets", FIELD_STRINGS, AT(targets)},
    {"reason", FIELD_STRING, AT(reason)},
    {"severity", FIELD_CHOICE, AT(severity), .choices = severity_names},
    {"unanswered", FIELD_FLAG, AT(unanswered)},
    {"not_before", FIELD_TIME, AT(not_before)},
    {"until", FIELD_TIME, AT(until)},
    {"signers", FIELD_STRINGS, AT(signers)},
    {"flaw", FIELD_STRING, AT(flaw)},
    {"state", FIELD_CHOICE, AT(state), .choices = waiver_state_names},
    {"why", FIELD_STRING, AT(why)},
    {0},
};
const struct shape waiver_shape = {
    "waiver", sizeof(struct waiver), waiver_fields};

/* ---- the file ---- */

struct file {
	char *finding, *cluster, *reason, *severity, *not_before, *until;
	char **targets;
	bool unanswered;
};

#define IN(member) offsetof(struct file, member)

static const struct config_key keys[] = {
    {"waiver", .what = "What one person takes upon himself."},
    {"waiver", "finding", CONFIG_TEXT, IN(finding)},
    {"waiver", "cluster", CONFIG_TEXT, IN(cluster)},
    {"waiver", "targets", CONFIG_LIST, IN(targets)},
    {"waiver", "severity", CONFIG_CHOICE, IN(severity), .standard = "medium",
	.words = severity_names},
    {"waiver", "unanswered", CONFIG_FLAG, IN(unanswered), .standard = "no"},
    {"waiver", "reason", CONFIG_TEXT, IN(reason)},
    {"waiver", "not_before", CONFIG_TEXT, IN(not_before)},
    {"waiver", "until", CONFIG_TEXT, IN(until)},
    {0},
};

static bool take_time(const config *c, const char *key, const char *text,
    struct number *time, GError **error)
{
	g_autoptr(GError) why = NULL;
	int64_t value;

	if (!clock_parse(text, &value, &why))
		return config_fail(c, "waiver", key, error, "%s", why->message);
	*time = number_of(value);
	return true;
}

static bool take(
    const config *c, struct file *f, struct waiver *w, GError **error)
{
	const struct {
		const char *key;
		bool there;
	} needed[] = {{"finding", f->finding}, {"cluster", f->cluster},
	    {"targets", f->targets}, {"reason", f->reason},
	    {"not_before", f->not_before}, {"until", f->until}};

	for (size_t i = 0; i < G_N_ELEMENTS(needed); i++)
		if (!needed[i].there)
			return config_fail(c, "waiver", needed[i].key, error,
			    "has to be said");
	if (!take_time(c, "not_before", f->not_before, &w->not_before, error) ||
	    !take_time(c, "until", f->until, &w->until, error))
		return false;
	w->finding = g_steal_pointer(&f->finding);
	w->cluster = g_steal_pointer(&f->cluster);
	w->reason = g_steal_pointer(&f->reason);
	w->unanswered = flag_of(f->unanswered);
	for (char **target = f->targets; *target; target++)
		strings_add(&w->targets, *target);
	for (int i = 0; severity_names[i]; i++)
		if (g_str_equal(severity_names[i], f->severity))
			w->severity = i;
	return true;
}

bool waiver_parse(
    const char *text, const char *name, struct waiver *w, GError **error)
{
	struct file f = {0};
	g_autoptr(config) c = config_parse(keys, text, name, "/", &f, error);
	bool good = c && take(c, &f, w, error);

	config_clear(keys, &f);
	return good;
}

/* No line of ours begins another key, whatever a person typed. */
static void put(GString *out, const char *key, const char *value)
{
	g_autofree char *line = g_strdup(value);

	g_strdelimit(line, "\r\n", ' ');
	g_string_append_printf(out, "%s = %s\n", key, line);
}

char *waiver_text(const struct waiver *w)
{
	GString *out = g_string_new("[waiver]\n");
	g_autofree char *from = clock_text(w->not_before.value);
	g_autofree char *until = clock_text(w->until.value);
	g_autoptr(GString) targets = g_string_new(NULL);

	for (guint i = 0; i < list_length(w->targets); i++)
		g_string_append_printf(targets, "%s%s", i ? "; " : "",
		    (const char *)g_ptr_array_index(w->targets, i));
	put(out, "finding", w->finding);
	put(out, "cluster", w->cluster);
	put(out, "targets", targets->str);
	put(out, "severity", severity_names[w->severity]);
	put(out, "unanswered",
	    w->unanswered.known && w->unanswered.value ? "yes" : "no");
	put(out, "reason", w->reason);
	put(out, "not_before", from);
	put(out, "until", until);
	return g_string_free(out, FALSE);
}

/* ---- whether it holds ---- */

static void set_state(struct waiver *w, enum waiver_state state,
    const char *format, ...) G_GNUC_PRINTF(3, 4);
static void set_state(
    struct waiver *w, enum waiver_state state, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	g_free(w->why);
	w->why = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	w->state = (int)state;
}

static bool has_target(const struct waiver *w, const char *target)
{
	for (guint i = 0; target && i < list_length(w->targets); i++)
		if (g_str_equal(g_ptr_array_index(w->targets, i), target))
			return true;
	return false;
}

/* Sets what the policy does not let anybody waive; false: nothing. */
static bool is_too_broad(struct waiver *w, const struct policy *policy)
{
	int highest = 0;

	while (severity_names[highest] &&
	       !g_str_equal(severity_names[highest], policy->waiver_highest))
		highest++;
	if (w->severity < highest)
		set_state(w, WAIVER_TOO_BROAD,
		    "it covers a %s, the policy lets a person waive a %s",
		    severity_names[w->severity], policy->waiver_highest);
	else if (w->until.value - w->not_before.value >
		 policy->waiver_max_time_s)
		set_state(w, WAIVER_TOO_BROAD,
		    "it holds for longer than the policy allows");
	else if (strpbrk(w->finding, "*?"))
		set_state(w, WAIVER_TOO_BROAD,
		    "it names a pattern, where a finding has to be named");
	else
		return false;
	return true;
}

static void weigh(struct waiver *w, const struct facts *facts,
    const struct policy *policy, int64_t as_of)
{
	if (w->flaw)
		set_state(w, WAIVER_INVALID, "%s", w->flaw);
	else if (list_length(w->signers) < (guint)policy->waiver_signatures)
		set_state(w, WAIVER_INVALID,
		    "%u of %" G_GINT64_FORMAT " signatures are good",
		    list_length(w->signers), policy->waiver_signatures);
	else if (is_too_broad(w, policy))
		return;
	else if (g_strcmp0(w->cluster, facts->cluster.name) != 0)
		set_state(
		    w, WAIVER_ELSEWHERE, "it is of the cluster %s", w->cluster);
	else if (!has_target(w, facts->plan.target))
		set_state(w, WAIVER_ELSEWHERE, "it is of another target");
	else if (as_of < w->not_before.value)
		set_state(w, WAIVER_NOT_YET, "its time is to come");
	else if (as_of >= w->until.value)
		set_state(w, WAIVER_EXPIRED, "its time is over");
	else
		set_state(w, WAIVER_UNUSED, "no such finding is in the way");
}

void waivers_weigh(GPtrArray *list, const struct facts *facts,
    const struct policy *policy, int64_t as_of)
{
	for (guint i = 0; i < list_length(list); i++)
		weigh(g_ptr_array_index(list, i), facts, policy, as_of);
}

static bool covers(struct waiver *w, const struct finding *f)
{
	bool unanswered = f->outcome != OUTCOME_FAIL;

	if (w->state != WAIVER_UNUSED && w->state != WAIVER_ACTIVE)
		return false;
	if (!g_str_equal(w->finding, f->key))
		return false;
	if (f->severity < w->severity)
		set_state(w, WAIVER_UNUSED, "the finding is %s, it covers a %s",
		    severity_names[f->severity], severity_names[w->severity]);
	else if (unanswered && !(w->unanswered.known && w->unanswered.value))
		set_state(w, WAIVER_UNUSED,
		    "nobody answered; it covers what failed alone");
	else
		return true;
	return false;
}

const struct waiver *waivers_use(GPtrArray *list, const struct finding *f)
{
	for (guint i = 0; i < list_length(list); i++) {
		struct waiver *w = g_ptr_array_index(list, i);
		if (!covers(w, f))
			continue;
		g_clear_pointer(&w->why, g_free);
		w->state = WAIVER_ACTIVE;
		return w;
	}
	return NULL;
}
