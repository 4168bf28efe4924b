/*
 * What all that copies the home knows of it and of the run.
 */
#ifndef GONOGO_BACKUP_HOME_SITE_H
#define GONOGO_BACKUP_HOME_SITE_H

#include "backup/home/saver.h"
#include "bitbucket/homes.h"

struct site {
	const struct home_kind *kind;
	int root;            /* descriptor of the home */
	const char *path;    /* of it, as it was named */
	const char *real;    /* without links */
	const char *scratch; /* of the run */
	groups *groups;
	objects *objects;
	const parent *before; /* the set to rest on; NULL: read everything */
	bool local; /* a folder's time tells at once that something changed */
};

/* What one worker has for itself. */
struct desk {
	const struct site *site;
	saver *saver;
};

/* Gives the folder where is kept what the copy has of a repository. */
char *site_have(const struct site *s, uint64_t id);

#endif
