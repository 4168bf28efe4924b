/*
 * A bundle for a test: made of replies given as text, read by normalise().
 */
#ifndef GONOGO_TESTS_MADE_BUNDLE_H
#define GONOGO_TESTS_MADE_BUNDLE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include "audit/collect/normalise.h"
#include "audit/collect/raw.h"
#include "audit/collect/rows.h"
#include "base/error.h"
#include "base/file.h"
#include "port/fs.h"

/* Behind our own headers: it makes a macro of fail. */
#include <cmocka.h>

enum { MADE_AT = 1787000000 }; /* when every reply was asked */
#define MADE_DATE "Mon, 17 Aug 2026 20:53:20 GMT"

struct made_bundle {
	char *path;
	redactor *redactor;
	raw_store *store;
};

static inline int made_bundle_open(void **state)
{
	struct made_bundle *b = g_new0(struct made_bundle, 1);

	b->path = g_dir_make_tmp("gng.XXXXXX", NULL);
	b->redactor = redactor_new(NULL, NULL);
	b->store = raw_open(b->path, b->redactor, NULL);
	*state = b;
	return 0;
}

static inline int made_bundle_close(void **state)
{
	struct made_bundle *b = *state;

	ignore(!fs_remove_tree(b->path, NULL));
	raw_close(b->store);
	redactor_free(b->redactor);
	g_free(b->path);
	g_free(b);
	return 0;
}

/* BODY came with STATUS (0: it was not HTTP) when WHAT was asked. */
static inline void made_bundle_put(struct made_bundle *b, const char *what,
    const char *subject, int status, const char *body)
{
	const struct row *row = rows_find(what);
	g_auto(raw_meta) meta = {.what = g_strdup(what),
	    .subject = g_strdup(subject),
	    .collector = g_strdup(row->collector),
	    .request = g_strdup(row->request),
	    .at = number_of(MADE_AT),
	    .elapsed_ms = number_of(5)};

	if (status) {
		meta.http_status = number_of(status);
		meta.date = g_strdup(MADE_DATE);
	}
	if (!body)
		meta.error = g_strdup("connection refused");
	if (!raw_put(b->store, &meta, row->text ? RAW_TEXT : RAW_JSON, body,
		row->people, NULL))
		g_error("%s: could not be put", what);
}

/* Fills F, which the caller clears. */
static inline void made_bundle_read(
    const struct made_bundle *b, struct facts *f)
{
	g_autoptr(GError) error = NULL;

	if (!normalise(b->path, MADE_AT + 60, f, &error))
		g_error("%s", error->message);
}

/* The facts say of WHAT that it was not seen, and WHY is in the reason. */
static inline void unseen(
    const struct facts *f, const char *what, const char *why)
{
	const char *said = facts_why_unseen(f, what);

	if (!said || !strstr(said, why))
		fail_msg("%s: '%s', not '%s'", what, said ? said : "seen", why);
}

#endif
