/*
 * A folder that a set is put into: what may be made there, and how.
 *
 * Nothing leaves the folder: each name is opened below it without following a
 * link (openat2), each file is new, and of what an entry says only a plain
 * file, a folder or a link can come.  Owners are set by root only.
 */
#ifndef GONOGO_BACKUP_RESTORE_PLACE_H
#define GONOGO_BACKUP_RESTORE_PLACE_H

#include "backup/store/entry.h"

typedef struct place place;
struct place {
	int root;          /* descriptor of the folder; -1: closed */
	bool allow_setuid; /* set setuid and setgid bits, too */
	bool is_root;      /* owners are set */
	char *folder_path; /* of `folder`; NULL: none is open */
	int folder;        /* the last file's, as the next is likely there */
};

/* Opens the existing folder PATH.  SYSTEM: also a kernel that can't open a
 * name without following links. */
bool place_open(struct place *p, const char *path, bool allow_setuid,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
void place_close(struct place *p);

/* Gives a descriptor of a new file for E.  -1: DATA, the name is taken by
 * another entry of the set; SYSTEM. */
int place_file(struct place *p, const struct entry *e,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Closes FD, which WRITTEN says is whole, with owner, mode, attributes and
 * time of E.  Gives false when WRITTEN is, too. */
bool place_end_file(struct place *p, int fd, bool written,
    const struct entry *e, GError **error) G_GNUC_WARN_UNUSED_RESULT;

bool place_link(struct place *p, const struct entry *e,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* E's target is in place. */
bool place_hard_link(struct place *p, const struct entry *e,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* When nothing more is put into it: its time is its own then. */
bool place_folder(struct place *p, const struct entry *e,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* A link at E's name to TARGET, for a scratch folder that is only read. */
bool place_stand_in(struct place *p, const struct entry *e, const char *target,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
