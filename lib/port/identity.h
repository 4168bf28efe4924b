/*
 * Another user that a child of root becomes before it runs.
 */
#ifndef GONOGO_PORT_IDENTITY_H
#define GONOGO_PORT_IDENTITY_H

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

typedef struct identity identity;
struct identity {
	char *name; /* NULL: nobody else, we stay who we are */
	char *home;
	uid_t uid;
	gid_t gid;
	gid_t *groups;
	int groups_length;
};

/* Looks up NAME; when it is NULL or we are not root *who stays.  USAGE. */
bool identity_find(const char *name, struct identity *who,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Becomes WHO for ever: system calls only, for a child.  False: errno. */
bool identity_become(const struct identity *who);

void identity_clear(struct identity *who);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(identity, identity_clear)

#endif
