/*
 * Saves files into a group: reads them in the order of the disk, writes them
 * in the order of their names.
 *
 *     saver_begin --> saver_file, saver_file, saver_add ... --> saver_end
 *
 * An open file is pinned: it is read to its end even if its name vanishes.
 * What can't be read is told and left out; only the store's errors end it.
 */
#ifndef GONOGO_BACKUP_HOME_SAVER_H
#define GONOGO_BACKUP_HOME_SAVER_H

#include "backup/store/group.h"
#include "backup/store/object.h"
#include "base/throttle.h"

enum saver_class {
	SAVER_OBJECTS, /* git's objects: written once, never changed */
	SAVER_MUTABLE, /* read again, up to three times, when it changed */
	SAVER_LOG,     /* only ever added to: what was there when opened */
};

struct saver_hooks { /* each may be NULL */
	/* BYTES: the content of a small file; NULL of a big one. */
	void (*saved)(const struct entry *e, const void *bytes, void *user);
	void (*flawed)(const char *path, const char *why, void *user);
	/* It is saved as it is, but git's own checksum in it is wrong. */
	void (*harmed)(const char *path, void *user);
	void (*vanished)(const char *path, void *user);
	void *user;
};

/* A file to be saved. */
struct saver_file {
	int fd;           /* open for reading; taken */
	const char *path; /* its name in the set */
	enum saver_class class;
	const char *tee;  /* a copy of it goes there, too; or NULL */
	const char *base; /* an object that it may resemble; or NULL */
	bool whole;       /* `saved` gets its bytes even when it is big */
};

typedef struct saver saver;
/* RATE: of reading.  MAX_OPEN: files that it may pin at a time. */
saver *saver_new(objects *o, packer *p, throttle *rate, unsigned max_open);
void saver_free(saver *s);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(saver, saver_free)

/* HOOKS are borrowed until saver_end(). */
void saver_begin(
    saver *s, group *g, enum frame_kind kind, const struct saver_hooks *hooks);
bool saver_file(saver *s, const struct saver_file *file,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Adds a folder or link, which is written behind the files.  Takes *e, which
 * is empty then. */
void saver_add(saver *s, struct entry *e);
/*
 * Adds a file or link whose bytes are known: BYTES of a small file, else NULL.
 * E is borrowed.
 */
bool saver_pass_on(saver *s, const struct entry *e, const void *bytes,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool saver_end(saver *s, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Forgets a sitting that was not ended; the store's files stay sound. */
void saver_abandon(saver *s);

#endif
