/*
 * SHA-256, by the processor's own instructions where it has them; SHA-1 where
 * git's own files are checked against the sums in them.
 */
#ifndef GONOGO_BASE_HASH_H
#define GONOGO_BASE_HASH_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

enum { HASH_BYTES = 32, HASH_HEX = 64, HASH_SHA1_BYTES = 20 };

typedef struct hash hash; /* bytes on their way to a digest */

hash *hash_new(void);
hash *hash_new_sha1(void); /* hash_end() then gives HASH_SHA1_BYTES */
void hash_add(hash *h, const void *bytes, size_t length);
/* The digest of all added bytes; H is empty again afterwards. */
void hash_end(hash *h, unsigned char digest[HASH_BYTES]);
/* Gives the digest in lower-case hex; H is empty again afterwards. */
char *hash_end_hex(hash *h);
/* Gives the digest of what was added so far in hex; H goes on. */
char *hash_so_far_hex(const hash *h);
void hash_free(hash *h);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(hash, hash_free)

/* Gives the hex digest of LENGTH bytes. */
char *hash_hex(const void *bytes, size_t length);

/* Gives the hex digest of all that is left to read of FD.  SYSTEM. */
char *hash_fd(int fd, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Is TEXT 64 lower-case hex digits? */
bool hash_is_hex(const char *text);

#endif
