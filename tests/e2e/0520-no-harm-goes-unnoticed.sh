#!/bin/sh
# A signed bundle, harmed in every way: each is answered with 40.
# shellcheck source=tests/e2e/lib.sh disable=SC2016,SC2119
. "${0%/*}/lib.sh"

harness=$here/tests/harness
now=$(date -u +%Y-%m-%dT%H:%M:%SZ)

gonogo-report key --out key >"$out" || bail
for kind in no-go go; do
	"$harness/bundle" $kind $kind "$now" || bail
	run gonogo-report decide --bundle $kind --as-of "$now"
	exits 0 gonogo-report render --bundle $kind || bail
	exits 0 gonogo-report attest --bundle $kind --key key || bail
done

check "no harm to a bundle goes unnoticed" '
	exits 0 "$harness/tamper" no-go key go && said "^0 of [0-9]{3}"'
sed 's/^/# /' "$out"
plan
