/*
 * What an upgrade usually loses: files outside the home that a site has made
 * its own.
 *
 *     INSTALL/bin, conf, ...      start scripts, JVM arguments, server.xml
 *     stores of keys              that bitbucket.properties or JVM arguments
 *                                 name, and the JVM's own
 *     units                       what is called bitbucket in
 * /etc/systemd/system
 */
#ifndef GONOGO_BACKUP_INSTALL_H
#define GONOGO_BACKUP_INSTALL_H

#include "contract/settings.h"

/*
 * Gives the paths (char *) to be saved beside the home: those that [backup]
 * also names, and, where [home] install is set, those above.  NOTES (strings)
 * gets a line for each that is named somewhere and can't be read.  USAGE:
 * install is no folder of Bitbucket's programs.
 */
GPtrArray *install_files(const struct settings *s, GPtrArray **notes,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
