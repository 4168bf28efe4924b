/*
 * What the gate says: one JSON object, or text for people, and the next safe
 * thing to do where the answer is no.
 */
#ifndef GONOGO_REPORT_REPLY_H
#define GONOGO_REPORT_REPLY_H

#include "contract/verdict.h"
#include "report/step.h"

struct reply {
	const char *phase_text;
	struct step phase;
	int64_t now;
	int code;
	const json *reasons;           /* array of {code, text} */
	const json *notes;             /* array of strings */
	const char *live_sha256;       /* NULL: nobody looked */
	const char *then;              /* phase to ask next; NULL: none */
	const struct verdict *verdict; /* of the bundle */
};

/* Gives it as gonogo.gate/1. */
json *reply_write(const struct reply *r);

void reply_print(const struct reply *r);

#endif
