/*
 * From a bundle's raw replies to facts: pure.  No clock, no locale, no network;
 * the same folder gives the same facts, byte for byte, on any machine.
 *
 *     raw/<collector>/NNN.{json,txt} + NNN.meta.json --+
 *     packs/<name>.yaml                                +--> facts
 *     answers.conf                                     +
 *     backup/snapshot.json, backup/proof*.json       --+
 *
 * A reply that is missing, refused, cut short, HTML or of another shape gives
 * no fact: its name stands under `unseen` with the reason.  These are the
 * names, which rules have as their inputs (of `sources` and `unseen`):
 *
 *     settings            node.NAME.status    node.NAME.version
 *     product             node.NAME.members   node.NAME.machine
 *     cluster.members     cluster.zdu         cluster.lock
 *     licence             mirrors             mesh.nodes
 *     mesh.migration      mesh.connectivity   audit.events
 *     health              pre-upgrade         rate-limit
 *     apps.installed      apps.updates        apps.compatibility
 *     apps.marketplace    database.server     database.activity
 *     database.transactions                   database.large-objects
 *     database.changelog  database.counts
 *     database.mesh       database.identity   database.apps
 *     database.stores     database.repositories
 *     home.check          home.space          home.properties
 *     home.stores         home.repositories   home.apps
 *     pack.versions       backup              backup.proof
 *     backup.assertion    answers
 *
 * A single member that could not be believed is named below its source
 * ("licence.users", "apps.compatibility.coverage").
 */
#ifndef GONOGO_AUDIT_COLLECT_NORMALISE_H
#define GONOGO_AUDIT_COLLECT_NORMALISE_H

#include "contract/facts.h"

/*
 * Fills the empty *OUT, which the caller clears, from the bundle folder; facts
 * are as old as the newest raw reply (`made_at`).  DATA: no raw replies, a raw
 * file that is not what its meta says (changed, missing, outside the bundle), a
 * reply asked after AS_OF, an unreadable meta, pack or proof.  USAGE: a slip in
 * the answers.
 */
bool normalise(const char *bundle, int64_t as_of, struct facts *out,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
