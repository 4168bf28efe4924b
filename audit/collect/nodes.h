/*
 * Which answer is which node's.  A node's name is its identity: ids do not
 * survive a restart, and an inventory may know it by its URL alone.
 *
 *     settings: bb-1=http://10.0.0.11:7990 --+
 *     localNode of admin/cluster there ------+--> struct node
 *     lists of admin/cluster, /rest/zdu -----+
 */
#ifndef GONOGO_AUDIT_COLLECT_NODES_H
#define GONOGO_AUDIT_COLLECT_NODES_H

#include "contract/facts.h"

/* Gives what stands for a node that has no name yet: "10.0.0.11:7990". */
char *nodes_host(const char *url);

/* Gives the name and the URL of NAME=URL in the settings; the name may be
 * missing there, and what stands for it is given. */
void nodes_pair(const char *text, char **name, char **url);

/* The node whose URL was asked as SUBJECT; NULL: none.  Borrowed. */
struct node *nodes_asked(const struct facts *f, const char *subject);

/*
 * NAME is what the machine behind NODE's URL calls itself.  A node without a
 * name of its own gets it.  DATA: the URL leads to another node of the list.
 */
bool nodes_identify(struct facts *f, struct node *node, const char *name,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The node that a list of the cluster calls NAME, at host ADDRESS (may be
 * NULL); added when the inventory lacks it.  Borrowed. */
struct node *nodes_listed(
    struct facts *f, const char *name, const char *address);

/* DATA: what answers at NODE's URL is known to be another node. */
bool nodes_trust(const struct facts *f, const struct node *node,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
