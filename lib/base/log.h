/*
 * The talk: what a tool says on standard error while it works.
 * Results go to standard output by the verbs themselves.
 */
#ifndef GONOGO_BASE_LOG_H
#define GONOGO_BASE_LOG_H

#include <glib.h>
#include <stdbool.h>

/* One line for people: what is being done, or what was found on the way. */
void log_say(const char *format, ...) G_GNUC_PRINTF(1, 2);

/* One line that begins with "warning: ". */
void log_warn(const char *format, ...) G_GNUC_PRINTF(1, 2);

/* Silences log_say() (--quiet); warnings stay. */
void log_quiet(bool quiet);

/* May FD take colour: a terminal, not TERM=dumb, NO_COLOR not set. */
bool log_colour(int fd);

#endif
