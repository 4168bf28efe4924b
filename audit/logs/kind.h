/*
 * Which log a file is, and how bad a line of it says that it is.
 */
#ifndef GONOGO_AUDIT_LOGS_KIND_H
#define GONOGO_AUDIT_LOGS_KIND_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

enum log_kind {
	LOG_APP, /* atlassian-bitbucket.log */
	LOG_ACCESS,
	LOG_AUDIT, /* one JSON object a line */
	LOG_MESH,
	LOG_GC,
	LOG_SEARCH,
	LOG_LAUNCHER, /* what the start script and the JVM print */
	LOG_PG,       /* PostgreSQL's */
	LOG_OTHER,    /* text that is none of these: each line for itself */
	LOG_KINDS,
};

enum log_level { /* as PostgreSQL's are taken, too */
	LEVEL_NONE,
	LEVEL_TRACE,
	LEVEL_DEBUG,
	LEVEL_INFO,
	LEVEL_WARN,
	LEVEL_ERROR,
	LEVELS,
};

extern const char *const log_kind_names[], *const log_level_names[];

/* Is it a log that nobody searches here (profiler, mail, a heap dump)? */
bool log_kind_is_passed_over(const char *name);

/* What the file name NAME, maybe with folders before it, tells; LOG_OTHER:
 * nothing. */
enum log_kind log_kind_of_name(const char *name);

#endif
