/*
 * The least rights to ask for, and what each missing one costs: the rules that
 * stay UNKNOWN without it.
 */
#ifndef GONOGO_AUDIT_GRANTS_H
#define GONOGO_AUDIT_GRANTS_H

#include "contract/settings.h"

/* Gives the text for `doctor --grants`. */
char *grants_text(const struct settings *s);

#endif
