/*
 * All that is no repository: other files of the home, and files from elsewhere
 * that were asked for.  One walk lists them in portions; workers save those.
 */
#ifndef GONOGO_BACKUP_HOME_FILES_H
#define GONOGO_BACKUP_HOME_FILES_H

#include "backup/home/before.h"
#include "backup/home/notes.h"
#include "backup/home/site.h"

/* Where a walk begins. */
struct tree {
	int root;           /* descriptor of a folder */
	const char *prefix; /* of names in the set: "" or "/opt/x/" */
	const char *only;   /* a single file there; NULL: all of it */
	bool is_home;       /* repositories and caches are passed over */
	enum group_class class;
	GHashTable *done; /* paths that are saved already; NULL: none */
	before *folders;  /* what the set before has of them; or NULL */
};

typedef struct portion portion;
void portion_free(portion *p);

struct files_hooks {
	/* Takes P. */
	void (*portion)(portion *p, void *user);
	/* May empty *e. */
	void (*folder)(struct entry *e, void *user);
	void *user;
};

/*
 * Gives the number of a portion that begins with PATH: the same one day as on
 * another, so that it is found again in the next set.  NUMBERS holds those that
 * are taken.
 */
uint64_t files_number(GHashTable *numbers, const char *path);

/*
 * Lists what is in TREE, in portions with NUMBERS of their own.  TREE is
 * borrowed until they are saved.
 */
bool files_walk(const struct site *s, const struct tree *tree,
    GHashTable *numbers, const struct files_hooks *hooks, struct notes *notes,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

bool portion_save(portion *p, const struct desk *d, struct notes *notes,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
