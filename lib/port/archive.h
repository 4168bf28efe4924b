/*
 * Archives: the only door to libarchive.  A writer of pax tar, and a reader of
 * tar (plain or pressed) and zip that holds limits.
 *
 * Names are bytes, whatever the locale says.
 */
#ifndef GONOGO_PORT_ARCHIVE_H
#define GONOGO_PORT_ARCHIVE_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum archive_kind {
	ARCHIVE_FILE,
	ARCHIVE_FOLDER,
	ARCHIVE_LINK,      /* symbolic; `target` */
	ARCHIVE_HARD_LINK, /* `target` is an earlier member */
	ARCHIVE_SPECIAL,   /* devices and the like: read only */
};

struct archive_member {
	const char *path;
	const char *target; /* NULL: no link */
	enum archive_kind kind;
	mode_t mode; /* permission bits */
	uid_t uid;
	gid_t gid;
	int64_t mtime_ns; /* since 1970 */
	uint64_t bytes;
	GBytes *xattrs; /* write only; fs_xattrs() of port/fs.h; may be NULL */
};

/* ---- writing ---- */

typedef bool (*archive_sink)(
    const void *bytes, size_t length, void *user, GError **error);

typedef struct archive_writer archive_writer;
/* The tar's bytes go to SINK at once, member by member. */
archive_writer *archive_writer_new(archive_sink sink, void *user);
/* Adds a member with its whole content; when this returns its last byte has
 * gone to the sink.  The sink's error, or DATA: tar can't hold it. */
bool archive_writer_add(archive_writer *w, const struct archive_member *member,
    const void *bytes, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Writes the end-of-archive blocks. */
bool archive_writer_end(
    archive_writer *w, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void archive_writer_free(archive_writer *w);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(archive_writer, archive_writer_free)

/* ---- reading ---- */

struct archive_limits { /* 0: none */
	uint64_t members;
	uint64_t member_bytes;
	uint64_t total_bytes; /* of all members' contents */
};

typedef struct archive_reader archive_reader;
/*
 * Reads LENGTH bytes from OFFSET of the open file FD, borrowed; LENGTH 0: up
 * to its end.  NAME stands in errors.  DATA: not an archive.
 */
archive_reader *archive_open(int fd, uint64_t offset, uint64_t length,
    const char *name, const struct archive_limits *limits,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The same for one pressed file that is no archive, a rotated log: it is the
 * only member.  What is not pressed comes as it is. */
archive_reader *archive_open_lone(int fd, const char *name,
    const struct archive_limits *limits,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The next member, borrowed until the next call; *member is NULL at the end.
 * DATA: damaged, or over a limit. */
bool archive_next(archive_reader *r, const struct archive_member **member,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The next bytes of this member's content; *length 0 at its end. */
bool archive_read_bytes(archive_reader *r, const void **bytes, size_t *length,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
void archive_close(archive_reader *r);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(archive_reader, archive_close)

#endif
