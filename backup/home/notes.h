/*
 * What many workers have to say of what they could not do.
 */
#ifndef GONOGO_BACKUP_HOME_NOTES_H
#define GONOGO_BACKUP_HOME_NOTES_H

#include <glib.h>

struct notes {
	GMutex mutex;
	GPtrArray *flawed;   /* char *: a path, its reason, in turn */
	GPtrArray *vanished; /* char *: went between listing and reading */
	GPtrArray *left_out; /* char *: sockets, devices */
};

void notes_init(struct notes *n);
void notes_clear(struct notes *n);
void notes_flaw(struct notes *n, const char *path, const char *why);
void notes_vanished(struct notes *n, const char *path);
void notes_left_out(struct notes *n, const char *path);

#endif
