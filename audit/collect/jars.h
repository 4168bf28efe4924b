/*
 * The jars of user-installed apps: whose they are and their SHA-256.
 */
#ifndef GONOGO_AUDIT_COLLECT_JARS_H
#define GONOGO_AUDIT_COLLECT_JARS_H

#include "base/json.h"

/*
 * Gives [{file, size_bytes, sha256, key, version}] of the jars in FOLDER, by
 * name; key and version are absent where the jar does not tell, and without a
 * folder the list is empty.  SYSTEM: cannot read the folder or a jar.
 */
json *jars_look(const char *folder, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
