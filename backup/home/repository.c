#include "backup/home/repository.h"

#include <inttypes.h>

#include "bitbucket/home.h"

char *site_have(const struct site *s, uint64_t id)
{
	return g_strdup_printf("%s/have/%" PRIu64, s->scratch, id);
}

struct repository *repository_new(
    const struct site *s, uint64_t id, const char *folder)
{
	struct repository *r = g_new0(struct repository, 1);

	g_autofree char *name = g_strdup_printf("%" PRIu64, id);

	r->id = id;
	r->folder = g_strdup(folder);
	r->group = groups_get(s->groups, GROUP_REPOSITORY, id);
	r->then = s->before ? parent_repository(s->before, name) : NULL;
	g_mutex_init(&r->mutex);
	r->alternates = g_ptr_array_new_with_free_func(g_free);
	r->flaws = g_ptr_array_new_with_free_func(g_free);
	r->harm = g_ptr_array_new_with_free_func(g_free);
	r->moved = g_ptr_array_new_with_free_func(g_free);
	r->deleted = g_ptr_array_new_with_free_func(g_free);
	return r;
}

void repository_free(struct repository *r)
{
	if (!r)
		return;
	g_ptr_array_unref(r->alternates);
	g_ptr_array_unref(r->flaws);
	g_ptr_array_unref(r->harm);
	g_ptr_array_unref(r->moved);
	g_ptr_array_unref(r->deleted);
	g_free(r->folder);
	g_free(r->project);
	g_free(r->slug);
	g_free(r->hierarchy);
	stamp_free(r->stamp);
	g_mutex_clear(&r->mutex);
	g_free(r);
}

void repository_flaw(struct repository *r, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	g_ptr_array_add(r->flaws, g_strdup_vprintf(format, arguments));
	va_end(arguments);
}

bool repository_same_objects(const struct repository *r)
{
	for (guint i = 0; i < r->group->frames->len; i++) {
		const struct frame *f =
		    &g_array_index(r->group->frames, struct frame, i);
		if (f->kind == FRAME_OBJECTS && !f->dropped && !f->carried)
			return false;
	}
	return r->steady;
}

const char *repository_inside(const char *path)
{
	uint64_t id;
	const char *rest = path;

	home_in_repository(path, &id, &rest);
	return rest;
}

char *repository_title(const struct repository *r)
{
	if (r->project && r->slug)
		return g_strdup_printf(
		    "%" PRIu64 " (%s/%s)", r->id, r->project, r->slug);
	return g_strdup_printf("%" PRIu64, r->id);
}
