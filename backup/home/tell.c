/*
 * What was found of the home, into the records of the set.
 */
#include <inttypes.h>

#include "backup/home/home.h"
#include "backup/home/stale.h"
#include "backup/home/still.h"

/* Records are UTF-8; refs and names of files need not be. */
static void copy(GPtrArray *from, GPtrArray **to)
{
	for (guint i = 0; i < from->len; i++) {
		g_autofree char *text =
		    g_utf8_make_valid(g_ptr_array_index(from, i), -1);
		strings_add(to, text);
	}
}

static enum repository_result result_of(const struct repository *r)
{
	if (!state_is_kept(r))
		return REPOSITORY_DELETED;
	if (r->flaws->len > 0)
		return REPOSITORY_FLAWED;
	return r->proved ? REPOSITORY_PROVED : REPOSITORY_UNPROVED;
}

static void tell_flaws(const struct repository *r, struct snapshot *s)
{
	g_autofree char *title = repository_title(r);

	for (guint i = 0; i < r->flaws->len; i++) {
		g_autofree char *why =
		    g_utf8_make_valid(g_ptr_array_index(r->flaws, i), -1);
		snapshot_add_flaw(s, "repository", title, "%s", why);
	}
	/* Not proved is never GOOD, whatever the reason. */
	if (r->flaws->len == 0 && !r->proved)
		snapshot_add_flaw(s, "repository", title,
		    "nobody could prove that its copy is whole");
}

/* Something is wrong with the home, but not with the set. */
static void tell_recovered(const struct repository *r, struct evidence *e)
{
	g_autofree char *title = repository_title(r);
	g_autofree char *text = g_strdup_printf(
	    "repository %s: its refs name objects that the home has lost; "
	    "they are in this set because the set before had them: git fsck it",
	    title);

	strings_add(&e->notes, text);
}

static void tell_repository(
    const struct repository *r, struct snapshot *s, struct evidence *e)
{
	struct evidence_repository *to =
	    shape_add(&evidence_repository_shape, &e->repositories);

	to->id = g_strdup_printf("%" PRIu64, r->id);
	to->project = g_strdup(r->project);
	to->slug = g_strdup(r->slug);
	to->hierarchy = g_strdup(r->hierarchy);
	to->result = result_of(r);
	to->rounds = number_of(r->rounds);
	copy(r->alternates, &to->alternates);
	copy(r->moved, &to->moved);
	copy(r->deleted, &to->deleted);
	if (r->flaws->len > 0)
		to->why = g_utf8_make_valid(r->flaws->pdata[0], -1);
	/* What went while we copied is told by the cross-check, if it had a
	 * row. */
	if (to->result == REPOSITORY_DELETED)
		return;
	to->refs = number_of((int64_t)r->refs);
	to->tips = number_of((int64_t)r->tips);
	tell_flaws(r, s);
	if (r->recovered)
		tell_recovered(r, e);
	s->home.moved.value += r->moved->len > 0;
}

static void tell_check(struct home *h, struct snapshot *s, struct evidence *e)
{
	const GPtrArray *deleted = h->check.deleted_after_point;

	for (guint i = 0; i < list_length(deleted); i++)
		strings_add(&s->deleted, g_ptr_array_index(deleted, i));
	s->home.deleted = number_of((int64_t)list_length(deleted));
	for (guint i = 0; i < list_length(h->flaws); i++) {
		const struct flaw *f = g_ptr_array_index(h->flaws, i);
		snapshot_add_flaw(s, f->kind, f->subject, "%s", f->why);
	}
	e->check = h->check;
	h->check = (struct evidence_check){0};
}

/* NULL: it is not known. */
static char *text(const char *bytes)
{
	return bytes ? g_utf8_make_valid(bytes, -1) : NULL;
}

static void tell_mount(const struct home *h, struct evidence *e)
{
	e->mount.point = text(h->mount.point);
	e->mount.filesystem = g_strdup(h->mount.filesystem);
	e->mount.source = text(h->mount.source);
	e->mount.options = text(h->mount.options);
	e->mount.wait_s = number_of(stale_s(&h->mount));
}

void home_tell(home *h, struct snapshot *snapshot, struct evidence *evidence)
{
	const GPtrArray *flawed = h->notes.flawed;

	snapshot->home.path = g_utf8_make_valid(h->path, -1);
	snapshot->home.moved = number_of(0);
	snapshot->swept_at = number_of(h->sweep_ended_at);
	evidence->harvest_at = number_of(h->harvest_at);
	evidence->sweep_started_at = number_of(h->sweep_started_at);
	evidence->sweep_ended_at = number_of(h->sweep_ended_at);
	evidence->saved_at = number_of(h->saved_at);
	tell_mount(h, evidence);
	if (h->still) {
		evidence->lock.repositories =
		    number_of((int64_t)h->still->looked);
		evidence->lock.changed = number_of((int64_t)h->still->changed);
	}
	for (guint i = 0; i < h->repositories->len; i++)
		tell_repository(
		    g_ptr_array_index(h->repositories, i), snapshot, evidence);
	for (guint i = 0; i + 1 < flawed->len; i += 2)
		snapshot_add_flaw(snapshot, "file",
		    g_ptr_array_index(flawed, i), "%s",
		    (char *)g_ptr_array_index(flawed, i + 1));
	if (h->note)
		strings_add(&evidence->notes, h->note);
	if (h->site.kind->note)
		strings_add(&evidence->notes, h->site.kind->note);
	copy(h->notes.vanished, &evidence->vanished);
	copy(h->notes.left_out, &evidence->left_out);
	tell_check(h, snapshot, evidence);
}
