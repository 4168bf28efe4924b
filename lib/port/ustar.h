/*
 * A plain tar archive that comes in pieces of any length, as a PostgreSQL
 * server sends one: ustar headers without extensions.
 *
 *     header --member--> content .. padding .. header .. two empty blocks
 *
 * libarchive asks for its input and keeps to itself where a member's content
 * begins in it; here the input is pushed, and that place is what matters.
 * Whoever sends it is not believed: names and sizes are judged here, but where
 * a name may lead is judged by who makes files of it.
 */
#ifndef GONOGO_PORT_USTAR_H
#define GONOGO_PORT_USTAR_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum ustar_kind { USTAR_FILE, USTAR_FOLDER, USTAR_LINK };

struct ustar_member {
	const char *name;   /* without "./" before and "/" behind; "" is the
			       archive's own folder */
	const char *target; /* of a LINK; else "" */
	enum ustar_kind kind;
	mode_t mode; /* permission bits */
	uid_t uid;
	gid_t gid;
	uint64_t bytes; /* 0 unless FILE */
	int64_t mtime;
};

/* Who takes it; each may end it by returning false with *error set. */
struct ustar_takers {
	bool (*member)(
	    const struct ustar_member *m, void *user, GError **error);
	/* Of the last member. */
	bool (*content)(
	    const void *bytes, size_t length, void *user, GError **error);
	/* All of that member came; also of one without content. */
	bool (*end)(void *user, GError **error);
	/* What lies between contents; NULL: nobody wants it. */
	bool (*between)(
	    const void *bytes, size_t length, void *user, GError **error);
};

typedef struct ustar ustar;
ustar *ustar_new(const struct ustar_takers *takers, void *user);
void ustar_free(ustar *u);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ustar, ustar_free)

/* The next piece.  DATA: no such archive; a taker's error. */
bool ustar_add(ustar *u, const void *bytes, size_t length,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Bytes of the last member that are still to come. */
uint64_t ustar_left(const ustar *u);
/* All that is left of the last member is to be had elsewhere: the next piece
 * is what comes behind it. */
bool ustar_pass(ustar *u, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Was that all of it?  DATA. */
bool ustar_end(const ustar *u, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
