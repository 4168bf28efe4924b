/*
 * What the copy has of one repository: its packs' indexes and the names of its
 * loose objects, kept in a scratch folder as long as the run lasts.
 *
 *     <scratch>/have/<id>/  pack-X.idx ...  loose: 20 bytes a name
 */
#ifndef GONOGO_BACKUP_HOME_HAVE_H
#define GONOGO_BACKUP_HOME_HAVE_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { OID_BYTES = 20, OID_HEX = 40 };

struct oid {
	unsigned char bytes[OID_BYTES];
};

/* Reads 40 lower-case hex digits, whatever stands behind them. */
bool oid_parse(const char *hex, struct oid *oid);
/* Writes 40 hex digits and a NUL. */
void oid_hex(const struct oid *oid, char hex[OID_HEX + 1]);

typedef struct have have;

/* Maps what is in FOLDER; a folder that is not there has nothing.  SYSTEM.
 * DATA: an index of a form that we do not know. */
have *have_open(const char *folder, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void have_close(have *h);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(have, have_close)
bool have_object(const have *h, const struct oid *oid);

/* Adds the names of loose objects to FOLDER, which is made.  SYSTEM. */
bool have_add_loose(const char *folder, const struct oid *oids, size_t length,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Puts a file NAME there in place of another; for the run alone, so it is not
 * made durable.  SYSTEM. */
bool have_keep(const char *folder, const char *name, const void *bytes,
    size_t length, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
