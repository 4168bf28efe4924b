#!/bin/sh
# Verifies a gonogo bundle with jq, base64, openssl and sha256sum alone.
#
#     sh verify.sh TRUSTED-KEY.pem [BUNDLE]
#
# TRUSTED-KEY.pem is the signer's public key, got by a way that you trust: not
# from the bundle, and this script not either, if you want to be strict.
# Exit: 0 everything holds (whatever the verdict is), 40 something does not,
# 64 wrong usage, 69 a program is missing.
set -u
LC_ALL=C
export LC_ALL

if [ $# -lt 1 ] || [ $# -gt 2 ]; then
	echo "usage: sh verify.sh TRUSTED-KEY.pem [BUNDLE]" >&2
	exit 64
fi
for program in jq base64 openssl sha256sum; do
	command -v "$program" >/dev/null || {
		echo "verify.sh: $program is not installed" >&2
		exit 69
	}
done
case $1 in /*) key=$1 ;; *) key=$PWD/$1 ;; esac
bundle=${2:-$(dirname -- "$0")}
cd -- "$bundle" || exit 64
scratch=$(mktemp -d) || exit 74
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM

invalid() {
	echo "INVALID: $*" >&2
	exit 40
}

# statement ENVELOPE PREDICATE-TYPE: the signed payload lies in $payload.
payload=$scratch/payload
statement() {
	type=application/vnd.in-toto+json
	[ "$(jq -er .payloadType "$1")" = "$type" ] ||
		invalid "$1: another payload type"
	jq -er .payload "$1" | base64 -d >"$payload" ||
		invalid "$1: no payload"
	# The one text that these bytes encode to: no letter changes unnoticed.
	[ "$(base64 -w 0 "$payload")" = "$(jq -er .payload "$1")" ] ||
		invalid "$1: payload is not canonical base64"
	{
		printf 'DSSEv1 %d %s %d ' "${#type}" "$type" \
			"$(wc -c <"$payload")"
		cat "$payload"
	} >"$scratch/signed"
	id=$(openssl pkey -pubin -in "$key" -outform DER | sha256sum)
	jq -er --arg id "${id%% *}" \
		'first(.signatures[] | select(.keyid == $id) | .sig)' "$1" \
		>"$scratch/sig64" || invalid "$1: not signed by $key"
	base64 -d "$scratch/sig64" >"$scratch/sig" ||
		invalid "$1: no signature"
	[ "$(base64 -w 0 "$scratch/sig")" = "$(cat "$scratch/sig64")" ] ||
		invalid "$1: signature is not canonical base64"
	openssl pkeyutl -verify -pubin -inkey "$key" -rawin \
		-in "$scratch/signed" -sigfile "$scratch/sig" >/dev/null ||
		invalid "$1: the signature is of something else"
	jq -e --arg type "$2" '._type == "https://in-toto.io/Statement/v1" and
		.predicateType == $type and ([.subject[].name] | sort) ==
		["SHA256SUMS", "facts.json"]' "$payload" >/dev/null ||
		invalid "$1: another statement"
	jq -r '.subject[] | "\(.digest.sha256)  \(.name)"' "$payload" |
		sha256sum -c --strict --quiet ||
		invalid "$1: vouches for other files"
}

statement test-result.dsse.json https://in-toto.io/attestation/test-result/v0.1
statement attestation.dsse.json urn:gonogo:readiness:1
jq -S .predicate.verdict "$payload" >"$scratch/signed"
jq -S . verdict.json >"$scratch/verdict" || invalid "verdict.json: not JSON"
[ "$(cat "$scratch/signed")" = "$(cat "$scratch/verdict")" ] ||
	invalid "verdict.json: is not the one that was signed"

sha256sum -c --strict --quiet SHA256SUMS || invalid "SHA256SUMS does not hold"
find . ! -type d ! -path './approvals/*' | sed 's|^\./||' | grep -vxE \
	'SHA256SUMS|(attestation|test-result)\.dsse\.json|gate-log\.ndjson' |
	sort >"$scratch/there"
cut -c 67- SHA256SUMS | sort | comm -3 - "$scratch/there" >"$scratch/odd"
[ ! -s "$scratch/odd" ] ||
	invalid "not listed in SHA256SUMS: $(tr -s '\t\n' ' ' <"$scratch/odd")"

facts=$(sha256sum facts.json)
findings=$(sha256sum findings.json)
jq -e --arg facts "${facts%% *}" '.facts_sha256 == $facts' findings.json \
	>/dev/null || invalid "findings.json: rests on another facts.json"
jq -e --arg facts "${facts%% *}" --arg findings "${findings%% *}" \
	'.facts_sha256 == $facts and .findings_sha256 == $findings' \
	verdict.json >/dev/null || invalid "verdict.json: rests on others"
jq -e 'if .valid_until then .valid_until >= (now | todate)
	else .verdict == "NO_GO" or .verdict == "UNKNOWN" end' verdict.json \
	>/dev/null ||
	invalid "verdict.json: expired at $(jq -r .valid_until verdict.json)"

jq -r '"VALID  \(.cluster // "-")  \(.current // "?") -> \(.target // "?")
verdict: \(.verdict), valid until \(.valid_until // "-")"' verdict.json
