/* Mirrors and Mesh nodes: what stands beside the cluster. */
#ifndef GONOGO_AUDIT_RULES_FARMS_H
#define GONOGO_AUDIT_RULES_FARMS_H

#include "audit/rules/rule.h"

void farms_mirrors(const struct judging *j);
void farms_mesh(const struct judging *j);

/* Mesh came with 8.0: docs/sources.md#mesh */
bool farms_mesh_exists(const struct facts *facts, const char **why);

#endif
