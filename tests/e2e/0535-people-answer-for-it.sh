#!/bin/sh
# What people sign: waivers and approvals, by ssh-keygen's own signatures.
# Only what is signed by whom the site names, narrow, and in force, counts.
# shellcheck source=tests/e2e/lib.sh disable=SC2016,SC2119
. "${0%/*}/lib.sh"

harness=$here/tests/harness
now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
days() { date -u -d "$1 days" +%Y-%m-%dT%H:%M:%SZ; }

for who in anna ben carl mallory; do
	ssh-keygen -q -t ed25519 -N '' -C $who -f $who || bail
done
for who in anna ben carl; do
	echo "$who@example.org $(cut -d ' ' -f 1,2 $who.pub)"
done >signers
# Two warnings less would be a GO: app and log findings of this bundle.
"$harness/bundle" conditional b "$now" || bail
app=APPS-declared/com.example.scriptrunner
log=LOGS-problems/G07

decide() { # CODE [OPTION...]
	wanted=$1
	shift
	exits "$wanted" gonogo-report decide --bundle b --as-of "$now" "$@"
}
waive() { # FINDING KEY UNTIL [OPTION...]
	of=$1 by=$2 end=$3
	shift 3
	exits 0 gonogo-report waive --bundle b --out w --finding "$of" \
		--reason "tried on staging, OPS-17" --as-of "$now" --until "$end" --key "$by" "$@"
}
# state_is STATE: of the only waiver, in the verdict.
state_is() { jq -e --arg s "$1" '.waivers | length == 1 and .[0].state == $s' \
	b/verdict.json >"$out"; }
anew() {
	rm -rf w b/waivers
	mkdir w
}
policy() { printf '%s\n' "$@" >policy.conf; }

