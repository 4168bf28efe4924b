/*
 * The world before anything happens: a healthy Data Center cluster with a
 * handful of apps that all suit the next bug-fix release.
 */
#ifndef GONOGO_SIM_WORLD_H
#define GONOGO_SIM_WORLD_H

#include "base/json.h"

/*
 * The usual world, merged with STATE_FILE (NULL: none); the user `admin` gets
 * the password in PASSWORD_FILE (NULL: stays).  Gives.  DATA, SYSTEM.
 */
json *world_read(const char *state_file, const char *password_file,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Dates that are not given lie around today; ages become times. */
void world_complete(json *world);

/* The world of another instance, where WORLD's users may log in.  Gives. */
json *world_of_stranger(const json *world);

#endif
