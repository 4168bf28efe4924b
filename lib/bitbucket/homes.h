/*
 * The kinds of home that there are: what makes one, what of it is left out of
 * a backup, where its repositories lie.  docs/sources.md#home
 *
 *     home        data/repositories/<id>; the shared one
 *     mirror      none: they come from the upstream again
 *     mesh-node   store/data/<partition>/<hierarchy>/repos/<id>
 */
#ifndef GONOGO_BITBUCKET_HOMES_H
#define GONOGO_BITBUCKET_HOMES_H

#include "bitbucket/home.h"

struct home_kind {
	const char *name;       /* "mesh-node" */
	const char *properties; /* its last file: nothing starts without it */
	/* Folders from its root to a repository, "*" any; NULL: it has none. */
	const char *const *way;
	/* USAGE: it is no such home, with a hint. */
	bool (*check)(const char *path, GError **error);
	/* As home_is_left_out(). */
	bool (*is_left_out)(const char *path, bool is_folder);
	const char *note; /* what a copy of it says of itself; NULL: nothing */
};

extern const struct home_kind home_shared, home_mirror, home_mesh;

#endif
