/*
 * Does a regular expression run away on a text made to harm it?  Such a text
 * is one that it nearly matches, with one place drawn out.
 */
#ifndef GONOGO_PORT_PATTERNS_STRAIN_H
#define GONOGO_PORT_PATTERNS_STRAIN_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Draws out SAMPLES (NULL-terminated; may be NULL) and the regex's own letters
 * at each place; FLAGS are PCRE2's.  False: some text of a few dozen letters
 * more took too many steps.
 */
bool strain(const char *regex, uint32_t flags, char *const *samples);

#endif
