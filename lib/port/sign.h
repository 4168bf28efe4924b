/*
 * Ed25519 by libcrypto: PEM keys, signatures of bytes.
 */
#ifndef GONOGO_PORT_SIGN_H
#define GONOGO_PORT_SIGN_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

enum { SIGN_BYTES = 64 };

typedef struct sign_key sign_key; /* a public key, maybe with its private one */

/*
 * Makes a new key: PATH gets the private one (PEM, 0600), PATH.pub the public
 * one (0644).  Neither may be there: USAGE.
 */
bool sign_make(const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Reads a PEM key.  USAGE: a private key that others may read. */
sign_key *sign_read_private(
    const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
sign_key *sign_read_public(
    const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void sign_key_free(sign_key *key);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(sign_key, sign_key_free)

/* Gives the SHA-256 of the public key's SPKI DER form, hex. */
char *sign_key_id(const sign_key *key);
/* Gives the public key as PEM. */
char *sign_key_pem(const sign_key *key);

bool sign_bytes(const sign_key *key, const void *bytes, size_t length,
    unsigned char signature[SIGN_BYTES],
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* False without an error set: the signature is not of these bytes and key. */
bool sign_matches(const sign_key *key, const void *bytes, size_t length,
    const unsigned char *signature, size_t signature_length);

#endif
