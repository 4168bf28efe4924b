/* The cluster and its nodes, as Bitbucket tells: docs/sources.md#rest */
#ifndef GONOGO_AUDIT_COLLECT_READ_CLUSTER_H
#define GONOGO_AUDIT_COLLECT_READ_CLUSTER_H

#include "audit/collect/row.h"

extern const struct row cluster_rows[]; /* ended by {0} */

/*
 * Gives the version of an application-properties answer.  DATA: it is not
 * Bitbucket's.
 */
bool read_version(const json *body, char **version, char **build,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
