/*
 * What people signed for a bundle, and who they are.
 *
 *     waivers/W-*.conf  allowed_signers  krl      in the bundle, sealed with it
 *     approvals/A-*.json                          beside the seal
 *
 * Each X has its signatures beside it: X.sig, X.2.sig, X.3.sig ...
 */
#ifndef GONOGO_REPORT_PEOPLE_H
#define GONOGO_REPORT_PEOPLE_H

#include "contract/waiver.h"
#include "port/sshsig.h"

#define PEOPLE_WAIVER "gonogo-waiver"
#define PEOPLE_APPROVAL "gonogo-approval"

/* Each once: somebody with two keys is one, and so is a key with two names. */
struct people {
	GPtrArray *names; /* strings; NULL: nobody yet */
	GHashTable *keys; /* fingerprints; NULL: none */
};
typedef struct people people;
void people_clear(struct people *p);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(people, people_clear)

/*
 * Adds to *who whose signatures of TEXT, the file at PATH, are good at the time
 * AT; FLAWS gets a line for each that is not.  SYSTEM: ssh-keygen could not be
 * run.
 */
bool people_signed(struct people *who, const struct sshsig_trust *trust,
    const char *namespace, const char *path, const char *text, int64_t at,
    GPtrArray *flaws, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Signs the file at PATH with KEY, beside the signatures that are there. */
bool people_sign(const char *path, const char *namespace, const char *key,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Reads the waivers of BUNDLE into the empty *list (struct waiver), by name,
 * with their signers as of AT.  What is no waiver, or signed by nobody, has a
 * flaw and is in the list.  SYSTEM.
 */
bool people_waivers(const char *bundle, int64_t at, GPtrArray **list,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Puts into BUNDLE what it is to be decided by: the waivers of the folder
 * WAIVERS in the place of those that are there, and the files SIGNERS and
 * REVOKED; NULL: what is there stays.  SYSTEM.
 */
bool people_take(const char *bundle, const char *waivers, const char *signers,
    const char *revoked, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Gives the sorted names of FOLDER with PREFIX and SUFFIX; none: not there. */
GPtrArray *people_files(
    const char *folder, const char *prefix, const char *suffix);

#endif
