/*
 * The verbs of gonogo-audit.  Each gives an exit code, or -1 with *error set
 * (base/cli.h).
 *
 *     look      the first ten seconds: no login, no settings
 *     doctor    do settings, logins, rights and tools suffice?
 *     collect   look at a cluster, write the bundle with its facts
 *     node      the node it runs on, for a bundle made elsewhere
 *     judge     hold a bundle's facts against the rules
 *     rules     the rules, and why each applies or not
 *     explain   one rule: what it asks, why, and how to mend it
 *     logs      known problems and unknown errors in logs
 *     capacity  can the cluster carry its load with a node away?
 *     pack      is a pack of known problems fit for use?
 */
#ifndef GONOGO_AUDIT_VERBS_H
#define GONOGO_AUDIT_VERBS_H

#include <glib.h>

int verb_look(int argc, char **argv, GError **error);
int verb_doctor(int argc, char **argv, GError **error);
int verb_collect(int argc, char **argv, GError **error);
int verb_node(int argc, char **argv, GError **error);
int verb_judge(int argc, char **argv, GError **error);
int verb_rules(int argc, char **argv, GError **error);
int verb_explain(int argc, char **argv, GError **error);
int verb_logs(int argc, char **argv, GError **error);
int verb_capacity(int argc, char **argv, GError **error);
int verb_pack(int argc, char **argv, GError **error);

#endif
