/* The tables of `audit logs` for people. */
#include <inttypes.h>

#include "audit/logs/tell.h"
#include "base/clock.h"
#include "contract/finding.h"

enum { SHOWN = 20, LINE = 76 };

static void print_time(const char *what, struct number at)
{
	if (!at.known)
		return;
	g_autofree char *text = clock_text(at.value);
	printf("%s%s", what, text);
}

/* The first line of a text, cut to fit. */
static void print_line(const char *indent, const char *text)
{
	size_t length = strcspn(text, "\n");
	g_autofree char *line = g_strndup(text, length);
	g_autofree char *cut = g_utf8_substring(
	    line, 0, MIN(g_utf8_strlen(line, -1), (glong)LINE));

	printf("%s%s%s\n", indent, cut, strlen(cut) < length ? "..." : "");
}

static void print_nodes(const GPtrArray *nodes)
{
	for (guint i = 0; i < list_length(nodes); i++) {
		const struct logs_count *n = g_ptr_array_index(nodes, i);
		printf(" %s:%" PRId64, n->node, n->count.value);
	}
}

static bool same_line(const char *a, const char *b)
{
	size_t length = strcspn(a, "\n");

	return length == strcspn(b, "\n") && strncmp(a, b, length) == 0;
}

/* The first line of each; one that was shown already tells nothing. */
static void print_samples(const GPtrArray *samples)
{
	for (guint i = 0; i < list_length(samples); i++) {
		const struct logs_sample *s = g_ptr_array_index(samples, i);
		bool shown = false;
		for (guint k = 0; k < i && !shown; k++) {
			const struct logs_sample *before =
			    g_ptr_array_index(samples, k);
			shown = same_line(s->text, before->text);
		}
		if (!shown)
			print_line("    ", s->text);
	}
}

static void print_hit(const struct logs_hit *h)
{
	printf("%-8s %-8s %6" PRId64 "  %s%s%s\n", severity_names[h->severity],
	    h->rule, h->entries.value, h->title,
	    g_str_equal(h->mark, "doc") || g_str_equal(h->mark, "code seen")
		? ""
		: " (asks a person: ",
	    g_str_equal(h->mark, "doc") || g_str_equal(h->mark, "code seen")
		? ""
		: "its text was never verified)");
	printf("   ");
	print_nodes(h->nodes);
	print_time("  last ", h->last);
	if (h->reached.known && !h->reached.value)
		printf("  below its threshold");
	if (h->affects.known && !h->affects.value)
		printf("  not of this version");
	if (h->undecided.known)
		printf("  %" PRId64 " lines undecided", h->undecided.value);
	putchar('\n');
	print_samples(h->samples);
}

/* New before surging before known, then how many on how many nodes. */
static int64_t rank(const struct logs_error *e)
{
	static const int64_t novelty[] = {2, 8, 4, 1};
	int64_t running =
	    e->entries.value - (e->starting.known ? e->starting.value : 0);

	return novelty[e->state] * list_length(e->nodes) * MAX(running, 0);
}

static gint by_rank(gconstpointer a, gconstpointer b)
{
	const struct logs_error *one = *(struct logs_error *const *)a;
	const struct logs_error *two = *(struct logs_error *const *)b;
	int64_t first = rank(one), second = rank(two);

	return first != second ? (first < second ? 1 : -1)
			       : strcmp(one->f1, two->f1);
}

static void print_gone(const struct logs *l)
{
	guint count = list_length(l->gone);

	if (!count)
		return;
	printf("%u kinds of the baseline are gone%s\n", count,
	    count > SHOWN ? "; the first 20" : "");
	for (guint i = 0; i < MIN(count, (guint)SHOWN); i++) {
		const struct logs_gone *g = g_ptr_array_index(l->gone, i);
		printf("gone            %8" PRId64 "  %s\n", g->entries.value,
		    g->f1);
		if (g->text)
			print_line("    ", g->text);
	}
}

