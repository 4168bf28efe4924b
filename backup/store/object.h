/*
 * Objects: whole files under the SHA-256 of their plain bytes.
 *
 *     bytes --> tmp/<run>/objects/N --settle: syncfs, rename--> objects/ab/...
 *
 * So whatever lies in objects/ is whole and durable, also after a crash.  Two
 * files of the same bytes are one object.
 */
#ifndef GONOGO_BACKUP_STORE_OBJECT_H
#define GONOGO_BACKUP_STORE_OBJECT_H

#include <stddef.h>

#include "backup/store/parent.h"

enum object_form {
	OBJECT_PROBE,    /* compressed if its first 64 KiB compress well */
	OBJECT_VERBATIM, /* never: git packs */
	OBJECT_PRESSED,  /* always: sparse files, text */
	OBJECT_STREAM,   /* the same by threads of its own, for one fast stream
			  */
};

/*
 * How an object lies in the store, by its suffix:
 *
 *     ""      its plain bytes
 *     ".zst"  one zstd frame or more
 *     ".pfd"  how it differs from another object, its base, which lies there
 *             with the suffix "": `zstd -d --long=31 --patch-from=BASE`
 */
struct object {
	char sha256[HASH_HEX + 1];        /* of the plain bytes: its name */
	char stored_sha256[HASH_HEX + 1]; /* of what lies in the store */
	const char *suffix;               /* "", ".zst" or ".pfd" */
	char base[HASH_HEX + 1];          /* of a ".pfd"; else "" */
	uint64_t bytes, stored_bytes;
};

/* The objects of one run.  Every function here may be called by any thread. */
typedef struct objects objects;

/* FOLDER is the run's own in tmp/; it is made. */
objects *objects_new(
    store *s, const char *folder, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void objects_free(objects *o);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(objects, objects_free)

/* What the set before has may be used again; borrowed. */
void objects_rest_on(objects *o, const parent *before);
/* From now on what is in the store is read before it is used again. */
void objects_distrust(objects *o);
/* Uses what the set before says of E, if it is still there: with its base, and
 * each as long as it was.  False: it is not. */
bool objects_reuse(objects *o, const struct entry *e);
/* Are all that are used there, and as long as they were?  DATA. */
bool objects_check(objects *o, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Adds all that is left to read of FD, known to people as NAME.  SYSTEM. */
bool objects_add_fd(objects *o, int fd, const char *name, enum object_form form,
    struct object *out, GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool objects_add_bytes(objects *o, const void *bytes, size_t length,
    enum object_form form, struct object *out,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* An object that comes piece by piece. */
typedef struct object_draft object_draft;
object_draft *object_begin(objects *o, enum object_form form,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/*
 * It may be told by its difference from the object BASE, which lies in the
 * store as it is: if that is less than 60 % of it, and both fit the budget.
 */
void object_resembles(object_draft *d, const char *base);
bool object_write(object_draft *d, const void *bytes, size_t length,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Gives the SHA-256 of what was written so far, in hex. */
char *object_sum_so_far(const object_draft *d);
/* *d is used up, also when it fails. */
bool object_end(object_draft *d, struct object *out,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
void object_abandon(object_draft *d);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(object_draft, object_abandon)

/* Have all their final names? */
bool objects_are_settled(objects *o);
/* Makes durable what was written to the store so far, and gives the objects
 * their final names.  SYSTEM. */
bool objects_settle(objects *o, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Gives struct object of each object that the run uses, by name. */
GArray *objects_used(objects *o);
/* Bytes that this run has added to the store. */
uint64_t objects_added(objects *o);

/* Gives "objects/ab/<sha256><suffix>", a path in the store. */
char *object_path(const char *sha256, const char *suffix);

/* ---- reading ---- */

/* All that is needed to find an object's plain bytes; borrowed. */
struct object_source {
	const char *sha256, *suffix;
	const char *base; /* of a ".pfd"; else NULL or "" */
	uint64_t bytes;   /* plain ones */
};

typedef bool (*object_sink)(
    const void *bytes, size_t length, void *user, GError **error);

/*
 * Passes the plain bytes of an object to SINK, in their order, whatever form it
 * lies in; in the end they were as many as they should be, and those of its
 * name.  DATA: they are not; SYSTEM; the sink's error.  Any thread.
 */
bool object_pour(const store *s, const struct object_source *from,
    object_sink sink, void *user, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
