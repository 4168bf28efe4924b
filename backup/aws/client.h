/*
 * What is asked of AWS Backup, over one signed connection.
 *
 *     StartBackupJob                    PUT /backup-jobs
 *     DescribeBackupJob                 GET /backup-jobs/<id>
 *     ListRecoveryPointsByBackupVault   GET /backup-vaults/<v>/recovery-points/
 *
 * The list, not DescribeRecoveryPoint: an ARN in a path has to be signed in
 * another form than it is sent in, which not every libcurl does.
 * docs/sources.md#aws-backup
 */
#ifndef GONOGO_BACKUP_AWS_CLIENT_H
#define GONOGO_BACKUP_AWS_CLIENT_H

#include "contract/settings.h"
#include "contract/shape.h"

typedef struct aws aws;

/* USAGE: no region, no credentials, or an endpoint that is none. */
aws *aws_open(
    const struct settings *s, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void aws_close(aws *a);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(aws, aws_close)
const char *aws_url(const aws *a);

/*
 * The three ask again while AWS wants it slower or is in trouble.  REMOTE:
 * refused, with AWS's own words and a hint where a right is missing; or the
 * reply is not what it should be.  STOPPED.
 */

/* Starts a backup of the resource ARN; TOKEN makes a second asking harmless.
 * *job is given: its id. */
bool aws_start(aws *a, const char *arn, const char *token, char **job,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

typedef struct aws_job aws_job;
struct aws_job {
	char *state;                     /* "RUNNING", "COMPLETED" ... */
	char *message, *percent, *point; /* NULL: not said; point: its ARN */
};
void aws_job_clear(struct aws_job *j);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(aws_job, aws_job_clear)

/* Reads what the job ID is doing into the empty *job. */
bool aws_look(aws *a, const char *id, struct aws_job *job,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

typedef struct aws_point aws_point;
struct aws_point {
	char *arn, *vault, *resource, *status; /* NULL: not said */
	struct number created_at, completed_at, bytes;
	struct flag encrypted;
};
void aws_point_clear(struct aws_point *p);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(aws_point, aws_point_clear)

/* Finds the recovery point POINT of the resource ARN in the vault; *found
 * says whether it is listed there. */
bool aws_find(aws *a, const char *arn, const char *point,
    struct aws_point *into, bool *found,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
