/*
 * What Java's regular expressions say that PCRE would take for something else.
 */
#ifndef GONOGO_AUDIT_LOGS_JAVA_H
#define GONOGO_AUDIT_LOGS_JAVA_H

#include <glib.h>

/* Gives REGEX as PCRE writes it; NULL: it can't, for the reason *WHY. */
char *java_to_pcre(const char *regex, const char **why);

#endif
