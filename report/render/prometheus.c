#include "report/render/prometheus.h"

#include <inttypes.h>

#include "report/render/escape.h"

/* NAME="VALUE", as the format wants it; nothing invisible in it. */
static void put_label(
    GString *out, const char *before, const char *name, const char *value)
{
	g_autofree char *line = escape_line(value ? value : "");

	g_string_append_printf(out, "%s%s=\"", before, name);
	for (const char *p = line; *p; p++) {
		if (*p == '"' || *p == '\\')
			g_string_append_c(out, '\\');
		g_string_append_c(out, *p);
	}
	g_string_append_c(out, '"');
}

static void put_head(GString *out, const char *name, const char *help)
{
	g_string_append_printf(out,
	    "# HELP gonogo_%s %s\n# TYPE gonogo_%s gauge\n", name, help, name);
}

static void begin(GString *out, const char *name, const struct verdict *v)
{
	g_string_append_printf(out, "gonogo_%s{", name);
	put_label(out, "", "cluster", v->cluster);
}

static void end(GString *out, int64_t value)
{
	g_string_append_printf(out, "} %" PRId64 "\n", value);
}

static void put_answer(GString *out, const struct verdict *v)
{
	put_head(out, "verdict", "1 for the answer that was given, else 0.");
	for (int answer = ANSWER_UNKNOWN; answer <= ANSWER_GO; answer++) {
		begin(out, "verdict", v);
		put_label(out, ",", "answer", answer_names[answer]);
		end(out, v->answer == answer);
	}
}

static void put_findings(
    GString *out, const struct findings *f, const struct verdict *v)
{
	int64_t counts[OUTCOME_MANUAL + 1][SEVERITY_INFO + 1] = {0};

	for (guint i = 0; i < list_length(f->list); i++) {
		const struct finding *one = g_ptr_array_index(f->list, i);
		counts[one->outcome][one->severity]++;
	}
	put_head(out, "findings", "Findings by outcome and severity.");
	for (int o = 0; o <= OUTCOME_MANUAL; o++)
		for (int s = 0; s <= SEVERITY_INFO; s++) {
			begin(out, "findings", v);
			put_label(out, ",", "outcome", outcome_names[o]);
			put_label(out, ",", "severity", severity_names[s]);
			end(out, counts[o][s]);
		}
}

/* What is not known has no sample. */
static void put_time(GString *out, const char *name, const char *help,
    struct number time, const struct verdict *v)
{
	put_head(out, name, help);
	if (!time.known)
		return;
	begin(out, name, v);
	end(out, time.value);
}

static void put_backup(
    GString *out, const struct facts *facts, const struct verdict *v)
{
	struct number point = {0}, proved = {0};

	for (guint i = 0; i < list_length(facts->backup_sets); i++) {
		const struct backup_set *set =
		    g_ptr_array_index(facts->backup_sets, i);
		if (!v->backup_set || g_strcmp0(set->id, v->backup_set) != 0)
			continue;
		point = set->point_at;
		proved = set->proved_at;
	}
	put_time(out, "backup_point_timestamp_seconds",
	    "The moment that the backup of the verdict holds.", point, v);
	put_time(out, "backup_proved_timestamp_seconds",
	    "When that backup was last read back.", proved, v);
}

char *prometheus_write(const struct facts *facts,
    const struct findings *findings, const struct verdict *verdict)
{
	GString *out = g_string_new(NULL);

	put_answer(out, verdict);
	put_findings(out, findings, verdict);
	put_head(out, "not_checked", "Questions that nobody answered.");
	begin(out, "not_checked", verdict);
	end(out, (int64_t)list_length(verdict->not_checked));
	put_time(out, "run_timestamp_seconds",
	    "The time that the verdict states.", verdict->as_of, verdict);
	put_time(out, "valid_until_timestamp_seconds",
	    "Until when the verdict may be used.", verdict->valid_until,
	    verdict);
	put_backup(out, facts, verdict);
	return g_string_free(out, FALSE);
}
