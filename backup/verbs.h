/*
 * The verbs of gonogo-backup.  Each gives an exit code, or -1 with *error set
 * (base/cli.h).
 *
 *     advise    which way to save fits here
 *     create    save the home and the database into a new set
 *     adopt     record what others say of a backup of theirs
 *     list      the sets of a store
 *     verify    read a set back, and prove what was read
 *     restore   put a set's home and database into empty places
 *     expire    move what is old to the trash, and empty that
 *     drill     restore a set for a try, compare it, and prove it
 *     unlock    give back a maintenance lock that a backup left behind
 *     doctor    would a backup work?
 */
#ifndef GONOGO_BACKUP_VERBS_H
#define GONOGO_BACKUP_VERBS_H

#include <glib.h>

int verb_advise(int argc, char **argv, GError **error);
int verb_create(int argc, char **argv, GError **error);
int verb_adopt(int argc, char **argv, GError **error);
int verb_list(int argc, char **argv, GError **error);
int verb_verify(int argc, char **argv, GError **error);
int verb_restore(int argc, char **argv, GError **error);
int verb_expire(int argc, char **argv, GError **error);
int verb_drill(int argc, char **argv, GError **error);
int verb_unlock(int argc, char **argv, GError **error);
int verb_doctor(int argc, char **argv, GError **error);

#endif
