/*
 * Mode aws-backup: AWS Backup makes the copy, and tells of it.
 *
 *     database's jobs .. all COMPLETED .. the home's jobs .. all COMPLETED ..
 *     each recovery point looked at .. an asserted set
 *
 * One after the other, so that by AWS's own times the files are not older than
 * the database.  Nothing is recorded unless every job and every point is what
 * it was meant to be; jobs that were started run on without us.
 */
#ifndef GONOGO_BACKUP_AWS_BACKUP_H
#define GONOGO_BACKUP_AWS_BACKUP_H

#include "backup/job.h"

/* REMOTE: a job failed, or its point is not what was asked for.  BUSY. */
bool aws_backup(struct job *j, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* `create --plan` of it: prints what would be started. */
int aws_plan(const struct settings *s, GError **error);

/* For `doctor`; ended by {0}. */
extern const struct preflight_check aws_checks[];

#endif
