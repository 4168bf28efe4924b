/*
 * in-toto statements about a bundle: what is signed.
 *
 *     subjects    SHA256SUMS and facts.json, relative to the bundle
 *     readiness   our own: the whole verdict
 *     test-result in-toto's test-result/v0.1: for tools that know that one
 */
#ifndef GONOGO_REPORT_STATEMENT_H
#define GONOGO_REPORT_STATEMENT_H

#include "report/dossier.h"

enum statement_kind { STATEMENT_READINESS, STATEMENT_TEST_RESULT };
enum { STATEMENT_KINDS = 2 };

/* The file of the bundle that its envelope lies in. */
const char *statement_file(enum statement_kind kind);

/*
 * Gives the statement about the bundle of D, whose verdict is read and whose
 * sums are sealed.  SYSTEM: a subject can't be read.
 */
json *statement_write(enum statement_kind kind, const struct dossier *d,
    int64_t made_at, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Holds STATEMENT against the bundle of D: its type and predicate, each subject
 * with its digest.  Adds a line to FLAWS for each thing that is not so.
 */
void statement_check(enum statement_kind kind, const json *statement,
    const char *bundle, GPtrArray *flaws);

/* The verdict document inside a readiness STATEMENT; NULL: none. */
const json *statement_verdict(const json *statement);

#endif
