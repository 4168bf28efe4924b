/*
 * The stored files that a set uses, as its SHA256SUMS lists them, and what its
 * other lists and the disk say of each.
 *
 *     SHA256SUMS --> path, sha256
 *     the disk   --> is it there, how long
 *     manifest, FILES.tsv --> how long it should be, and how long when plain
 */
#ifndef GONOGO_BACKUP_VERIFY_STORED_H
#define GONOGO_BACKUP_VERIFY_STORED_H

#include "backup/store/sums.h"
#include "backup/verify/flaws.h"
#include "base/hash.h"

struct stored {
	const char *path, *sha256; /* of SHA256SUMS */
	uint64_t bytes, inode;     /* on the disk, when it is there */
	bool there;
	bool sound;   /* so far: nothing was found wrong with it */
	bool read;    /* its bytes are to be read back */
	bool sized;   /* a list says how long it is */
	bool seen;    /* its bytes were read, or are about to be */
	GError *harm; /* what reading them has told; NULL: nothing */
	/* What the lists say; name and base are "" of what is no object. */
	bool listed;
	char name[HASH_HEX + 1], base[HASH_HEX + 1];
	const char *suffix;
	uint64_t plain_bytes;
};

typedef struct stored_files stored_files;
struct stored_files {
	struct flaws *flaws;
	int root;
	struct sums sums;
	GMutex mutex;  /* for the lists' part of each */
	GArray *files; /* struct stored, in the order of the sums */
};

/* What a list says of a stored file. */
struct stored_claim {
	const char *path;
	uint64_t bytes; /* G_MAXUINT64: it does not say */
	const char *name, *suffix, *base;
	uint64_t plain_bytes;
	bool read; /* read it back in any case */
};

/* Reads the SHA256SUMS of the set in FOLDER, and looks at each file of it
 * below ROOT, by so many READERS; what is not there is a flaw.  SYSTEM, DATA:
 * no such list; STOPPED. */
bool stored_open(struct stored_files *s, struct flaws *flaws, int root,
    const char *folder, unsigned readers,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
void stored_clear(struct stored_files *s);

/* NULL: the sums do not name PATH. */
struct stored *stored_find(struct stored_files *s, const char *path);

/* Holds what a list says against the sums and the disk; what does not agree is
 * a flaw, once for each file.  Any thread. */
void stored_expect(struct stored_files *s, const struct stored_claim *claim);

/*
 * Do all objects and segments together take TOTAL bytes?  Where they do not,
 * and each is as long as the lists say, those of which no list says it are
 * marked to be read: that names the one.  When all claims were held.
 */
bool stored_adds_up(struct stored_files *s, uint64_t total);

/* Is it one of the set's or the store's records, which are always read? */
bool stored_is_record(const struct stored *one);

#endif