check "a blocker that is waived: both verdicts are told" '
	cp -R b c &&
	jq "(.findings[] | select(.key == \"'$app'\")).severity = \"high\"" \
		c/findings.json >b/findings.json && decide 20 &&
	waive $app anna "$(days 7)" && decide 10 --waivers w --signers signers &&
	said "CONDITIONAL .*without waivers NO-GO" && state_is active &&
	jq -e ".verdict == \"CONDITIONAL\" and
		.verdict_without_waivers == \"NO_GO\" and
		.waivers[0].signers == [\"anna@example.org\"]" b/verdict.json >"$out"'
check "it ends the verdict with itself" '
	anew && waive $app anna "$(date -u -d "+1 hour" +%Y-%m-%dT%H:%M:%SZ)" &&
	decide 10 --waivers w --signers signers &&
	[ "$(jq -r .valid_until b/verdict.json)" = "$(jq -r .waivers[0].until \
		b/verdict.json)" ]'
check "a waived finding is a pass with its waiver in JUnit, a warning in-toto" '
	exits 0 gonogo-report render --bundle b &&
	tr "\n" " " <b/junit.xml | grep -q \
		"name=\"APPS-declared/com.example.scriptrunner\"[^/]*<properties>.*waived by" &&
	grep -q "Taken upon themselves" b/report.html &&
	exits 0 gonogo-report key --out key &&
	exits 0 gonogo-report attest --bundle b --key key &&
	jq -er .payload b/test-result.dsse.json | base64 -d |
	jq -e ".predicate.warnedTests | index(\"'$app'\")" >"$out"'
check "the sealed bundle makes the same verdict of it again" '
	exits 0 gonogo-report verify --bundle b --trust key.pub'
check "its waiver can not be changed, exchanged or taken away" '
	for harm in "sed -i s/OPS-17/OPS-18/ h/waivers/*.conf" \
		"rm h/waivers/*.sig" "rm -r h/waivers" "rm h/allowed_signers" \
		"cp mallory.pub h/allowed_signers" "cp signers h/krl"; do
		rm -rf h && cp -R b h && eval "$harm" &&
		exits 40 gonogo-report verify --bundle h --trust key.pub || break
	done'
rm -f b/*.dsse.json b/SHA256SUMS b/CONTENTS.json

# What does not count leaves the NO-GO as it is.
check "not signed" '
	anew && waive $app anna "$(days 7)" && rm w/*.sig &&
	decide 20 --waivers w --signers signers && state_is invalid'
check "signed by somebody whom nobody named" '
	anew && waive $app mallory "$(days 7)" &&
	decide 20 --waivers w --signers signers && state_is invalid &&
	jq -r .waivers[0].why b/verdict.json >"$out" && said "nobody of the allowed"'
check "changed after it was signed" '
	anew && waive $app anna "$(days 7)" && sed -i s/OPS-17/OPS-18/ w/*.conf &&
	decide 20 --waivers w --signers signers && state_is invalid'
check "signed for another purpose" '
	anew && waive $app anna "$(days 7)" && rm w/*.sig &&
	ssh-keygen -q -Y sign -n gonogo-approval -f anna w/*.conf 2>"$err" &&
	decide 20 --waivers w --signers signers && state_is invalid'
check "by a key that is revoked" '
	anew && waive $app anna "$(days 7)" && ssh-keygen -q -k -f krl anna.pub &&
	decide 20 --waivers w --signers signers --revoked krl && state_is invalid &&
	rm -f b/krl'
check "by a key whose time was over" '
	anew && waive $app anna "$(days 7)" &&
	sed "s/^anna@example.org/& valid-before=\"20200101\"/" signers >old &&
	decide 20 --waivers w --signers old && state_is invalid'
check "by one whom a pattern lets sign: nobody is named" '
	anew && waive $app anna "$(days 7)" && sed "s/^[a-z]*@/*@/" signers >any &&
	decide 20 --waivers w --signers any && state_is invalid'
check "expired" '
	anew && waive $app anna "$(days 7)" && cp -R w b/waivers &&
	exits 20 gonogo-report decide --bundle b --signers signers \
		--as-of "$(days 8)" && state_is expired'
check "of another target, or another cluster" '
	for edit in "s/^targets.*/targets = 9.4.23/" "s/^cluster.*/cluster = x/"; do
		anew && waive $app anna "$(days 7)" && sed -i "$edit" w/*.conf &&
		rm w/*.sig && exits 0 gonogo-report waive --sign w/*.conf --key anna &&
		decide 20 --waivers w --signers signers && state_is elsewhere || break
	done'
check "graver than it covers, or than the policy lets anybody waive" '
	anew && waive $app anna "$(days 7)" &&
	sed -i "s/^severity.*/severity = medium/" w/*.conf && rm w/*.sig &&
	exits 0 gonogo-report waive --sign w/*.conf --key anna &&
	decide 20 --waivers w --signers signers && state_is unused &&
	anew && waive $app anna "$(days 7)" && policy "[waivers]" "highest = medium" &&
	decide 20 --waivers w --signers signers --policy policy.conf &&
	state_is too-broad'
check "for longer than the policy allows, or for a pattern" '
	anew && waive $app anna "$(days 60)" && rm -f b/policy.conf &&
	decide 20 --waivers w --signers signers && state_is too-broad &&
	anew && waive $app anna "$(days 7)" &&
	sed -i "s/^finding.*/finding = APPS-*/" w/*.conf && rm w/*.sig &&
	exits 0 gonogo-report waive --sign w/*.conf --key anna &&
	decide 20 --waivers w --signers signers && state_is too-broad'
check "by fewer people than the policy asks: two keys of one are one" '
	policy "[waivers]" "signatures = 2" &&
	sed "s/^ben@/anna@/" signers >two-keys &&
	anew && waive $app anna "$(days 7)" &&
	exits 0 gonogo-report waive --sign w/*.conf --key ben &&
	decide 20 --waivers w --signers two-keys --policy policy.conf &&
	state_is invalid && cp -R w w2 &&
	decide 10 --waivers w2 --signers signers --policy policy.conf &&
	state_is active'
rm -f b/policy.conf
check "what nobody answered, unless it says so" '
	"$harness/bundle" unknown u "$now" &&
	run gonogo-report decide --bundle u --as-of "$now" &&
	exits 64 gonogo-report waive --bundle u --finding PLATFORM-disk \
		--reason x --until "$(days 7)" && said "did not fail" &&
	exits 0 gonogo-report waive --bundle u --finding PLATFORM-disk \
		--reason x --until "$(days 7)" --as-of "$now" --unanswered --key anna &&
	exits 30 gonogo-report decide --bundle u --signers signers --as-of "$now" &&
	jq -e ".waivers[0].state == \"active\"" u/verdict.json >"$out"'
check "a finding that is not there can not be waived" '
	exits 64 gonogo-report waive --bundle b --finding APPS-nothing \
		--reason x --until "$(days 7)" && said "no such finding"'
check "an unused waiver is told, and weighs nothing" '
	cp c/findings.json b/findings.json && decide 10 &&
	cp b/verdict.json before && anew && waive $log anna "$(days 7)" &&
	jq "(.findings[] | select(.key == \"'$log'\")).outcome = \"pass\"" \
		c/findings.json >b/findings.json &&
	decide 10 --waivers w --signers signers && state_is unused &&
	jq -e ".verdict_without_waivers == .verdict" b/verdict.json >"$out"'
plan
