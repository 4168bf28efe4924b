/*
 * zstd streams: the only door to libzstd.
 *
 * A writer makes frames: each ends where compress_end_frame() is called and
 * can be decoded without the others.
 */
#ifndef GONOGO_PORT_COMPRESS_H
#define GONOGO_PORT_COMPRESS_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef bool (*compress_sink)(
    const void *bytes, size_t length, void *user, GError **error);

typedef struct compress compress;
compress *compress_new(int level, compress_sink sink, void *user);
/* The same by THREADS of its own, while the caller fetches what comes next:
 * for one long stream. */
compress *compress_new_wide(
    int level, unsigned threads, compress_sink sink, void *user);
bool compress_add(compress *c, const void *bytes, size_t length,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Ends the frame and lets the sink have all of it; an empty one is none. */
bool compress_end_frame(compress *c, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Adds a frame that was made before, of PLAIN bytes; none is open. */
bool compress_copy_frame(compress *c, const void *bytes, size_t length,
    uint64_t plain, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/*
 * Adds a skippable frame that lists all frames' sizes (zstd's seekable form),
 * so that a reader finds each without the rest.  The last call.
 */
bool compress_end_table(compress *c, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Pressed bytes that the sink has had so far. */
uint64_t compress_written(const compress *c);
void compress_free(compress *c);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(compress, compress_free)

typedef struct decompress decompress;
/* LIMIT: of plain bytes; more is DATA. */
decompress *decompress_new(uint64_t limit, compress_sink sink, void *user);
/* The same for what compress_patch() made of BASE (LENGTH bytes, borrowed). */
decompress *decompress_new_patch(uint64_t limit, const void *base,
    size_t length, compress_sink sink, void *user);
/* DATA: not zstd, or damaged. */
bool decompress_add(decompress *d, const void *bytes, size_t length,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* DATA: the last frame is cut short. */
bool decompress_end(decompress *d, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void decompress_free(decompress *d);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(decompress, decompress_free)

/* Where the last frame lies that the table at FD's end lists.  SYSTEM.
 * DATA: there is no such table. */
bool compress_last_frame(int fd, const char *name, uint64_t *offset,
    uint64_t *length, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Writes to ROOM bytes at OUT how PLAIN differs from BASE: one frame, which
 * `zstd -d --long=31 --patch-from=BASE` decodes.  Gives its length; 0: it
 * would need more room, or both together are more than zstd can look back.
 */
size_t compress_patch(const void *base, size_t base_length, const void *plain,
    size_t length, void *out, size_t room);

/* Does a file that begins with these bytes shrink by an eighth or more? */
bool compress_pays(const void *bytes, size_t length);

#endif
