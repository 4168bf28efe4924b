/*
 * An approval: a person lets the upgrade of one sealed bundle begin
 * (gonogo.approval/1).  Its nonce makes it good for one run of the upgrade: the
 * gate's ledger remembers what it opened.
 */
#ifndef GONOGO_CONTRACT_APPROVAL_H
#define GONOGO_CONTRACT_APPROVAL_H

#include "contract/shape.h"

struct approval {
	char *bundle_sha256; /* of the bundle's SHA256SUMS */
	char *nonce;         /* 32 hexadecimal digits */
	char *verdict, *cluster, *current, *target; /* for who reads it */
	struct number made_at, until;
};

extern const struct shape approval_shape;

typedef struct approval approval;
void approval_clear(struct approval *a);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(approval, approval_clear)

#endif
