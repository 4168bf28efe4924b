/*
 * The raw replies of a bundle: written once while collecting, checked and read
 * back by normalise.
 *
 *     raw/apps/001.json   what came, redacted
 *     raw/apps/001.meta.json   what was asked, when, its SHA-256 (struct
 *                              raw_meta); alone where nothing came
 */
#ifndef GONOGO_AUDIT_COLLECT_RAW_H
#define GONOGO_AUDIT_COLLECT_RAW_H

#include "audit/collect/redact.h"
#include "contract/bundle.h"

/* ---- writing ---- */

typedef struct raw_store raw_store;

/* Into the bundle folder; REDACTOR is borrowed as long as the store lives. */
raw_store *raw_open(const char *bundle, const redactor *redactor,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
void raw_close(raw_store *s);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(raw_store, raw_close)

enum raw_form {
	RAW_JSON, /* or what a server sent instead */
	RAW_TEXT, /* our own text */
};

/*
 * Redacts BODY and puts it with META, whose file, sha256 and redaction are
 * filled in.  BODY as NULL: nothing came, META says why.  PEOPLE: users' names
 * are in it.  SYSTEM.
 */
bool raw_put(raw_store *s, struct raw_meta *meta, enum raw_form form,
    const char *body, bool people, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* ---- reading ---- */

struct raw {
	struct raw_meta meta;
	char *text; /* "" where nothing came */
};

/*
 * Gives struct raw * of all metas, by collector and number.  DATA: none at
 * all; a meta that can't be read or names another file than its own; a file
 * that is changed, missing or named by no meta; a link; too many or too long.
 */
GPtrArray *raw_load(
    const char *bundle, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
