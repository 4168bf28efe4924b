/* What is laid where, when a physical copy comes back. */
#ifndef GONOGO_BACKUP_PHYSICAL_LAYING_H
#define GONOGO_BACKUP_PHYSICAL_LAYING_H

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

#endif
