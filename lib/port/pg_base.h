/*
 * The messages of a base backup, as PostgreSQL 15 and later send them in one
 * COPY: archives one after the other, the manifest last.
 *
 *     'n' name\0 folder\0   an archive begins: "base.tar", "" or
 *                           "16384.tar", "/the/tablespace"
 *     'm'                   the manifest begins
 *     'd' bytes             of what was begun last
 *     'p' 8 bytes           how far the server is, highest byte first
 *
 * What a server sends is judged here, and has limits; nothing is asked.
 */
#ifndef GONOGO_PORT_PG_BASE_H
#define GONOGO_PORT_PG_BASE_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Who takes it; each may end it by returning false with *error set. */
struct pg_base_takers {
	/* FOLDER: of a tablespace; "": the data folder itself. */
	bool (*archive)(
	    const char *name, const char *folder, void *user, GError **error);
	bool (*bytes)(
	    const void *bytes, size_t length, void *user, GError **error);
	bool (*manifest)(
	    const void *bytes, size_t length, void *user, GError **error);
};

typedef struct pg_base pg_base;
pg_base *pg_base_new(const struct pg_base_takers *takers, void *user);
void pg_base_free(pg_base *b);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(pg_base, pg_base_free)

/* The next message.  REMOTE: no server may say that here; a taker's error. */
bool pg_base_take(pg_base *b, const void *message, size_t length,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Was that all of it: base.tar, whole archives, a manifest?  REMOTE. */
bool pg_base_end(pg_base *b, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Bytes that the server says it has read so far. */
uint64_t pg_base_progress(const pg_base *b);

#endif
