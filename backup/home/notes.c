#include "backup/home/notes.h"

void notes_init(struct notes *n)
{
	g_mutex_init(&n->mutex);
	n->flawed = g_ptr_array_new_with_free_func(g_free);
	n->vanished = g_ptr_array_new_with_free_func(g_free);
	n->left_out = g_ptr_array_new_with_free_func(g_free);
}

void notes_clear(struct notes *n)
{
	g_mutex_clear(&n->mutex);
	g_ptr_array_unref(n->flawed);
	g_ptr_array_unref(n->vanished);
	g_ptr_array_unref(n->left_out);
}

static void add(
    struct notes *n, GPtrArray *list, const char *text, const char *more)
{
	g_autoptr(GMutexLocker) held = g_mutex_locker_new(&n->mutex);

	/* Records are UTF-8; names of files need not be. */
	g_ptr_array_add(list, g_utf8_make_valid(text, -1));
	if (more)
		g_ptr_array_add(list, g_utf8_make_valid(more, -1));
}

void notes_flaw(struct notes *n, const char *path, const char *why)
{
	add(n, n->flawed, path, why);
}

void notes_vanished(struct notes *n, const char *path)
{
	add(n, n->vanished, path, NULL);
}

void notes_left_out(struct notes *n, const char *path)
{
	add(n, n->left_out, path, NULL);
}
