/*
 * The verbs of gonogo-report; each gives an exit code, or -1 with *error.
 */
#ifndef GONOGO_REPORT_VERBS_H
#define GONOGO_REPORT_VERBS_H

#include <glib.h>

int verb_decide(int argc, char **argv, GError **error);
int verb_render(int argc, char **argv, GError **error);
int verb_attest(int argc, char **argv, GError **error);
int verb_verify(int argc, char **argv, GError **error);
int verb_waive(int argc, char **argv, GError **error);
int verb_approve(int argc, char **argv, GError **error);
int verb_gate(int argc, char **argv, GError **error);
int verb_init(int argc, char **argv, GError **error);
int verb_key(int argc, char **argv, GError **error);

#endif
