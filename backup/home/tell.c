/*
 * What was found of the home, into the records of the set.
 */
#include <inttypes.h>

#include "backup/home/home.h"
#include "backup/home/state.h"

static void copy_strings(GPtrArray **to, const GPtrArray *from)
{
	for (guint i = 0; i < list_length(from); i++)
		strings_add(to, g_ptr_array_index(from, i));
}

static enum repository_result result_of(const struct repository *r)
{
	if (r->vanished)
		return REPOSITORY_DELETED;
	if (r->flaws->len > 0)
		return REPOSITORY_FLAWED;
	return r->proved ? REPOSITORY_PROVED : REPOSITORY_UNPROVED;
}

static void tell_repository(
    const struct repository *r, struct snapshot *s, struct evidence *e)
{
	struct evidence_repository *to =
	    shape_add(&evidence_repository_shape, &e->repositories);
	g_autofree char *title = repository_title(r);

	to->id = g_strdup_printf("%" PRIu64, r->id);
	to->project = g_strdup(r->project);
	to->slug = g_strdup(r->slug);
	to->hierarchy = g_strdup(r->hierarchy);
	to->result = (int)result_of(r);
	to->refs = number_of((int64_t)r->refs);
	to->tips = number_of((int64_t)r->tips);
	to->rounds = number_of(r->rounds);
	copy_strings(&to->moved, r->moved);
	copy_strings(&to->deleted, r->deleted);
	copy_strings(&to->alternates, r->alternates);
	if (to->result == REPOSITORY_DELETED)
		return;
	if (r->flaws->len > 0)
		to->why = g_strdup(g_ptr_array_index(r->flaws, 0));
	for (guint i = 0; i < r->flaws->len; i++)
		snapshot_add_flaw(s, "repository", title, "%s",
		    (const char *)g_ptr_array_index(r->flaws, i));
	/* Not proved is never GOOD, whatever the reason. */
	if (to->result == REPOSITORY_UNPROVED)
		snapshot_add_flaw(s, "repository", title,
		    "nobody could prove that its copy is whole");
	s->home.moved.value += r->moved->len > 0;
}

static void tell_mount(const struct home *h, struct evidence_mount *to)
{
	to->point = g_strdup(h->mount.point);
	to->filesystem = g_strdup(h->mount.filesystem);
	to->source = g_strdup(h->mount.source);
	to->options = g_strdup(h->mount.options);
	to->wait_s = number_of(home_stale_s(h));
}

static void tell_check(struct home *h, struct snapshot *s, struct evidence *e)
{
	for (guint i = 0; i < list_length(h->flaws); i++) {
		const struct flaw *f = g_ptr_array_index(h->flaws, i);
		snapshot_add_flaw(s, f->kind, f->subject, "%s", f->why);
	}
	copy_strings(&s->deleted, h->check.deleted_after_point);
	s->home.deleted = number_of(list_length(h->check.deleted_after_point));
	e->check = h->check;
	h->check = (struct evidence_check){0};
}

void home_tell(home *h, struct snapshot *snapshot, struct evidence *evidence)
{
	snapshot->home.path = g_strdup(h->path);
	snapshot->home.moved = number_of(0);
	evidence->harvest_at = number_of(h->harvest_at);
	evidence->sweep_started_at = number_of(h->sweep_started_at);
	evidence->sweep_ended_at = number_of(h->sweep_ended_at);
	evidence->saved_at = number_of(h->saved_at);
	snapshot->swept_at = number_of(h->sweep_ended_at);
	tell_mount(h, &evidence->mount);
	for (guint i = 0; i < h->repositories->len; i++)
		tell_repository(
		    g_ptr_array_index(h->repositories, i), snapshot, evidence);
	for (guint i = 0; i + 1 < h->notes.flawed->len; i += 2)
		snapshot_add_flaw(snapshot, "file",
		    g_ptr_array_index(h->notes.flawed, i), "%s",
		    (const char *)g_ptr_array_index(h->notes.flawed, i + 1));
	copy_strings(&evidence->vanished, h->notes.vanished);
	copy_strings(&evidence->left_out, h->notes.left_out);
	tell_check(h, snapshot, evidence);
}
