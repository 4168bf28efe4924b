/*
 * Documents on their way to the audit: it reads them from the folder that
 * `--evidence DIR` names, never from a store.
 *
 *     create   SNAPSHOT.json       -->  DIR/snapshot.json
 *     verify   verify/<n>.json     -->  DIR/proof.json
 *     drill    verify/<n>.json     -->  DIR/proof-drill.json
 */
#ifndef GONOGO_BACKUP_HANDOVER_H
#define GONOGO_BACKUP_HANDOVER_H

#include <glib.h>
#include <stdbool.h>

#define HANDOVER_SNAPSHOT "snapshot.json"
#define HANDOVER_PROOF "proof.json"
#define HANDOVER_DRILL "proof-drill.json"

/* Puts the bytes of the document FROM at FOLDER/NAME; FOLDER is made. */
bool handover(const char *folder, const char *name, const char *from,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
