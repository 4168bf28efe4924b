/*
 * `backup_manifest`: PostgreSQL's own list of the files of a base backup, with
 * their lengths and SHA-256 sums, and the WAL that they need.
 */
#ifndef GONOGO_BACKUP_PHYSICAL_OWN_MANIFEST_H
#define GONOGO_BACKUP_PHYSICAL_OWN_MANIFEST_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct own_manifest own_manifest;
struct own_manifest {
	GHashTable *files; /* path -> struct own_file * */
	uint64_t first_lsn, last_lsn;
	unsigned timeline;
};

struct own_file {
	char *path;
	uint64_t bytes;
	char *sha256;
};

/* DATA: it is none, or not as the sum at its end says. */
own_manifest *own_manifest_read(
    const char *text, size_t length, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void own_manifest_free(own_manifest *m);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(own_manifest, own_manifest_free)

/*
 * Are FILES (path -> struct cut_file) those that it names, each as it says?
 * DATA: the first that is not.
 */
bool own_manifest_agrees(const own_manifest *m, GHashTable *files,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
