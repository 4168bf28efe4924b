/*
 * A file of zstd frames, each decodable alone, with a table of them at its
 * end: what segments and manifests are made of.
 */
#ifndef GONOGO_BACKUP_STORE_FRAMES_H
#define GONOGO_BACKUP_STORE_FRAMES_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/hash.h"

typedef struct frames frames;

/* A new file PATH (0600).  SYSTEM. */
frames *frames_create(
    const char *path, int level, GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool frames_add(frames *f, const void *bytes, size_t length,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Ends the frame and says where it lies; LENGTH 0: nothing was added. */
bool frames_end(frames *f, uint64_t *offset, uint64_t *length,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/*
 * Adds a frame that another file of frames has: LENGTH bytes that hold PLAIN
 * ones.  No frame is open.
 */
bool frames_copy(frames *f, const void *bytes, uint64_t length, uint64_t plain,
    uint64_t *offset, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Bytes written so far. */
uint64_t frames_written(const frames *f);
/* Adds the table and closes the file, which is not yet durable. */
bool frames_finish(frames *f, char sha256[HASH_HEX + 1], uint64_t *bytes,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Closes; the file stays. */
void frames_free(frames *f);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(frames, frames_free)

/*
 * Gives the plain bytes of the frames that lie in LENGTH bytes from OFFSET of
 * FD, at most LIMIT.  NAME stands in errors.  SYSTEM; DATA: damaged.
 */
GByteArray *frames_read(int fd, const char *name, uint64_t offset,
    uint64_t length, uint64_t limit, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
