/*
 * What the parts of a drill share.
 */
#ifndef GONOGO_BACKUP_DRILL_CASE_H
#define GONOGO_BACKUP_DRILL_CASE_H

#include "backup/store/manifest.h"
#include "backup/store/set.h"
#include "backup/verify/flaws.h"
#include "backup/verify/sample.h"
#include "contract/evidence.h"
#include "contract/proof.h"

struct drill {
	const struct set *set;
	const struct manifest *manifest;
	const struct evidence *how; /* what the backup saw */
	const char *home;           /* restored; NULL: the set has none, or
				       it did not come back */
	struct sample sample;       /* of repositories, for git; {0}: all */
	unsigned jobs;
	struct flaws flaws;
	GMutex mutex; /* for what follows */
	struct proof proof;
};

/* Gives "42 (DEMO/alpha)", as the records of a set name a repository. */
char *drill_title(const char *id, const char *project, const char *slug);

/* Is TITLE in the list of an evidence (may be NULL)? */
bool drill_is_known(const GPtrArray *titles, const char *title);

/* Gives the repository's folder in the restored home. */
char *drill_repository(const struct drill *d, const char *id);

#endif
