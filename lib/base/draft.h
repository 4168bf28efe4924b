/*
 * A file on its way: written beside its final name, put in place at the end.
 *
 *     out.json.partial  --commit: fsync, rename, fsync folder-->  out.json
 *
 * Whoever looks at the final name sees the old file or the whole new one,
 * never a half: also after a crash, a full disk or kill -9.
 */
#ifndef GONOGO_BASE_DRAFT_H
#define GONOGO_BASE_DRAFT_H

#include <glib.h>
#include <stdbool.h>

typedef struct draft draft;
struct draft {
	int fd;        /* open for writing while `path` is set */
	char *path;    /* the final name; NULL: empty */
	char *partial; /* the name while it is on its way */
};

/* Opens an empty draft of PATH with MODE before the umask.  SYSTEM. */
bool draft_open(struct draft *d, const char *path, int mode,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Makes it durable and visible at its final name; *d is empty again. */
bool draft_commit(struct draft *d, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Removes what was written; an empty draft is left alone. */
void draft_abandon(struct draft *d);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(draft, draft_abandon)

/* fsyncs the folder that holds PATH, so that a rename there lasts.  SYSTEM. */
bool draft_sync_folder(
    const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
