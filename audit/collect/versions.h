/*
 * The version pack: what is known of Bitbucket's releases.
 *
 *     lines --< releases (version, date)     advisories --< ranges
 *     upgrade notes by line                  known regressions
 *
 * Numeric order throughout: 8.10 > 8.9.  What the pack does not say stays
 * absent in the answer.
 */
#ifndef GONOGO_AUDIT_COLLECT_VERSIONS_H
#define GONOGO_AUDIT_COLLECT_VERSIONS_H

#include "contract/facts.h"

typedef struct versions versions;

/*
 * Reads a pack of schema gonogo.versions/1 out of YAML.  DATA, with NAME: not
 * one, or a version or date in it that can't be read.
 */
versions *versions_read(const char *text, size_t length, const char *name,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
void versions_free(versions *v);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(versions, versions_free)

/* Fills the empty *OUT with name, version and age; without sha256. */
void versions_pack(const versions *v, struct pack *out);

/*
 * Fills the empty *OUT with what concerns the step from CURRENT to TARGET;
 * either may be NULL or a version that the pack does not list.  Without a
 * target the line is the current one's.
 */
void versions_know(const versions *v, const char *current, const char *target,
    struct knowledge *out);

#endif
