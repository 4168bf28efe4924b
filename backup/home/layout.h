/*
 * What lies where in a repository's folder, and how it is saved.
 */
#ifndef GONOGO_BACKUP_HOME_LAYOUT_H
#define GONOGO_BACKUP_HOME_LAYOUT_H

#include <stdbool.h>

enum layout {
	LAYOUT_SKIP,    /* locks, files on their way: half of something */
	LAYOUT_OBJECT,  /* a loose object, a pack, what belongs to one */
	LAYOUT_CACHE,   /* other things below objects/: packs' lists, graphs */
	LAYOUT_PACKED,  /* packed refs: after all loose ones */
	LAYOUT_MUTABLE, /* all else: HEAD, config, refs, hooks, logs */
};

/* PATH is from the repository's folder down; nothing below a skipped folder is
 * asked for. */
enum layout layout_of(const char *path);

/* Is NAME two hex digits: a folder of loose objects? */
bool layout_is_fan(const char *name);
/* Is PATH, from the repository down, such a folder? */
bool layout_is_fan_path(const char *path);
/* Is NAME a loose object's, in its folder? */
bool layout_is_loose(const char *name);
/*
 * Does NAME belong to a pack ("pack-<sum>.pack", ".idx", ".rev", ".bitmap",
 * ...)?  Then *stem is the length of "pack-<sum>".
 */
bool layout_is_pack(const char *name, size_t *stem);

/* Opens the FOLDER of a repository in the home ROOT; -1: errno. */
int layout_open(int root, const char *folder);

#endif
