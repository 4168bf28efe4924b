/*
 * DSSE: Dead Simple Signing Envelope 1.0, one payload and its signatures.
 *
 *     {"payload": base64, "payloadType": TYPE,
 *      "signatures": [{"keyid": hex, "sig": base64}]}
 *
 * What is signed is the "pre-authentication encoding" of type and payload.
 */
#ifndef GONOGO_PORT_DSSE_H
#define GONOGO_PORT_DSSE_H

#include "base/json.h"
#include "port/sign.h"

#define DSSE_IN_TOTO "application/vnd.in-toto+json"

/* Gives the bytes to sign: "DSSEv1 <len type> <type> <len> <payload>". */
GByteArray *dsse_encode(const char *type, const void *payload, size_t length);

/* Gives the envelope of PAYLOAD, signed by KEY. */
json *dsse_sign(const sign_key *key, const char *type, const char *payload,
    size_t length, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Gives the payload of ENVELOPE, NUL-terminated, when KEY signed it.  DATA:
 * another TYPE, no envelope, base64 that is not canonical, no signature by KEY.
 * A keyid is only a hint and decides nothing, but a signature that names
 * another key than the one that made it is refused.
 */
char *dsse_open(const sign_key *key, const char *type, const json *envelope,
    size_t *length, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
