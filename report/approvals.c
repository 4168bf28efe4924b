#include "report/approvals.h"

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/limits.h"
#include "contract/approval.h"
#include "report/flaws.h"

/* How far the clock of an approver may be ahead of ours, seconds. */
enum { SKEW_S = 300, MOST_APPROVALS = 1000 };

void approvals_clear(struct approvals *a)
{
	people_clear(&a->people);
	g_clear_pointer(&a->nonces, g_ptr_array_unref);
}

char *approvals_subject(const char *bundle, GError **error)
{
	g_autofree char *path = g_build_filename(bundle, "SHA256SUMS", NULL);
	size_t length = 0;
	g_autofree char *text = file_read(path, LIMIT_DOCUMENT, &length, error);

	return text ? hash_hex(text, length) : NULL;
}

static bool has(const GPtrArray *list, const char *text)
{
	return list && g_ptr_array_find_with_equal_func(
			   (GPtrArray *)list, text, g_str_equal, NULL);
}

/* Why the approval itself does not count; NULL: it does. */
static const char *objection(const struct approval *a, const char *subject,
    int64_t now, const GPtrArray *spent)
{
	if (!g_str_equal(a->bundle_sha256, subject))
		return "is for another bundle";
	if (now && a->made_at.value > now + SKEW_S)
		return "was given at a time to come";
	if (now && now >= a->until.value)
		return "is over";
	if (has(spent, a->nonce))
		return "opened an upgrade already";
	return NULL;
}

/* Takes out who answers for a waiver: nobody approves his own doing. */
static void take_out_waivers(
    struct people *who, const struct dossier *d, GPtrArray *notes)
{
	for (guint i = 0; i < list_length(d->verdict.waivers); i++) {
		const struct waiver *w =
		    g_ptr_array_index(d->verdict.waivers, i);
		for (guint k = 0;
		     w->state == WAIVER_ACTIVE && k < list_length(w->signers);
		     k++) {
			const char *name = g_ptr_array_index(w->signers, k);
			guint at;
			if (!who->names ||
			    !g_ptr_array_find_with_equal_func(
				who->names, name, g_str_equal, &at))
				continue;
			flaws_add(notes,
			    "%s signed the waiver %s, and does not count as "
			    "an approver",
			    name, w->id);
			g_ptr_array_remove_index(who->names, at);
		}
	}
}

static bool read_one(struct approvals *list, const char *path,
    const char *subject, const struct sshsig_trust *trust, int64_t now,
    const GPtrArray *spent, GPtrArray *notes, GError **error)
{
	g_autofree char *name = g_path_get_basename(path);
	g_autofree char *text = file_read(path, LIMIT_SETTINGS, NULL, error);
	g_auto(approval) a = {0};
	g_autoptr(GError) why = NULL;

	if (!text)
		return false;
	g_autoptr(json) document = json_parse(text, strlen(text), name, &why);
	if (!document || !document_read(&approval_shape, document, &a, &why)) {
		flaws_add(notes, "%s: %s", name, why->message);
		return true;
	}
	const char *no = objection(&a, subject, now, spent);
	if (no) {
		flaws_add(notes, "%s: %s", name, no);
		return true;
	}
	guint before = list_length(list->people.names);
	if (!people_signed(&list->people, trust, PEOPLE_APPROVAL, path, text,
		now ? now : a.made_at.value, notes, error))
		return false;
	if (list_length(list->people.names) == before)
		return true;
	strings_add(&list->nonces, a.nonce);
	if (!list->newest.known || a.made_at.value > list->newest.value)
		list->newest = a.made_at;
	return true;
}

bool approvals_find(struct approvals *list, const struct dossier *d,
    const char *subject, const struct sshsig_trust *trust, int64_t now,
    const GPtrArray *spent, GPtrArray *notes, GError **error)
{
	g_autofree char *folder =
	    g_build_filename(d->bundle, "approvals", NULL);
	g_autoptr(GPtrArray) names = people_files(folder, "A-", ".json");

	if (names->len > MOST_APPROVALS)
		return fail(error, GONOGO_ERROR_DATA,
		    "%s: more than %d approvals", folder, MOST_APPROVALS);
	if (names->len > 0 && !trust->signers) {
		flaws_add(notes, "nobody says who may approve: no allowed "
				 "signers");
		return true;
	}
	for (guint i = 0; i < names->len; i++) {
		g_autofree char *path =
		    g_build_filename(folder, g_ptr_array_index(names, i), NULL);
		if (!read_one(
			list, path, subject, trust, now, spent, notes, error))
			return false;
	}
	if (d->policy->approval_independent)
		take_out_waivers(&list->people, d, notes);
	return true;
}
