/*
 * A look at a node that was taken there: by `audit node` as a document, or by
 * its shell script as a tar.  [NAME=]FILE brings it into a bundle.
 */
#ifndef GONOGO_AUDIT_COLLECT_NODE_FILE_H
#define GONOGO_AUDIT_COLLECT_NODE_FILE_H

#include "audit/collect/node_pieces.h"

struct node_file {
	char *name;    /* the node's, as its machine calls itself */
	int64_t at;    /* when it was looked at, by its own clock */
	json *machine; /* the body of "node.machine" */
};

typedef struct node_file node_file;
void node_file_clear(struct node_file *f);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(node_file, node_file_clear)

/* Fills the empty *OUT of PIECES.  DATA: one is not what it should be. */
bool node_file_of(GHashTable *pieces, struct node_file *out,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Fills the empty *OUT of the file PATH.  DATA: neither, or half of one.
 * SYSTEM: cannot read. */
bool node_file_read(const char *path, struct node_file *out,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Gives it as the document gonogo.node/1. */
json *node_file_write(const struct node_file *f);

#endif
