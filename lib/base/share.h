/*
 * What is installed beside the programs: packs, templates, the other tools.
 *
 *     PREFIX/bin/gonogo-audit        PREFIX/share/gonogo/templates/report.html
 *     build/gonogo-audit             templates/report.html      (source tree)
 */
#ifndef GONOGO_BASE_SHARE_H
#define GONOGO_BASE_SHARE_H

#include <glib.h>

/*
 * Gives the path of the shipped file or folder NAME, as the source tree names
 * it ("templates/report.html", "audit/packs/bitbucket-versions.yaml"): below
 * $GONOGO_SHARE, else the installed place, else the source tree.
 * SYSTEM: in none of them.
 */
char *share_file(const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Gives the path of another of our programs: below $GONOGO_LIBEXEC, else
 * beside this one.  SYSTEM: not there.
 */
char *share_program(const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
