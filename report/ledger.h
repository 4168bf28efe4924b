/*
 * What the gate let through, for ever: the ledger of one bundle, in the state
 * folder, one line an answer of 0.
 *
 *     STATE/ledger/<sha256 of SHA256SUMS>.ndjson
 *     {"at":..., "phase":"open", "nonces":[...], "log":sha256 of the log's
 * line}
 *
 * It is one place for all hosts that ask the gate.  While it is open nobody
 * else has it, so that two questions at once get their answers in turn.
 */
#ifndef GONOGO_REPORT_LEDGER_H
#define GONOGO_REPORT_LEDGER_H

#include "contract/shape.h"
#include "report/step.h"

struct passed {
	char *phase; /* as it was asked for */
	struct number at;
	GPtrArray
	    *nonces; /* strings: approvals that an open was let through by */
	char *log;   /* digest of the answer's line in the gate's log */
};

struct ledger {
	char *path;
	int fd;         /* locked */
	GPtrArray *all; /* struct passed, the oldest first */
	/* Of the upgrade that was opened last: */
	const struct passed *opened; /* NULL: none */
	GPtrArray *drained, *joined; /* borrowed names of nodes, in order */
	bool finalized, closed;
};

typedef struct ledger ledger;
void ledger_close(struct ledger *l);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ledger, ledger_close)

/*
 * Opens the ledger of SUBJECT below the folder STATE, for us alone.
 * BUSY: another gate has it.  DATA: it is broken.  SYSTEM.
 */
struct ledger *ledger_open(const char *state, const char *subject,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* When NODE was drained or joined as one of LIST; false: never. */
bool ledger_has(const GPtrArray *list, const char *node);

/* Gives all nonces that opened an upgrade. */
GPtrArray *ledger_spent(const struct ledger *l);

/* Adds an answer of 0; NONCES may be NULL.  SYSTEM. */
bool ledger_add(struct ledger *l, const char *phase, int64_t at,
    const GPtrArray *nonces, const char *log,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
