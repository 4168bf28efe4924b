/* What the verbs that read logs have in common. */
#ifndef GONOGO_AUDIT_VERB_INPUTS_H
#define GONOGO_AUDIT_VERB_INPUTS_H

#include "contract/settings.h"
#include "contract/shape.h"

/* Gives the PATHS of the command line, else those of [logs] paths, borrowed.
 * USAGE: neither names one. */
char *const *verb_logs_named(const struct settings *s, char *const *paths,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Writes VALUE as WHAT/WHAT.json of BUNDLE. */
bool verb_save_in_bundle(const char *bundle, const char *what,
    const struct shape *shape, const void *value,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
