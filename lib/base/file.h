/*
 * Whole small files: read with a limit, written so that no half is ever seen.
 */
#ifndef GONOGO_BASE_FILE_H
#define GONOGO_BASE_FILE_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Gives the whole of PATH ("-" is standard input), which must be at most LIMIT
 * bytes; a NUL byte follows them.  LENGTH may be NULL: then a NUL inside is an
 * error.  SYSTEM: cannot read.  DATA: too long, or NUL inside.
 */
char *file_read(const char *path, size_t limit, size_t *length,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Like file_read(), for an open file that people know as NAME. */
char *file_read_fd(int fd, const char *name, size_t limit, size_t *length,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Reads exactly LENGTH bytes from OFFSET.  SYSTEM.  DATA: the file is shorter.
 */
bool file_read_at(int fd, const char *name, void *bytes, size_t length,
    uint64_t offset, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Asks the disk for what FD has behind AT, some MiB of it, so that it comes
 * while what came before is worked on; *ASKED, 0 at first, remembers how far.
 */
void file_ask_ahead(int fd, uint64_t at, uint64_t *asked);

/* Writes all of it, however many calls that takes.  SYSTEM. */
bool file_write_fd(int fd, const char *name, const void *bytes, size_t length,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Lets the disk begin with what was written to FD up to AT, when some MiB have
 * gathered; *BEGUN, 0 at first, remembers how far.  A sync that comes later has
 * less to wait for; nothing is durable by this.
 */
void file_write_behind(int fd, uint64_t at, uint64_t *begun);

/*
 * Puts the bytes at PATH ("-" is standard output) by a draft (base/draft.h),
 * with MODE before the umask.  SYSTEM.
 */
bool file_write(const char *path, int mode, const void *bytes, size_t length,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
