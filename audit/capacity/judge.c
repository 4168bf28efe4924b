#include "audit/capacity/judge.h"

#include <inttypes.h>

/* No better than MOST, and why. */
static void limit(struct capacity *c, enum capacity_state most,
    const char *format, ...) G_GNUC_PRINTF(3, 4);

static void limit(
    struct capacity *c, enum capacity_state most, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	g_autofree char *why = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	c->state = MIN(c->state, (int)most);
	strings_add(&c->reasons, why);
}

/* Can what the logs say of this node be believed? */
static void check_node(struct capacity *c, const struct capacity_node *n)
{
	if (!n->requests.value) {
		limit(
		    c, CAPACITY_UNKNOWN, "%s: no request in its logs", n->name);
		return;
	}
	if (n->coverage_permille.value < COVERAGE_LEAST)
		limit(c, CAPACITY_UNKNOWN,
		    "%s: the logs hold %" PRId64 ".%" PRId64
		    " %% of its requests; %" PRId64 " are missing",
		    n->name, n->coverage_permille.value / 10,
		    n->coverage_permille.value % 10, n->lost.value);
	if (n->median.value != 0 || n->far_permille.value > FAR_MOST)
		limit(c, CAPACITY_UNKNOWN,
		    "%s: what its requests say of others in progress is not "
		    "what the logs show (%+" PRId64 " in the middle, %" PRId64
		    " %% are off)",
		    n->name, n->median.value, n->far_permille.value / 10);
	if (n->buckets_off.value * 100 > n->buckets.value)
		limit(c, CAPACITY_UNKNOWN,
		    "%s: in %" PRId64 " of %" PRId64
		    " times of five minutes Little's law does not hold",
		    n->name, n->buckets_off.value, n->buckets.value);
}

static int64_t odd(const struct capacity *c, const char *what)
{
	for (guint i = 0; i < list_length(c->odd); i++) {
		const struct capacity_count *o = g_ptr_array_index(c->odd, i);
		if (g_str_equal(o->what, what))
			return o->count.value;
	}
	return 0;
}

static void check_logs(const struct looking *l, struct capacity *c)
{
	int64_t apart = odd(c, oddity_names[ODD_APART]);

	if (c->days.value < DAYS_LEAST)
		limit(c, CAPACITY_UNKNOWN,
		    "logs of %" PRId64 " days; %d at least tell something",
		    c->days.value, DAYS_LEAST);
	else if (c->days.value < DAYS_ENOUGH)
		limit(c, CAPACITY_MARGINAL,
		    "logs of %" PRId64 " days; %d show what a week's day "
		    "is like",
		    c->days.value, DAYS_ENOUGH);
	if (apart * 100 > c->compared.value)
		limit(c, CAPACITY_UNKNOWN,
		    "%" PRId64 " of %" PRId64
		    " requests took another time than from coming to going",
		    apart, c->compared.value);
	if (list_length(c->lost))
		limit(c, CAPACITY_UNKNOWN, "%u files were not read to the end",
		    list_length(c->lost));
	if (l->apps < 2)
		limit(c, CAPACITY_UNKNOWN,
		    "logs of %u node%s; the others of the cluster must be "
		    "there, too",
		    l->apps, l->apps == 1 ? "" : "s");
}

static void weigh_window(struct capacity *c, bool told)
{
	const struct capacity_window *judged = NULL;

	for (guint i = 0; i < list_length(c->windows); i++) {
		const struct capacity_window *w =
		    g_ptr_array_index(c->windows, i);
		bool proposed = w->proposed.known && w->proposed.value;
		if (!judged || (proposed && !judged->proposed.value))
			judged = w;
	}
	if (!judged) {
		limit(c, CAPACITY_UNKNOWN, "no window could be looked at");
		return;
	}
	c->window = g_strdup(judged->at);
	if (judged->state == CAPACITY_UNKNOWN)
		limit(c, CAPACITY_UNKNOWN,
		    "%s: no week's logs hold that time whole", judged->at);
	else if (judged->state == CAPACITY_UNSAFE)
		/* More tickets than were ever in use at once may be there. */
		limit(c, told ? CAPACITY_UNSAFE : CAPACITY_MARGINAL,
		    "%s: %" PRId64 " requests would be refused, one in a "
		    "hundred would wait %" PRId64 " s or longer",
		    judged->at, judged->optimistic.refused.value,
		    judged->optimistic.wait_p99_ms.value / 1000);
	else if (judged->state == CAPACITY_MARGINAL)
		limit(c, CAPACITY_MARGINAL,
		    "%s: safe only if a full node is no slower than an empty "
		    "one",
		    judged->at);
}

void capacity_judge(const struct looking *l,
    const struct capacity_options *options, struct capacity *out)
{
	out->state = CAPACITY_SAFE;
	for (guint i = 0; i < list_length(out->nodes); i++)
		check_node(out, g_ptr_array_index(out->nodes, i));
	check_logs(l, out);
	if (options->counts_alone)
		limit(out, CAPACITY_UNKNOWN, "counted alone, not replayed");
	else
		weigh_window(out, options->tickets > 0);
	if (!options->tickets)
		limit(out, CAPACITY_MARGINAL,
		    "nobody told how many hosting tickets a node has: as many "
		    "were assumed as were once in use");
}
