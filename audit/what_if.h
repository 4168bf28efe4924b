/*
 * What the verdict would be after an act of ours on the apps:
 *
 *     disable=KEY,update=KEY:VERSION --facts as they would be--> verdict
 */
#ifndef GONOGO_AUDIT_WHAT_IF_H
#define GONOGO_AUDIT_WHAT_IF_H

#include "contract/facts.h"

/*
 * Changes F as the acts in TEXT would.  An update makes an app that the check
 * wants updated before the upgrade a compatible one; of others nobody can say.
 * USAGE: an act that is none, an app that is not installed.
 */
bool what_if(const char *text, struct facts *f,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