static void print_errors(const struct logs *l)
{
	g_autoptr(GPtrArray) ranked = g_ptr_array_new();

	for (guint i = 0; i < list_length(l->errors); i++)
		g_ptr_array_add(ranked, g_ptr_array_index(l->errors, i));
	g_ptr_array_sort(ranked, by_rank);
	printf("\nErrors and warnings that no rule knows: %u kinds%s\n",
	    ranked->len, ranked->len > SHOWN ? "; the first 20" : "");
	for (guint i = 0; i < MIN(ranked->len, (guint)SHOWN); i++) {
		const struct logs_error *e = g_ptr_array_index(ranked, i);
		printf("%-9s %-5s %8" PRId64 "  %s ",
		    e->state ? logs_state_names[e->state] : "-", e->level,
		    e->entries.value, e->f1);
		print_nodes(e->nodes);
		putchar('\n');
		print_samples(e->samples);
	}
	if (l->errors_dropped.known)
		printf("and %" PRId64 " entries of kinds beyond what is kept\n",
		    l->errors_dropped.value);
	print_gone(l);
}

/* What is wrong with a file, in words; "": nothing. */
static void print_file(const struct logs_file *f)
{
	const struct {
		struct number count;
		const char *what;
	} flaws[] = {
	    {f->orphan_lines, "lines before the first entry"},
	    {f->cut_lines, "lines over 1 MiB, searched in pieces"},
	    {f->cut_entries, "entries over 256 KiB, searched by line only "
			     "behind that"},
	    {f->binary_lines, "lines with zero bytes"},
	    {f->undated_entries, "entries without a date"},
	    {f->clock_went_back, "times the clock went back"},
	};
	bool begun = false;

	for (size_t i = 0; i < G_N_ELEMENTS(flaws); i++) {
		if (!flaws[i].count.known)
			continue;
		printf("%s%s%" PRId64 " %s", begun ? ", " : f->path,
		    begun ? "" : ": ", flaws[i].count.value, flaws[i].what);
		begun = true;
	}
	if (f->unfinished.known) {
		printf("%s%sthe last line is unfinished",
		    begun ? ", " : f->path, begun ? "" : ": ");
		begun = true;
	}
	if (f->anew.known) {
		printf("%s%sshorter than when it was read last: it began anew",
		    begun ? ", " : f->path, begun ? "" : ": ");
		begun = true;
	}
	if (f->lost)
		printf("%s%sLOST: %s", begun ? ", " : f->path,
		    begun ? "" : ": ", f->lost);
	if (begun || f->lost)
		putchar('\n');
}

static void print_node(const struct logs_node *n)
{
	printf("node %s: %" PRId64 " entries, %" PRId64 " WARN, %" PRId64
	       " ERROR",
	    n->name, n->entries.value, n->warnings.value, n->errors.value);
	if (n->starts.known)
		printf(", %" PRId64 " starts", n->starts.value);
	if (n->unclean_starts.known)
		printf(" (%" PRId64 " after no stop)", n->unclean_starts.value);
	if (list_length(n->gaps)) {
		const struct logs_gap *gap = g_ptr_array_index(n->gaps, 0);
		printf(", silent %u times", n->gaps->len);
		print_time(", first ", gap->from);
		print_time(" to ", gap->until);
	}
	putchar('\n');
}

void logs_print(const struct logs *l)
{
	printf("%u files, %" PRId64 " MB, %" PRId64 " lines, %" PRId64
	       " entries",
	    list_length(l->files), l->bytes.value / 1000000, l->lines.value,
	    l->entries.value);
	print_time(", ", l->from);
	print_time(" to ", l->until);
	printf(" (zone %s)\n", l->zone);
	for (guint i = 0; i < list_length(l->nodes); i++)
		print_node(g_ptr_array_index(l->nodes, i));
	printf("\nKnown problems: %u\n", list_length(l->hits));
	for (guint i = 0; i < list_length(l->hits); i++)
		print_hit(g_ptr_array_index(l->hits, i));
	print_errors(l);
	printf("\nNot read, or not whole: %" PRId64 " files\n",
	    l->files_lost.value);
	for (guint i = 0; i < list_length(l->files); i++)
		print_file(g_ptr_array_index(l->files, i));
	for (guint i = 0; i < list_length(l->lost); i++)
		printf(
		    "LOST: %s\n", (const char *)g_ptr_array_index(l->lost, i));
	if (l->passed_over.known)
		printf("%" PRId64 " files are no logs that are searched\n",
		    l->passed_over.value);
}
