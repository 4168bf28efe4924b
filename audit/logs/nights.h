/*
 * What earlier runs found, to hold a new one against it.
 *
 *     FOLDER/nights/2026-11-30.json   each day's last run, for a fortnight
 *     FOLDER/starts.json              errors of all start-ups seen
 *
 * Compared is with the newest run that is three days old: so an error is new
 * for three days, and not for one night that nobody looked at.
 */
#ifndef GONOGO_AUDIT_LOGS_NIGHTS_H
#define GONOGO_AUDIT_LOGS_NIGHTS_H

#include "contract/logs.h"

struct nights {
	struct logs baseline, starts;
	char *sha256; /* of the baseline; NULL: there is none */
};

typedef struct nights nights;
void nights_clear(struct nights *n);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(nights, nights_clear)

/* Fills the empty *N as of NOW; what is not there yet stays empty. */
bool nights_read(const char *folder, int64_t now, struct nights *n,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Keeps of L, which was read NOW, what a later run is held against, and adds
 * its start-ups to those of *N; what is too old goes. */
bool nights_keep(const char *folder, int64_t now, const struct logs *l,
    struct nights *n, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Reads the document PATH and gives its hash in *SHA256. */
bool nights_load(const char *path, struct logs *out, char **sha256,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
