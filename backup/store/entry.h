/*
 * What a set says of one saved thing: a line of its manifest.
 *
 *     file -- small: its content is in a frame of a segment
 *          -- big:   its content is an object; the frame has an empty member
 *     folder, link, hard link (of an earlier file of the same group)
 */
#ifndef GONOGO_BACKUP_STORE_ENTRY_H
#define GONOGO_BACKUP_STORE_ENTRY_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/hash.h"
#include "port/archive.h"

enum entry_kind { ENTRY_FILE, ENTRY_FOLDER, ENTRY_LINK, ENTRY_HARD_LINK };

struct entry {
	char *path;   /* bytes; from the home, or absolute for `also` files */
	char *target; /* LINK, HARD_LINK */
	enum entry_kind kind;
	mode_t mode; /* permission bits */
	uid_t uid;
	gid_t gid;
	uint64_t bytes; /* of the content; 0 unless FILE */
	int64_t mtime_ns, ctime_ns;
	uint64_t inode, device;    /* with the times: was it touched since? */
	char sha256[HASH_HEX + 1]; /* FILE: of its content */
	const char *suffix; /* of its object (store/object.h); NULL: small */
	char base[HASH_HEX + 1]; /* of a ".pfd" object; else "" */
	uint64_t stored_bytes;   /* of its object */
	unsigned frame;          /* of its group, from 0 */
	GBytes *xattrs;          /* port/fs.h; NULL: none */
};

typedef struct entry entry;
void entry_clear(struct entry *e);
void entry_free(struct entry *e);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(entry, entry_clear)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(entry, entry_free)
struct entry *entry_copy(const struct entry *e);

/* Fills what STATUS knows; kind, path and content are the caller's. */
void entry_stat(struct entry *e, const struct stat *status);

/* The tar member that stands for it.  Borrows. */
void entry_member(const struct entry *e, struct archive_member *member);

/* Adds its line of JSON, with a newline: keys sorted, one text for one entry.*/
void entry_write(const struct entry *e, GString *out);
/* Reads a line into the empty *e.  DATA with NAME. */
bool entry_read(struct entry *e, const char *line, size_t length,
    const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* A compact form for a process's own scratch files. */
void entry_pack(const struct entry *e, GByteArray *out);
/* Unpacks the next one from *at on; false at the end. */
bool entry_unpack(struct entry *e, const GByteArray *in, size_t *at);

/*
 * Gives PATH in letters that a shell's printf %b turns back: `\0ooo` for each
 * byte that is not plain.
 */
char *entry_escape(const char *path);

#endif
