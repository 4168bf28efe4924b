/*
 * What the verbs' options have in common.
 */
#ifndef GONOGO_REPORT_ARGUMENTS_H
#define GONOGO_REPORT_ARGUMENTS_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* USAGE: VALUE is NULL; OPTION ("--bundle DIR") was not given. */
bool argument_given(const char *value, const char *option,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Reads --as-of; a NULL TEXT is the present.  USAGE. */
bool argument_time(
    const char *text, int64_t *time, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
