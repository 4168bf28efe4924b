/*
 * A part of many things, chosen by a seed: the same seed chooses the same part
 * again, whatever the order they are asked in.
 */
#ifndef GONOGO_BACKUP_VERIFY_SAMPLE_H
#define GONOGO_BACKUP_VERIFY_SAMPLE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct sample sample;
struct sample {
	const char *share; /* as it was given; NULL: all is chosen */
	double part;       /* of each kind of thing, above 0 to 1; or */
	uint64_t count;    /* so many of each kind */
	uint64_t seed;
};

/* Reads "10%" or "25" into *s, which borrows TEXT.  USAGE. */
bool sample_parse(struct sample *s, const char *text,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Chooses among LENGTH things of these NAMES: CHOSEN[i] says whether the i-th
 * is one.  At least one is, where there is any.  Gives how many.
 */
uint64_t sample_choose(const struct sample *s, const char *const *names,
    size_t length, bool *chosen);

#endif
