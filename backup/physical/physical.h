/*
 * A physical copy: all files of a database server, and the WAL from before the
 * first of them until past the common point.
 *
 *     slot holds WAL .. base backup, checked .. point T0 .. a word behind it
 *         `------------- WAL, by a thread ---------------------------> enough
 *
 * The files alone would come back as they were when the last was copied; WAL
 * takes them on to T0, and there recovery stops.  On a server where nobody
 * writes nothing would come behind T0, so a message of ours does.
 */
#ifndef GONOGO_BACKUP_PHYSICAL_PHYSICAL_H
#define GONOGO_BACKUP_PHYSICAL_PHYSICAL_H

#include "backup/db/point.h"
#include "backup/store/run.h"

struct physical_order { /* borrowed, for as long as the copy lives */
	const struct db_login *login;
	run *run;
	bool fast;            /* checkpoint at once */
	GPtrArray *databases; /* char *: that the server holds */
};

typedef struct physical physical;

/*
 * Copies the files; the WAL comes from now on.  BASE and set are checked
 * against the server's own manifest.  REMOTE: refused, cut off, pages whose
 * checksum is wrong; DATA: what came is not what was told; SYSTEM, STOPPED.
 */
physical *physical_copy(const struct physical_order *order,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
void physical_free(physical *p);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(physical, physical_free)

/* Takes the point T0 into an empty *point, which has no keepers. */
bool physical_point(physical *p, struct db_point *point,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* A connection (borrowed) that sees the rows of the point; a failed question
 * spoils nothing for the next. */
pg *physical_rows(physical *p);

/* Waits until the WAL of the point has come. */
bool physical_end(physical *p, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Puts the lists into the set, and tells its records. */
bool physical_save(const physical *p, const struct db_point *point,
    struct snapshot *set, struct evidence *how,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
