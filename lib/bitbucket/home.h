/*
 * The shared home on disk: what is where, what is worth saving.
 * docs/sources.md#home
 */
#ifndef GONOGO_BITBUCKET_HOME_H
#define GONOGO_BITBUCKET_HOME_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define HOME_REPOSITORIES "data/repositories"
#define HOME_PROPERTIES "bitbucket.properties"
#define HOME_APPS "plugins/installed-plugins"

/* Is the folder PATH a shared home?  USAGE: what is missing, with a hint. */
bool home_check(const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Is PATH (from the shared home, no slash in front) left out of a backup:
 * caches, logs, temporary and lock files, the bundled search index, exports,
 * H2 files?
 */
bool home_is_left_out(const char *path, bool is_folder);

/* Is PATH inside a repository, of a shared home or of a Mesh node's?  Then *id
 * is its number and *rest what is behind "data/repositories/<id>/" or
 * "store/data/<partition>/<hierarchy>/repos/<id>/" (borrowed; "" for the
 * folder itself). */
bool home_in_repository(const char *path, uint64_t *id, const char **rest);

/* What Bitbucket itself writes into a repository: the product's hierarchy. */
struct repository_config {
	char *hierarchy, *project, *slug;
};
/* Reads the text of a `repository-config`; members stay NULL if missing. */
void repository_config_read(const char *text, struct repository_config *c);
void repository_config_clear(struct repository_config *c);

#endif
