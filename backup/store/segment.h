/*
 * A segment: tar members in zstd frames, one file.
 *
 *     | frame: a group's members | frame | ... | end of archive | table |
 *
 * `tar --zstd -tf`, bsdtar and `zstd -t` take it as it is; a frame alone is
 *
 *     tail -c +$((OFFSET + 1)) FILE | head -c LENGTH | zstd -dc | tar -x
 *
 * One thread at a time.
 */
#ifndef GONOGO_BACKUP_STORE_SEGMENT_H
#define GONOGO_BACKUP_STORE_SEGMENT_H

#include "base/hash.h"
#include "port/archive.h"

typedef struct segment segment;

/* A new file PATH. */
segment *segment_create(
    const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool segment_add(segment *s, const struct archive_member *member,
    const void *bytes, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Ends the frame; LENGTH 0: it had no member. */
bool segment_end_frame(segment *s, uint64_t *offset, uint64_t *length,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
uint64_t segment_written(const segment *s);
/* Ends the archive and closes the file, which is not yet durable. */
bool segment_finish(segment *s, char sha256[HASH_HEX + 1], uint64_t *bytes,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
void segment_free(segment *s);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(segment, segment_free)

#endif
