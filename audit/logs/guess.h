/*
 * Which kind of log it is, by what stands in it: for files whose name does not
 * tell.
 */
#ifndef GONOGO_AUDIT_LOGS_GUESS_H
#define GONOGO_AUDIT_LOGS_GUESS_H

#include "audit/logs/kind.h"

/* What the first LENGTH bytes tell; LOG_OTHER: nothing. */
enum log_kind log_kind_of_text(const char *bytes, size_t length);

#endif
