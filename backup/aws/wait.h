/*
 * Backup jobs of AWS that run at the same time, from their start to the
 * recovery points that they left.
 */
#ifndef GONOGO_BACKUP_AWS_WAIT_H
#define GONOGO_BACKUP_AWS_WAIT_H

#include "backup/aws/client.h"
#include "contract/assertion.h"

struct aws_round {
	aws *aws;
	enum asserted_part part;
	char **resources; /* ARNs */
	const char *vault, *region;
	double deadline; /* on clock_monotonic() */
	int64_t began;   /* the clock, when all of it began */
};

/*
 * Starts a job for each resource, waits for all, and adds a point of each to
 * *A.  REMOTE: which one failed, and how; the time was up; a point is not what
 * was asked for.
 */
bool aws_round(const struct aws_round *r, struct assertion *a,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
