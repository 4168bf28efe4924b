/*
 * The site's own command that tells of its backup, [adopt] prove.  It runs
 * without a shell, in a process group of its own, without our passwords, and
 * finds in its environment what is known of:
 *
 *     GONOGO_HOOK       prove
 *     GONOGO_CLUSTER    the cluster's name
 *     GONOGO_HOME       the shared home
 *     GONOGO_DATABASE   the database's URL, without a password
 *
 * It prints one gonogo.assertion/1 and exits with 0.
 */
#ifndef GONOGO_BACKUP_ASSERTED_PROVE_H
#define GONOGO_BACKUP_ASSERTED_PROVE_H

#include "contract/assertion.h"
#include "contract/settings.h"

/* Runs it and reads what it says into the empty *a.  SYSTEM: its exit is not
 * 0, or its time is up.  DATA: what it printed is no such document, or has
 * members that nobody knows. */
bool prove_ask(const struct settings *s, struct assertion *a,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
