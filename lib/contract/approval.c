#include "contract/approval.h"

static const struct field approval_fields[] = {
    {"bundle_sha256", FIELD_STRING, offsetof(struct approval, bundle_sha256),
	.must = true},
    {"nonce", FIELD_STRING, offsetof(struct approval, nonce), .must = true},
    {"verdict", FIELD_STRING, offsetof(struct approval, verdict)},
    {"cluster", FIELD_STRING, offsetof(struct approval, cluster)},
    {"current", FIELD_STRING, offsetof(struct approval, current)},
    {"target", FIELD_STRING, offsetof(struct approval, target)},
    {"made_at", FIELD_TIME, offsetof(struct approval, made_at), .must = true},
    {"until", FIELD_TIME, offsetof(struct approval, until), .must = true},
    {0},
};
const struct shape approval_shape = {
    "approval", sizeof(struct approval), approval_fields};

void approval_clear(struct approval *a)
{
	shape_clear(&approval_shape, a);
}
