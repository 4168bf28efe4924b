/*
 * What has to be so before a whole server is copied as files.
 */
#ifndef GONOGO_BACKUP_PHYSICAL_CLUSTER_H
#define GONOGO_BACKUP_PHYSICAL_CLUSTER_H

#include "backup/db/login.h"

struct cluster {
	GPtrArray *databases; /* char *: all but templates */
	uint64_t bytes;       /* of those whose size we may know */
};
typedef struct cluster cluster;
void cluster_clear(struct cluster *c);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(cluster, cluster_clear)

/*
 * Looks at the server by DB, a connection to Bitbucket's database, and by one
 * for replication.  WHOLE: other databases may be on it, too.  USAGE: it is a
 * standby; it holds other databases, by name.  REMOTE: older than 15; the role
 * may not.
 */
bool cluster_check(const struct db_login *l, pg *db, bool whole,
    struct cluster *c, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
