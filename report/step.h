/*
 * The steps of a rolling upgrade that the gate is asked before.
 *
 *     open  { node-drain:bb-1  node-joined:bb-1 } ...  finalize  close
 *
 * open, node-drain and finalize let something happen; node-joined and close
 * look whether it went well, and may be asked again at any time.
 */
#ifndef GONOGO_REPORT_STEP_H
#define GONOGO_REPORT_STEP_H

#include <glib.h>
#include <stdbool.h>

enum step_kind {
	STEP_OPEN,
	STEP_NODE_DRAIN,
	STEP_NODE_JOINED,
	STEP_FINALIZE,
	STEP_CLOSE,
};

struct step {
	enum step_kind kind;
	const char *node; /* of node-drain, node-joined; within the text */
};

/* Reads "open", "node-drain:NAME" ...; *step borrows TEXT.  USAGE. */
bool step_parse(const char *text, struct step *step,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
