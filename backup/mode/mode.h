/*
 * In what the modes of `create` differ.  The order is the same for all
 * (backup/story.h); a mode says what it does in a phase, NULL being nothing.
 * backup/mode/modes.h has them all.
 */
#ifndef GONOGO_BACKUP_MODE_MODE_H
#define GONOGO_BACKUP_MODE_MODE_H

#include <glib.h>
#include <stdbool.h>

struct job;
struct preflight_check;
struct settings;
typedef bool (*mode_phase)(struct job *j, GError **error);

struct mode {
	const char *name;
	bool locks; /* locks Bitbucket: only where the settings allow it */
	mode_phase first;  /* before the point, while users work */
	mode_phase hold;   /* right before the point */
	mode_phase sweep;  /* right after it: the refs */
	mode_phase let_go; /* as soon as they are read */
	mode_phase finish; /* when all is copied */

	/* One that copies nothing itself has no phases, but: */
	mode_phase instead; /* all of it */
	int (*plan)(const struct settings *s, GError **error);
	const struct preflight_check *checks; /* for `doctor` */
};

#endif
