/* The page of `audit capacity` for people: the answer first. */
#include <inttypes.h>
#include <stdio.h>

#include "audit/capacity/find.h"
#include "base/clock.h"
#include "base/file.h"

static const char *const loud[] = {"UNKNOWN", "NOT SAFE", "MARGINAL", "SAFE"};
static const char *const days[] = {
    "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};

static const struct capacity_window *judged(const struct capacity *c)
{
	for (guint i = list_length(c->windows); i-- > 0;) {
		const struct capacity_window *w =
		    g_ptr_array_index(c->windows, i);
		if (g_strcmp0(w->at, c->window) == 0)
			return w;
	}
	return NULL;
}

static void print_seconds(struct number ms)
{
	printf("%" PRId64 ".%" PRId64 " s", ms.value / 1000,
	    ms.value % 1000 / 100);
}

static void print_order(const struct capacity_window *w)
{
	for (guint i = 0; i < list_length(w->order); i++)
		printf("%s%s", i ? ", then " : "",
		    (const char *)g_ptr_array_index(w->order, i));
}

static void print_answer(const struct capacity *c)
{
	const struct capacity_window *w = judged(c);
	g_autofree char *away = clock_span(c->step_s.value + c->drain_s.value);
	g_autofree char *drain = clock_span(c->drain_s.value);

	if (!w || !w->weeks.value) {
		printf(
		    "%s%s%s\n", w ? w->at : "", w ? ": " : "", loud[c->state]);
	} else {
		g_autofree char *next = clock_text(w->next.value);
		printf("%s is %s.\n", w->at, loud[c->state]);
		printf("  next   %s\n  order  ", next);
		print_order(w);
		printf("\n  each   away for %s, %s of it to drain\n"
		       "  use    %" PRId64 " %% of the fullest node's tickets "
		       "(%" PRId64 " to %" PRId64 " %%, %" PRId64 " weeks)\n"
		       "  wait   one in a hundred waits ",
		    away, drain, w->use_permille.value / 10,
		    w->low_permille.value / 10, w->high_permille.value / 10,
		    w->weeks.value);
		print_seconds(w->pessimistic.wait_p99_ms);
		printf(" or longer; %" PRId64 " refused\n",
		    w->pessimistic.refused.value);
	}
	if (w && w->helped.known && w->temporary_tickets.known)
		printf("  help   not before a temporary node with %" PRId64
		       " tickets is added\n",
		    w->temporary_tickets.value);
	else if (w && w->helped.known)
		printf("  help   a temporary node does not mend it\n");
	for (guint i = 0; i < list_length(c->reasons); i++)
		printf("  why    %s\n",
		    (const char *)g_ptr_array_index(c->reasons, i));
}

static void print_windows(const struct capacity *c)
{
	printf("\nBest starts, local time (%s)\n"
	       "             use  weeks  wait p99  refused  first\n",
	    c->zone);
	for (guint i = 0; i < list_length(c->windows); i++) {
		const struct capacity_window *w =
		    g_ptr_array_index(c->windows, i);
		printf("  %s%s %4" PRId64 " %% %5" PRId64 "  %6" PRId64
		       ".%" PRId64 " s  %7" PRId64 "  %s  %s%s\n",
		    w->at, w->proposed.value ? "?" : " ",
		    w->use_permille.value / 10, w->weeks.value,
		    w->pessimistic.wait_p99_ms.value / 1000,
		    w->pessimistic.wait_p99_ms.value % 1000 / 100,
		    w->pessimistic.refused.value,
		    list_length(w->order)
			? (const char *)g_ptr_array_index(w->order, 0)
			: "-",
		    loud[w->state], w->proposed.value ? " (asked for)" : "");
	}
}

/* One letter for the use of an hour. */
static char shade(int64_t permille)
{
	return permille > 1000  ? '#'
	       : permille > 750 ? 'O'
	       : permille > 500 ? 'o'
	       : permille > 250 ? ':'
				: '.';
}

static void print_heat(const struct capacity *c)
{
	char cells[7 * 24];

	if (!list_length(c->heat))
		return;
	memset(cells, ' ', sizeof cells);
	for (guint i = 0; i < list_length(c->heat); i++) {
		const struct capacity_use *u = g_ptr_array_index(c->heat, i);
		if (u->hour.value >= 0 && u->hour.value < 7 * 24)
			cells[u->hour.value] = shade(u->permille.value);
	}
	printf("\nThe week with the worst node away: . to 25 %%  : 50  o 75  "
	       "O 100  # somebody waits\n     ");
	for (int h = 0; h < 24; h++)
		printf(" %02d", h);
	for (int d = 0; d < 7; d++) {
		printf("\n  %s", days[d]);
		for (int h = 0; h < 24; h++)
			printf("  %c", cells[d * 24 + h]);
	}
	putchar('\n');
}

static void print_nodes(const struct capacity *c)
{
	printf("\nNode           share  seen    tickets  peak  drain p95  "
	       "away all the time\n");
	for (guint i = 0; i < list_length(c->nodes); i++) {
		const struct capacity_node *n = g_ptr_array_index(c->nodes, i);
		printf("  %-12s %4" PRId64 " %% %3" PRId64 ".%" PRId64
		       " %%  %5" PRId64 "%s %5" PRId64 "  %7" PRId64 " s  ",
		    n->name, n->share_permille.value / 10,
		    n->coverage_permille.value / 10,
		    n->coverage_permille.value % 10, n->tickets.value,
		    g_str_equal(n->tickets_from, "demonstrated") ? "+ " : "  ",
		    n->hosting_peak.value, n->drain_p95_s.value);
		if (!n->pessimistic.requests.known) {
			printf("%s\n", n->pool);
			continue;
		}
		printf("p99 ");
		print_seconds(n->pessimistic.wait_p99_ms);
		printf(", %" PRId64 " refused\n", n->pessimistic.refused.value);
	}
	printf("  + so many were in use at once; --tickets tells how many "
	       "there are\n");
}

static void print_top(const char *what, const GPtrArray *list)
{
	printf("  %-13s", what);
	for (guint i = 0; i < MIN(list_length(list), 3u); i++) {
		const struct capacity_count *n = g_ptr_array_index(list, i);
		printf("%s%s %" PRId64, i ? ", " : "", n->what, n->count.value);
	}
	putchar('\n');
}

static void print_figures(const struct capacity *c)
{
	int64_t errors = 0, limited = 0, slow = 0;

	for (guint i = 0; i < list_length(c->nodes); i++) {
		const struct capacity_node *n = g_ptr_array_index(c->nodes, i);
		for (guint k = 0; k < list_length(n->hours); k++) {
			const struct capacity_hour *h =
			    g_ptr_array_index(n->hours, k);
			errors += h->errors.value;
			limited += h->limited.value;
			slow += h->slow.value;
		}
	}
	printf("\n%" PRId64 " requests in %" PRId64 " days (%" PRId64
	       " lines, %" PRId64 " MB)\n",
	    c->requests.value, c->days.value, c->lines.value,
	    c->bytes.value / 1000000);
	if (c->busiest_hour.known) {
		g_autofree char *at = clock_text(c->busiest_hour.value);
		printf("  busiest hour %s with %" PRId64 "\n", at,
		    c->busiest_requests.value);
	}
	printf("  errors       %" PRId64 " of 5xx, %" PRId64
	       " over the rate limit (429), %" PRId64 " slower than 10 s\n",
	    errors, limited, slow);
	if (c->cache_hits.value + c->cache_misses.value)
		printf("  cache        %" PRId64 " %% of packs\n",
		    c->cache_hits.value * 100 /
			(c->cache_hits.value + c->cache_misses.value));
	print_top("users", c->users);
	print_top("repositories", c->repositories);
	print_top("clients", c->clients);
	if (c->erlang_wait_ms.known)
		printf("  Erlang C     would say %" PRId64
		       " ms at the busiest hour with a node away; it knows no "
		       "bursts\n",
		    c->erlang_wait_ms.value);
	for (guint i = 0; i < list_length(c->absences); i++) {
		const struct capacity_absence *a =
		    g_ptr_array_index(c->absences, i);
		g_autofree char *from = clock_text(a->from.value);
		g_autofree char *span =
		    clock_span(a->until.value - a->from.value);
		printf("  was away     %s, %s for %s: ", a->node, from, span);
		if (a->predicted.known)
			printf("%" PRId64 " at once foretold, %" PRId64
			       " seen\n",
			    a->predicted.value, a->seen.value);
		else
			printf("%" PRId64 " at once seen\n", a->seen.value);
	}
}

void capacity_print(const struct capacity *c)
{
	print_answer(c);
	print_windows(c);
	print_heat(c);
	print_nodes(c);
	print_figures(c);
	for (guint i = 0; i < list_length(c->odd); i++) {
		const struct capacity_count *o = g_ptr_array_index(c->odd, i);
		printf("  odd          %" PRId64 " times %s\n", o->count.value,
		    o->what);
	}
	for (guint i = 0; i < list_length(c->lost); i++)
		printf(
		    "LOST: %s\n", (const char *)g_ptr_array_index(c->lost, i));
}

/* ---- a calendar ---- */

bool capacity_calendar(
    const struct capacity *c, const char *path, GError **error)
{
	g_autoptr(GString) out = g_string_new(
	    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//gonogo//EN\r\n");
	int64_t away = c->step_s.value + c->drain_s.value;

	for (guint i = 0; i < list_length(c->windows); i++) {
		const struct capacity_window *w =
		    g_ptr_array_index(c->windows, i);
		int64_t span = away * MAX(list_length(w->order), 1u);
		g_autofree char *made = clock_stamp(c->until.value);
		g_autofree char *from = clock_stamp(w->next.value);
		g_autofree char *until = clock_stamp(w->next.value + span);
		g_string_append_printf(out,
		    "BEGIN:VEVENT\r\nUID:window-%u-%s@gonogo\r\n"
		    "DTSTAMP:%s\r\nDTSTART:%s\r\nDTEND:%s\r\n"
		    "SUMMARY:Upgrade window\\, %s\r\nDESCRIPTION:",
		    i, from, made, from, until, loud[w->state]);
		for (guint k = 0; k < list_length(w->order); k++)
			g_string_append_printf(out,
			    "%u. %s %" PRId64 " min\\; ", k + 1,
			    (const char *)g_ptr_array_index(w->order, k),
			    (away + 59) / 60);
		g_string_append_printf(out,
		    "use %" PRId64 " %%\r\nEND:VEVENT\r\n",
		    w->use_permille.value / 10);
	}
	g_string_append(out, "END:VCALENDAR\r\n");
	return file_write(path, 0644, out->str, out->len, error);
}
