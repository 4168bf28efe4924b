/*
 * People's signatures: SSHSIG, made and verified by `ssh-keygen -Y` as a child,
 * so that keys in an agent or on a token work, too.
 *
 * A file of allowed signers (ssh-keygen(1)) says which key is whose; a file of
 * revoked keys says whose no longer.  An entry whose name is a pattern names
 * nobody, and is refused.
 */
#ifndef GONOGO_PORT_SSHSIG_H
#define GONOGO_PORT_SSHSIG_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Gives the signature of TEXT in NAMESPACE by the private key at KEY, or by an
 * agent that has the private half of the public one there.  SYSTEM.
 */
char *sshsig_sign(const char *key, const char *namespace, const char *text,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

struct sshsig_trust {
	const char *signers; /* file of allowed signers */
	const char *revoked; /* file of revoked keys; NULL: none is */
};

struct sshsig_person {
	char *name; /* as the allowed signers say */
	char *key;  /* "SHA256:..." */
};
void sshsig_person_clear(struct sshsig_person *p);

/*
 * Who signed TEXT, in NAMESPACE, with the signature in the file SIGNATURE?
 * *p is empty and gets the person, whose key was allowed at the time AT.
 * DATA: nobody of the allowed signers.  SYSTEM: ssh-keygen could not be run.
 */
bool sshsig_verify(const struct sshsig_trust *trust, const char *namespace,
    const char *text, const char *signature, int64_t at,
    struct sshsig_person *p, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
