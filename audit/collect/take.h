/*
 * Members of an answer into facts.  take_*: absent and null stay unknown;
 * must_*: they are errors, and so is "".  Another kind is always an error, for
 * then nobody knows what else the answer means.  DATA, with the path.
 */
#ifndef GONOGO_AUDIT_COLLECT_TAKE_H
#define GONOGO_AUDIT_COLLECT_TAKE_H

#include "contract/shape.h"

bool take_string(const json *value, const char *path, char **out,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool take_number(const json *value, const char *path, struct number *out,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool take_flag(const json *value, const char *path, struct flag *out,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* A time: milliseconds since 1970 as a number, or RFC 3339. */
bool take_time(const json *value, const char *path, struct number *out,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

bool must_string(const json *value, const char *path, char **out,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool must_number(const json *value, const char *path, struct number *out,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool must_flag(const json *value, const char *path, struct flag *out,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
