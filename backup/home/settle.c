#include "backup/home/settle.h"

#include "backup/home/trace.h"
#include "port/git.h"

static const char fresh[] = "fresh"; /* as trace's tips */

bool settle_prepare(
    const struct site *s, const struct repository *r, GError **error)
{
	g_autofree char *folder = site_have(s, r->id);
	g_autoptr(GArray) tips = trace_tips(folder, "tips", NULL);
	g_autoptr(have) known = r->quiet ? have_open(folder, NULL) : NULL;

	/* Its proof says why they can't be read. */
	if (!tips)
		return true;
	for (guint i = known ? tips->len : 0; i-- > 0;)
		if (have_object(known, &g_array_index(tips, struct oid, i)))
			g_array_remove_index_fast(tips, i);
	return have_keep(
	    folder, fresh, tips->data, (size_t)tips->len * OID_BYTES, error);
}

static char *lines_of(const GArray *tips)
{
	GString *text = g_string_sized_new(tips->len * (OID_HEX + 1));
	char hex[OID_HEX + 1];

	for (guint i = 0; i < tips->len; i++) {
		oid_hex(&g_array_index(tips, struct oid, i), hex);
		g_string_append_printf(text, "%s\n", hex);
	}
	return g_string_free(text, FALSE);
}

char *settle_flaw(const struct site *s, struct repository *r)
{
	if (!r->stirred)
		return NULL;
	/* What its refs need now is there: the walk ends where it meets that.
	 */
	static const char *const arguments[] = {"rev-list", "--objects",
	    "--quiet", "--stdin", "--not", "--all", NULL};
	g_autofree char *folder = site_have(s, r->id);
	g_autofree char *live = g_build_filename(s->path, r->folder, NULL);
	g_autoptr(GError) why = NULL;
	g_auto(process_result) result = {0};
	g_autoptr(GArray) tips = trace_tips(folder, fresh, NULL);

	if (!tips)
		tips = trace_tips(folder, "tips", &why);
	if (!tips)
		return g_strdup_printf("not proved: %s", why->message);
	if (tips->len == 0) {
		r->stirred = false;
		return NULL;
	}
	g_autofree char *input = lines_of(tips);
	if (!git_run(live, arguments, input, &result, &why))
		return g_strdup_printf("not proved: %s", why->message);
	r->stirred = result.code != 0 || result.timed_out;
	if (!r->stirred)
		return NULL;
	return g_strdup_printf("objects that its refs need went while they "
			       "were copied: %s",
	    result.timed_out ? "git takes too long" : g_strchomp(result.err));
}
