/*
 * Installed apps and the update check: docs/sources.md#upm
 *
 * The check answers 200 with five empty lists when it could reach nobody, so
 * silence about an app never means that it fits.
 */
#ifndef GONOGO_AUDIT_COLLECT_READ_APPS_H
#define GONOGO_AUDIT_COLLECT_READ_APPS_H

#include "audit/collect/row.h"

extern const struct row apps_rows[]; /* ended by {0} */

/*
 * Gives the path of the compatibility answer for TARGET out of the list of
 * product updates: its build number is the Marketplace's own and is never
 * computed.  DATA: TARGET is not listed, or its link leads elsewhere.
 */
char *apps_compatibility_path(const json *updates, const char *target,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* After all readings: does the check cover every user-installed app? */
void apps_hold_together(struct facts *f);

#endif
