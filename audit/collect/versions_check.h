/* Is a version pack whole, so that questions to it can't go wrong? */
#ifndef GONOGO_AUDIT_COLLECT_VERSIONS_CHECK_H
#define GONOGO_AUDIT_COLLECT_VERSIONS_CHECK_H

#include "base/json.h"

/*
 * DATA: not of schema gonogo.versions/1, or a version, a date, an id or a
 * condition in it that can't be read.
 */
bool versions_check(const json *root, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
