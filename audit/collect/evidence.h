/*
 * What lies in a bundle beside raw replies: packs of knowledge, what the logs
 * told, and the backup's record with its proofs.
 */
#ifndef GONOGO_AUDIT_COLLECT_EVIDENCE_H
#define GONOGO_AUDIT_COLLECT_EVIDENCE_H

#include "contract/facts.h"

/*
 * Reads packs/ of BUNDLE into F->packs, and the version pack into F->knowledge
 * of the step from CURRENT (may be NULL) to the plan's target.  DATA: a pack
 * that can't be read.
 */
bool evidence_packs(const char *bundle, const char *current, struct facts *f,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Reads backup/ of BUNDLE into F->backup_sets.  DATA: a record that can't be
 * read, or a proof of another set.
 */
bool evidence_backup(const char *bundle, struct facts *f,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Reads logs/logs.json of BUNDLE into F->logs, without what no rule asks for,
 * and its packs into F->packs.  DATA: it can't be read.
 */
bool evidence_logs(const char *bundle, struct facts *f,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Reads capacity/capacity.json of BUNDLE into F->capacity, likewise. */
bool evidence_capacity(const char *bundle, struct facts *f,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Reads answers.conf of BUNDLE into F->answers.  USAGE with file, line and
 * key: a slip in it.
 */
bool evidence_answers(const char *bundle, struct facts *f,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Reads WHAT/WHAT.json of BUNDLE into the empty struct of SHAPE at INTO and
 * gives it as a source of F in *source, borrowed, whose time is the caller's
 * to say.  NULL there: it is missing, and unseen for WHY.  DATA: it can't be
 * read.
 */
bool evidence_document(const char *bundle, const char *what,
    const struct shape *shape, void *into, const char *why, struct facts *f,
    struct source **source, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
