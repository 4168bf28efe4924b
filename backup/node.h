/*
 * The nodes of the settings' cluster, as the backup speaks to them: one of
 * them for all it asks, past the load balancer, so that it sees one task.
 */
#ifndef GONOGO_BACKUP_NODE_H
#define GONOGO_BACKUP_NODE_H

#include "contract/settings.h"
#include "port/http.h"

/* Gives the nodes' URLs and then the cluster's own, ended by NULL. */
char **node_urls(const struct settings *s);

/* Is URL one of them? */
bool node_is_known(const struct settings *s, const char *url);

/*
 * Gives the password of [cluster] user.  USAGE: no user or no password, with
 * what to set.
 */
secret *node_password(
    const struct settings *s, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Opens URL with the cluster's login; PASSWORD is borrowed.  http_open(). */
http *node_open(const struct settings *s, const char *url,
    const secret *password, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Gives the first node that answers `GET /status`, *url (given) being its own.
 * REMOTE: none does; the text is the last one's.
 */
http *node_find(const struct settings *s, const secret *password, char **url,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
