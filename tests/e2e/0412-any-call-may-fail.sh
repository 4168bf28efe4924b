#!/bin/sh
# A backup whose N-th system call fails, or is its last: no set is harmed, none
# is listed that is not whole, and the next run completes.  Any byte of a store
# that is another is found.  A few points of `make torture`, others each time.
# shellcheck source=tests/e2e/lib.sh disable=SC2016,SC2034,SC2154
. "${0%/*}/lib.sh"

: "${POINTS:=25}" "${SEED:=$$}"
check "$POINTS points of all that there are" '
	exits 0 env TMPDIR="$work" "$here/tests/torture/torture.py" \
		--points "$POINTS" --seed "$SEED" && said ": 0 wrong; "'
sed 's/^/# /' "$out"
check "backups were killed, and failed, and went on" '
	said "killed [1-9]" && said "exit 74 [1-9]" && said "exit 0 [1-9]"'
check "sealed and frozen ones, too, and no lock is left" '
	exits 0 env TMPDIR="$work" "$here/tests/torture/sealed" --points 3 \
		--seed "$SEED" && said ": 0 wrong; "'
sed 's/^/# /' "$out"
check "a byte that is changed, cut, added or lost is found and named" '
	exits 0 env TMPDIR="$work" "$here/tests/torture/flip" --sample 40 \
		--seed "$SEED" && said ": 0 not found or not named"'
sed 's/^/# /' "$out"
plan
