/*
 * Asking: the side effects of an audit.  Whoever is asked answers into the raw
 * store, and so does silence; nothing is judged here and nothing is changed.
 *
 *     rows --ask_http, ask_postgres, ask_home, ask_node--> raw/
 */
#ifndef GONOGO_AUDIT_COLLECT_ASK_H
#define GONOGO_AUDIT_COLLECT_ASK_H

#include "audit/collect/raw.h"
#include "audit/collect/row.h"
#include "contract/settings.h"

struct asking {
	const struct settings *settings;
	enum profile profile;
	raw_store *store;
	const secret *bitbucket_password, *database_password; /* or NULL */
	/* What came of it. */
	unsigned answered; /* servers that gave JSON */
	json *stores;      /* rows of "database.stores"; NULL: not seen */
};

/* Is ROW asked by COLLECTOR in this profile? */
bool ask_wants(
    const struct asking *a, const struct row *row, const char *collector);

/* Puts what our own look at ROW gave.  SUBJECT may be NULL.  SYSTEM. */
bool ask_put(const struct asking *a, const struct row *row, const char *subject,
    enum raw_form form, const char *text,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The same of what was seen AT some time before. */
bool ask_put_of(const struct asking *a, const struct row *row,
    const char *subject, int64_t at, enum raw_form form, const char *text,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Puts that ROW has no answer, and WHY.  SYSTEM. */
bool ask_put_failure(const struct asking *a, const struct row *row,
    const char *subject, const char *why,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Asks all rows of a sort of source.  What cannot be seen is put into the
 * store; an error is one of the settings (USAGE), of the disk that the bundle
 * lies on (SYSTEM), or STOPPED.
 */
bool ask_settings(struct asking *a, GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool ask_http(struct asking *a, GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool ask_postgres(struct asking *a, GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool ask_home(struct asking *a, GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool ask_node(struct asking *a, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
