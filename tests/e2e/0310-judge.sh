#!/bin/sh
# Judging: a bundle's raw replies to findings, without a network; what is wrong
# is named, what was not seen is UNKNOWN, and the same input gives the same
# bytes.
# shellcheck source=tests/e2e/lib.sh disable=SC2016,SC2034,SC2154
. "${0%/*}/lib.sh"
# shellcheck source=tests/harness/cluster.sh
. "$here/tests/harness/cluster.sh"

cluster_start --repos 4 --days 1 >/dev/null || bail "no cluster"

finding() { jq -er --arg key "$1" '.findings[] | select(.key == $key) | .'"$2" \
	"$3/findings.json"; }
outcomes() { jq -r '.findings[] | select(.outcome == "'"$1"'" and .required) | .key' \
	"$2/findings.json"; }

run gonogo-audit collect -c "$conf" --bundle good
check "a healthy cluster is collected, and its logs" '
	[ "$status" = 0 ] && exits 0 gonogo-audit logs -c "$conf" --bundle good'
now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
check "it is judged" 'exits 0 gonogo-audit judge --bundle good --as-of "$now"'
check "nothing fails that is asked for" '
	[ -z "$(outcomes fail good | grep -v BACKUP)" ]'
check "only the backup is not answered" '
	[ -z "$(outcomes unknown good | grep -v "^BACKUP-")" ] &&
	outcomes unknown good | grep -qx BACKUP-set-good'
check "evidence names the raw reply and its hash" '
	file=$(finding CLUSTER-not-locked "evidence[0].file" good) &&
	sum=$(finding CLUSTER-not-locked "evidence[0].sha256" good) &&
	echo "$sum  good/$file" | sha256sum --status -c'
check "findings name the facts that they were made of" '
	[ "$(jq -r .facts_sha256 good/findings.json)" = \
		"$(sha256sum good/facts.json | cut -d" " -f1)" ]'

check "the same input gives the same bytes elsewhere" '
	exits 0 gonogo-audit judge --bundle good --as-of "$now" --out again &&
	cmp good/findings.json again/findings.json &&
	cmp good/facts.json again/facts.json'
check "an area can be left out" '
	exits 0 gonogo-audit judge --bundle good --without BACKUP --out part &&
	! grep -q BACKUP- part/findings.json'
check "three days later nothing answers" '
	exits 0 gonogo-audit judge --bundle good --out late \
		--as-of "$(date -u -d "3 days" +%Y-%m-%d)" &&
	finding CLUSTER-not-locked why late | grep -q "1 d is the limit" &&
	! jq -r ".findings[] | select(.outcome == \"pass\") | .check" \
		late/findings.json | grep -vE "CLUSTER-balancer|FREEZE-announced|CONFIG-carried|EVIDENCE-(unseen|answered|collectors|pack-fresh)"'
check "a moment before it was asked is refused" '
	exits 65 gonogo-audit judge --bundle good --as-of 2020-01-01 --out no'

check "without logs nobody can say, unless the policy lets it be" '
	cp -r good mute && rm -r mute/logs && printf "[checks]\noptional = LOGS\n" >mute.conf &&
	exits 0 gonogo-audit judge --bundle mute --as-of "$now" &&
	[ "$(outcomes unknown mute | grep -c "^LOGS-")" = 6 ] &&
	finding LOGS-whole why mute | grep -q "no logs were read" &&
	cp good/logs/logs.json bad.json && mkdir mute/logs &&
	head -c 500 bad.json >mute/logs/logs.json &&
	exits 65 gonogo-audit judge --bundle mute && said logs.json'

printf '[backup]\nrequired = no\n' >nobackup.conf
check "what only people can say is asked, and their answers count" '
	cp -r good asked && rm asked/answers.conf &&
	exits 0 gonogo-audit judge --bundle asked --policy nobackup.conf \
		--as-of "$now" --ask open.conf &&
	exits 30 gonogo-report decide --bundle asked --policy nobackup.conf &&
	grep -q "^# Has somebody read the release and upgrade notes of 9.4.23" \
		open.conf &&
	sed "s/^#answer/answer/; s/^#by = /by = Bert/
		s/^#at = .*/at = $now/" open.conf >said.conf &&
	exits 0 gonogo-audit judge --bundle asked --policy nobackup.conf \
		--as-of "$now" --answers said.conf --ask - &&
	! grep -q "^.NOTES" "$out" && cmp said.conf asked/answers.conf &&
	finding NOTES-read message asked | grep -q "Yes, says Bert" &&
	exits 0 gonogo-report decide --bundle asked --policy nobackup.conf'
check "a slip in the answers is named, a file of answers is not overwritten" '
	sed "s/^.NOTES-read/[NOTES-raed/" said.conf >slip.answers &&
	exits 64 gonogo-audit judge --bundle asked --answers slip.answers &&
	said "NOTES-raed" && cp said.conf asked/answers.conf &&
	sed "s/^by/bye/" said.conf >slip.answers &&
	exits 64 gonogo-audit judge --bundle asked --answers slip.answers &&
	said "bye: unknown key" && cp said.conf asked/answers.conf &&
	exits 64 gonogo-audit judge --bundle asked --ask open.conf &&
	said "is there already"'
check "a policy that asks for no backup lets it go" '
	cp -r good free &&
	exits 0 gonogo-audit judge --bundle free --policy nobackup.conf &&
	exits 0 gonogo-report decide --bundle free --policy nobackup.conf'
