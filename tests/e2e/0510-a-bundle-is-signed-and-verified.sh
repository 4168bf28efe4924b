#!/bin/sh
# What was signed verifies with our program, with stock tools, and with a
# verifier of another hand; what was changed verifies with none of them.
# shellcheck source=tests/e2e/lib.sh disable=SC2016,SC2119
. "${0%/*}/lib.sh"

harness=$here/tests/harness
now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
days_hence() { date -u -d "+$1 days" +%Y-%m-%dT%H:%M:%SZ; }

make_bundle() { # KIND CODE FOLDER
	"$harness/bundle" "$1" "$3" "$now" &&
		exits "$2" gonogo-report decide --bundle "$3" --as-of "$now" &&
		exits 0 gonogo-report render --bundle "$3"
}
verified() { exits "$1" gonogo-report verify --bundle "$2" --trust key.pub; }
stock() { exits "$1" sh "$here/templates/verify.sh" key.pub "$2"; }
other_hand() { "$harness/verify" "$1" key.pub >"$out" 2>"$err"; }

check "a key is made once, for its owner alone" '
	exits 0 gonogo-report key --out key && said "^id: [0-9a-f]{64}$" &&
	[ "$(stat -c %a key)" = 600 ] && openssl pkey -in key -noout &&
	exits 64 gonogo-report key --out key && said "never overwritten"'
gonogo-report key --out strange >"$out" || bail

make_bundle go 0 go || bail
make_bundle no-go 20 no-go || bail
check "without a signature it does not verify" \
	"verified 40 go && said 'attestation.dsse.json: '"
check "attest seals and signs" '
	exits 0 gonogo-report attest --bundle go --key key --as-of "$now" &&
	(cd go && sha256sum -c --quiet --strict SHA256SUMS)'
check "a signed bundle verifies" \
	"verified 0 go && said '^VALID' && said '^verdict: GO, valid until'"
check "with jq, base64, openssl and sha256sum" \
	"stock 0 go && said '^VALID' && said 'verdict: GO'"
check "with the verify.sh that lies in it, from anywhere" \
	'exits 0 sh go/verify.sh key.pub'
check "by another hand" 'other_hand go && said holds'
check "the payload is the bytes of the specification's encoding" '
	jq -er .payload go/attestation.dsse.json | base64 -d >payload &&
	jq -er ".signatures[0].sig" go/attestation.dsse.json | base64 -d >sig &&
	printf "DSSEv1 28 application/vnd.in-toto+json %d " \
		"$(wc -c <payload)" | cat - payload >pae &&
	openssl pkeyutl -verify -pubin -inkey key.pub -rawin -in pae \
		-sigfile sig >"$out"'
check "the in-toto result says PASSED for GO, and names the tests" '
	jq -er .payload go/test-result.dsse.json | base64 -d >payload &&
	jq -e ".predicate.result == \"PASSED\" and
		(.predicate.passedTests | index(\"PATH-bugfix\"))" payload >"$out"'

check "NO-GO is signed as well, and verifying says it" '
	exits 0 gonogo-report attest --bundle no-go --key key --as-of "$now" &&
	verified 0 no-go && said "^verdict: NO-GO" && stock 0 no-go &&
	other_hand no-go && jq -er .payload no-go/test-result.dsse.json |
	base64 -d | jq -e ".predicate.result == \"FAILED\" and
		(.predicate.failedTests | index(\"BACKUP-set-good\"))" >"$out"'

check "signing again of the same gives the same" '
	cp go/attestation.dsse.json first &&
	exits 0 gonogo-report attest --bundle go --key key --as-of "$now" &&
	cmp first go/attestation.dsse.json'
check "another key is not trusted" '
	exits 40 gonogo-report verify --bundle go --trust strange.pub &&
	said "no signature by the trusted key" &&
	exits 40 sh go/verify.sh strange.pub &&
	! "$harness/verify" go strange.pub >"$out" 2>"$err"'
check "the key in the bundle is a convenience, no trust" '
	exits 0 gonogo-report attest --bundle no-go --key strange &&
	cmp -s no-go/signing-key.pem strange.pub && verified 40 no-go &&
	exits 0 gonogo-report attest --bundle no-go --key key'
check "an expired verdict does not verify" '
	exits 40 gonogo-report verify --bundle go --trust key.pub \
		--as-of "$(days_hence 30)" &&
	said "verdict.json: expired at"'
check "a verdict from the future does not verify" '
	exits 40 gonogo-report verify --bundle go --trust key.pub \
		--as-of "$(days_hence -2)" && said "which is to come"'
check "a private key open to others is not used" '
	cp key open && chmod 644 open &&
	exits 64 gonogo-report attest --bundle go --key open &&
	said "chmod 600"'
check "a verdict that does not rest on its findings is not signed" '
	cp -R no-go torn && cp go/verdict.json torn &&
	exits 40 gonogo-report attest --bundle torn --key key &&
	said "verdict.json: rests on another"'
check "no such bundle: an error, no verdict" '
	exits 74 gonogo-report verify --bundle nowhere --trust key.pub &&
	exits 64 gonogo-report verify --bundle go &&
	exits 64 gonogo-report verify --bundle go --trust key.pub --as-of soon'

# Stock tools notice one changed byte in each kind of file, too.
while read -r file; do
	check "verify.sh notices a byte of $file" '
		rm -rf bad && cp -R go bad &&
		printf X | dd of=bad/'"$file"' bs=1 seek=40 conv=notrunc status=none &&
		exits 40 sh "$here/templates/verify.sh" key.pub bad'
done <<END
facts.json
findings.json
verdict.json
report.html
report.md
raw/apps/001.json
raw/apps/001.meta.json
CONTENTS.json
SHA256SUMS
signing-key.pem
verify.sh
attestation.dsse.json
test-result.dsse.json
END
check "verify.sh notices a file too many, and one too few" '
	rm -rf bad && cp -R go bad && touch bad/raw/more && stock 40 bad &&
	rm -rf bad && cp -R go bad && rm bad/raw/apps/001.json && stock 40 bad'
check "verify.sh notices swapped envelopes" '
	rm -rf bad && cp -R go bad &&
	cp go/attestation.dsse.json bad/test-result.dsse.json &&
	cp go/test-result.dsse.json bad/attestation.dsse.json && stock 40 bad'

# The raw replies are judged anew by the program beside ours.
mkdir tools
cat >tools/gonogo-audit <<'END'
#!/bin/sh
# judge --bundle B --as-of T --out D: what was judged, or something else.
[ "$1 $2 $4 $6" = "judge --bundle --as-of --out" ] || exit 64
cp "$3/facts.json" "$3/findings.json" "$7" || exit 74
[ -z "${HARM:-}" ] || echo >>"$7/$HARM"
exit "${JUDGED:-0}"
END
chmod +x tools/gonogo-audit
export GONOGO_LIBEXEC="$work/tools"
recomputed() {
	exits "$1" gonogo-report verify --bundle go --trust key.pub --recompute
}
check "the same facts and findings again: it holds" 'recomputed 0'
check "other findings: it does not" '
	HARM=findings.json recomputed 40 &&
	said "findings.json: the raw replies give another one" &&
	HARM=facts.json recomputed 40 && JUDGED=65 recomputed 40'
check "nothing is left behind" '
	! ls -d "${TMPDIR:-/tmp}"/gonogo-verify.* >"$out" 2>"$err"'
plan
