/*
 * Which version was started last, out of application logs: the line that
 * Bitbucket writes when it starts.  docs/sources.md#logs
 *
 *     2026-10-15 04:12:31,007 INFO [spring-startup] c.a.b.i.boot.log.
 *         BuildInfoLogger Starting Bitbucket 9.4.22 (0123abc built on ...)
 */
#ifndef GONOGO_AUDIT_COLLECT_BOOT_H
#define GONOGO_AUDIT_COLLECT_BOOT_H

#include <glib.h>
#include <stdbool.h>

typedef struct boot boot;
struct boot {
	char *version;     /* "9.4.22" */
	char *at;          /* "2026-10-15 04:12:31,007": the node's own time */
	char *file;        /* where the line stands */
	GPtrArray *passed; /* what was not read, with the reason; NULL: none */
};
void boot_clear(struct boot *b);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(boot, boot_clear)

/*
 * Finds the newest start in a log, a folder of logs, a home with log/ in it,
 * or a support zip, reading for SECONDS at most.  A log of many that cannot be
 * read is passed over, and named.  DATA: no start is logged there, with what
 * was looked at.  SYSTEM: cannot read.
 */
bool boot_find(const char *path, double seconds, struct boot *out,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