# What the logs say, from the log to the verdict.
log=$work/logs/bb-node-1/atlassian-bitbucket.log
entry() {
	printf '%s,118 ERROR [t]  c.a.s.i.s.g.GitFailure git failed\n%s\n' \
		"$(date -u -d "$1" +"%F %T")" \
		"error: unable to normalize alternate object path: /old" >>"$log"
}
# verdict: of what the logs are now.
verdict() {
	rm -rf told && cp -r good told && gonogo-audit logs -c "$conf" \
		--bundle told >"$work/table" && gonogo-audit judge --bundle told \
		--policy nobackup.conf && run gonogo-report decide --bundle told \
		--policy nobackup.conf
}
check "a known problem of four days ago is a warning, a fresh one stops" '
	entry "4 days ago" && verdict && [ "$status" = 10 ] && said "LOGS-problems" &&
	entry "1 hour ago" && verdict && [ "$status" = 20 ] &&
	finding LOGS-blockers/G02 message told |
		grep -q "Alternate object path broken: 2 entries, last .*bb-node-1:2"'
check "who looked into it says so, until it comes again" '
	printf "[G02]\nby = Anna\nat = $now\ncount = 2\nnodes = bb-node-1\nwhy = mended\n" >ack &&
	sed -i "s|^zone = UTC|&\nacknowledged = $work/ack|" "$conf" &&
	verdict && [ "$status" = 0 ] &&
	finding LOGS-blockers/G02 message told | grep -q "Anna let it be" &&
	entry "1 minute ago" && verdict && [ "$status" = 20 ]'
check "the verdict says that the logs are not made anew" '
	[ "$(jq -r ".taken_as_is[]" told/verdict.json)" = logs/logs.json ]'
check "a log that is cut short, a node without logs: nobody can say" '
	sed -i "/^2026.*GitFailure/,+1d; /GitFailure/,+1d" $log && verdict &&
	[ "$status" = 0 ] && gzip -c $log | head -c 400 >$log.gz && verdict &&
	[ "$status" = 30 ] && finding LOGS-whole why told | grep -q "cut short" &&
	rm $log.gz && mv $log $work/away && verdict && [ "$status" = 30 ] &&
	finding LOGS-covered/bb-node-1 why told | grep -q "no log of bb-node-1" &&
	mv $work/away $log && verdict && [ "$status" = 0 ]'

check "a policy with a slip names the line" '
	printf "[backup]\nmax_agee = 1h\n" >slip.conf &&
	exits 64 gonogo-audit judge --bundle good --policy slip.conf &&
	said "slip.conf:2: \[backup\] max_agee: unknown key" &&
	said "did you mean .max_age."'

simctl app '{"action":"install","key":"com.example.bb.legacy",
	"name":"Legacy Hooks","version":"0.9.8"}' >/dev/null
simctl node '{"node":"bb-node-3","version":"9.4.21"}' >/dev/null
run gonogo-audit collect -c "$conf" --bundle bad
check "planted trouble is judged" 'exits 0 gonogo-audit judge --bundle bad'
check "the incompatible app is named with its version" '
	[ "$(finding APPS-incompatible/com.example.bb.legacy outcome bad)" = fail ] &&
	finding APPS-incompatible/com.example.bb.legacy message bad |
		grep -q "Legacy Hooks (com.example.bb.legacy) 0.9.8"'
check "so is the node of another version" '
	finding CLUSTER-one-version/bb-node-3 message bad |
		grep -q "bb-node-3 runs 9.4.21 .*, 2 others run 9.4.22"'
check "that is a NO-GO" 'exits 20 gonogo-report decide --bundle bad'
check "what would be if it were disabled: told, and nothing is written" '
	sum=$(cat bad/*.json | sha256sum) &&
	exits 0 gonogo-audit judge --bundle bad \
		--what-if disable=com.example.bb.legacy &&
	said "^as it is: NO-GO" && said "^after disable=com.example.bb.legacy:" &&
	said "CLUSTER-one-version/bb-node-3" &&
	! said "APPS-incompatible/com.example.bb.legacy" &&
	[ "$sum" = "$(cat bad/*.json | sha256sum)" ] &&
	exits 64 gonogo-audit judge --bundle bad --what-if disable=no.such &&
	exits 64 gonogo-audit judge --bundle bad --what-if remove=x'
check "explain tells the finding and what to do" '
	exits 0 gonogo-audit explain --bundle bad \
		APPS-incompatible/com.example.bb.legacy &&
	said "do +disable com.example.bb.legacy"'

raw=$(finding CLUSTER-not-locked 'evidence[0].file' bad)
check "a raw reply that was changed is refused" '
	chmod u+w "bad/$raw" && echo " " >>"bad/$raw" &&
	exits 65 gonogo-audit judge --bundle bad'

check "the rules are one JSON document" '
	run gonogo-audit rules --json &&
	jq -e ".rules | length > 40" "$out" >/dev/null && cp "$out" rules.json'
check "each is explained, and has its manual and its source" '
	for id in $(jq -r ".rules[].id" rules.json); do
		exits 0 gonogo-audit explain "$id" && said "^$id" || exit 1
	done'
check "what each finds in a bundle is told" '
	exits 0 gonogo-audit rules --bundle good &&
	said "pass: Bitbucket is not locked"'
check "an unknown rule, area or bundle is a usage error" '
	exits 64 gonogo-audit explain APPS-nonsense &&
	exits 64 gonogo-audit judge --bundle good --without APP &&
	exits 64 gonogo-audit judge'
plan
