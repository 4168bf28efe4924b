/* What the administrator says: the settings without secrets, as a raw reply. */
#ifndef GONOGO_AUDIT_COLLECT_READ_SETTINGS_H
#define GONOGO_AUDIT_COLLECT_READ_SETTINGS_H

#include "audit/collect/row.h"
#include "contract/settings.h"

/* Gives what is kept of S; read back by the row "settings". */
json *settings_kept(const struct settings *s);

extern const struct row settings_rows[]; /* ended by {0} */

#endif
