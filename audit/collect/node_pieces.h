/*
 * One machine, as pieces of text: looked at here, or by templates/node.sh where
 * nobody installs a program.  Both are read in one way, so that they give the
 * same facts.
 *
 *     /proc, uname, git, df --here-----------+
 *     a tar of the script's --tar--> pieces -+--machine--> raw "node.machine"
 *
 * Pieces: name at kernel cores meminfo os-release zone git space limits
 * release no-process install end; a script that broke off has no `end`.
 */
#ifndef GONOGO_AUDIT_COLLECT_NODE_PIECES_H
#define GONOGO_AUDIT_COLLECT_NODE_PIECES_H

#include "base/json.h"

/*
 * Gives the pieces of this machine as char * by name.  HOME: of the node.
 * INSTALL: Bitbucket's programs; NULL: nobody looks at them.  SYSTEM: HOME
 * can't be looked at.
 */
GHashTable *node_pieces_here(const char *home, const char *install,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Gives the pieces of the script's tar FILE.  DATA: not one, or half of one.
 * SYSTEM: cannot read. */
GHashTable *node_pieces_tar(
    const char *file, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Gives the body of "node.machine".  DATA: a piece is not what it should be. */
json *node_pieces_machine(
    GHashTable *pieces, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
