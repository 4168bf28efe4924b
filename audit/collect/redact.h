/*
 * What must not lie in a bundle is taken out before anything is written:
 * secrets always, users' names and addresses where the row says so.
 */
#ifndef GONOGO_AUDIT_COLLECT_REDACT_H
#define GONOGO_AUDIT_COLLECT_REDACT_H

#include "base/json.h"
#include "base/secret.h"

typedef struct redactor redactor;

/*
 * KEY_FILE: the pseudonym key of the state folder; where it is missing, names
 * are dropped instead.  USAGE: others may read it.
 */
redactor *redactor_new(
    const char *key_file, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void redactor_free(redactor *r);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(redactor, redactor_free)

/* From now on SECRET (may be NULL) reads as <NAME> wherever it turns up. */
void redactor_hide(redactor *r, const char *name, const secret *s);

/* Gives "KIND-1f0a...", equal for equal names; NULL: there is no key. */
char *redactor_pseudonym(const redactor *r, const char *kind, const char *name);

/*
 * Gives BODY, an object or array, without licence texts, passwords, tokens and
 * mail addresses; with PEOPLE users have pseudonyms that are equal for equal
 * names.  NULL: there was nothing to take out.
 */
json *redact_json(const redactor *r, const json *body, bool people);

/* Gives our own TEXT without hidden secrets and mail addresses. */
char *redact_text(const redactor *r, const char *text);

/*
 * Gives what may be kept of a body that nobody can read (HTML, half a JSON):
 * its first part, with every long run of letters and digits taken out.
 */
char *redact_unknown(const redactor *r, const char *text);

#endif
