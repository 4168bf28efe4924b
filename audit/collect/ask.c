#include "audit/collect/ask.h"

#include "audit/collect/read_settings.h"
#include "base/clock.h"

bool ask_wants(
    const struct asking *a, const struct row *row, const char *collector)
{
	return g_str_equal(row->collector, collector) &&
	       (row->profiles & a->profile);
}

static void fill(
    struct raw_meta *meta, const struct row *row, const char *subject)
{
	meta->what = g_strdup(row->what);
	meta->subject = g_strdup(subject);
	meta->collector = g_strdup(row->collector);
	meta->request = g_strdup(row->request);
	meta->at = number_of(clock_now());
}

bool ask_put(const struct asking *a, const struct row *row, const char *subject,
    enum raw_form form, const char *text, GError **error)
{
	g_auto(raw_meta) meta = {0};

	fill(&meta, row, subject);
	return raw_put(a->store, &meta, form, text, row->people, error);
}

bool ask_put_of(const struct asking *a, const struct row *row,
    const char *subject, int64_t at, enum raw_form form, const char *text,
    GError **error)
{
	g_auto(raw_meta) meta = {0};

	fill(&meta, row, subject);
	meta.at = number_of(at);
	return raw_put(a->store, &meta, form, text, row->people, error);
}

bool ask_put_failure(const struct asking *a, const struct row *row,
    const char *subject, const char *why, GError **error)
{
	g_auto(raw_meta) meta = {0};

	fill(&meta, row, subject);
	meta.error = g_strdup(why);
	return raw_put(a->store, &meta, RAW_JSON, NULL, false, error);
}

bool ask_settings(struct asking *a, GError **error)
{
	g_autoptr(json) kept = settings_kept(a->settings);
	g_autofree char *text = json_pretty(kept);

	return ask_put(a, settings_rows, NULL, RAW_JSON, text, error);
}
