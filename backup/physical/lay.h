/*
 * A physical copy on its way back: a data folder that PostgreSQL starts on,
 * and that ends its recovery at the point of the set.
 *
 *     parts --> files, folders --> held against backup_manifest --> WAL,
 *     recovery settings --> made durable; then global/pg_control gets its name
 *
 * So no server starts on half of one.  Tablespaces are laid where they are told
 * to, else beside the data folder, in FOLDER.tablespaces: a link to where the
 * old server had them would lead to the old server's files.
 */
#ifndef GONOGO_BACKUP_PHYSICAL_LAY_H
#define GONOGO_BACKUP_PHYSICAL_LAY_H

#include <sys/types.h>

#include "backup/store/set.h"

struct lay { /* all of it borrowed */
	const store *store;
	const struct set *set;
	const char *target; /* a new or empty folder */
	/* "/old=/new", where the folder of a tablespace goes; NULL: none. */
	char **tablespaces;
	bool no_settings; /* none of the old server's postgresql.auto.conf */
	bool owned;       /* all of it gets the owner below; root only */
	uid_t uid;
	gid_t gid;
	unsigned jobs;
};

struct lay_counts {
	uint64_t files, bytes;
};

/* To ask before anything is written: a set of that kind, places that are
 * vacant, room.  USAGE, DATA, SYSTEM. */
bool lay_check(const struct lay *l, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* DATA: an object is harmed, or what came is not what backup_manifest says;
 * SYSTEM, STOPPED. */
bool lay_run(const struct lay *l, struct lay_counts *counts,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
