/*
 * What people read for the documents' enums and times, and the kind (a CSS
 * class and the name of an icon) that each is drawn as.
 *
 *     stop  a blocker       open  nobody answered     good  passed
 *     warn  a warning       hand  a person attests    none  does not apply
 *     note  worth knowing
 */
#ifndef GONOGO_REPORT_RENDER_WORDS_H
#define GONOGO_REPORT_RENDER_WORDS_H

#include "contract/finding.h"
#include "contract/verdict.h"

struct word {
	const char *kind;
	const char *text;
};

struct word words_finding(int outcome, int severity, int relation);
struct word words_answer(enum answer answer);
const char *words_phase(int phase);
const char *words_relation(int relation);

/* Gives "1 warning", "3 warnings". */
char *words_count(guint count, const char *one, const char *many);

/* Sets KEY to {kind, text}. */
void words_set(json *object, const char *key, struct word word);

/*
 * Sets KEY to {iso, text, span}: RFC 3339, "2026-08-01 12:00 UTC", and how far
 * from NOW: "in 3 h", "2 d 4 h ago".  An unknown TIME sets nothing.
 */
void words_set_time(
    json *object, const char *key, struct number time, int64_t now);

#endif
