/*
 * Product versions: "9.4.22".  Numeric, not textual order: 8.10 > 8.9.
 */
#ifndef GONOGO_BITBUCKET_VERSION_H
#define GONOGO_BITBUCKET_VERSION_H

#include <glib.h>
#include <stdbool.h>

struct version {
	unsigned major, minor, bugfix;
};

/* Reads "9.4.22" or "9.4"; anything behind it (-m1, -rc2) is DATA. */
bool version_parse(const char *text, struct version *v,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Below 0, 0, above 0. */
int version_compare(const struct version *a, const struct version *b);
/* Same major and minor. */
bool version_same_line(const struct version *a, const struct version *b);

#endif
