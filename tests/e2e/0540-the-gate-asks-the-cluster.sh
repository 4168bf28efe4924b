#!/bin/sh
# From the cluster to the gate and back: collected, judged, decided, signed,
# judged anew from the raw replies, and held against the cluster as it changes.
# shellcheck source=tests/e2e/lib.sh disable=SC2016,SC2119
. "${0%/*}/lib.sh"

cluster_start --requests 200 --days 2 || bail
# What is shown here is the gate; the backup has its own scenarios.
printf '[backup]\nrequired = no\n' >policy.conf
printf '[policy]\nfile = %s\n' "$work/policy.conf" >>"$conf"

gate() {
	exits "$1" gonogo-report gate --bundle b --trust key.pub --phase open \
		-c "$conf"
}

check "collected, judged, decided: GO" '
	exits 0 gonogo-audit collect -c "$conf" --bundle b &&
	exits 0 gonogo-audit logs -c "$conf" --bundle b &&
	exits 0 gonogo-audit judge --bundle b &&
	exits 0 gonogo-report decide --bundle b && said "^GO  demo: "'
check "drawn and signed" '
	exits 0 gonogo-report render --bundle b &&
	exits 0 "$here/tests/harness/page" check b &&
	exits 0 gonogo-report key --out key &&
	exits 0 gonogo-report attest --bundle b --key key'
check "it verifies, with stock tools, too" '
	exits 0 gonogo-report verify --bundle b --trust key.pub &&
	exits 0 sh b/verify.sh key.pub'
check "the raw replies give the same facts and findings again" '
	exits 0 gonogo-report verify --bundle b --trust key.pub --recompute'
check "other raw replies do not, whoever signed them" '
	cp -R b forged && find forged/raw -name "*.json" ! -name "*.meta.json" \
		-exec grep -l "\"STABLE\"" {} + | while read -r file; do
		sed -i "s/STABLE/MIXED/" "$file"
		sed -i "s/\"sha256\": *\"[0-9a-f]*\"/\"sha256\": \"$(
			sha256sum "$file" | cut -c 1-64)\"/" \
			"${file%.json}.meta.json"
	done
	exits 0 gonogo-report attest --bundle forged --key key &&
	exits 0 gonogo-report verify --bundle forged --trust key.pub &&
	exits 40 gonogo-report verify --bundle forged --trust key.pub \
		--recompute && said "the raw replies give another one"'

check "the gate lets it through" 'gate 0 && said "^GO"'
check "an app is installed: drift, by its name" '
	simctl app "{\"action\":\"install\",\"key\":\"com.new.app\",
		\"name\":\"New\",\"version\":\"1.0\"}" >"$out" &&
	gate 50 && said "app com.new.app 1.0: was not installed"'
check "it is removed again: go" '
	simctl app "{\"action\":\"uninstall\",\"key\":\"com.new.app\"}" \
		>"$out" && gate 0'
check "a node restarts under another id: go" '
	simctl node "{\"node\":\"bb-node-2\",\"action\":\"restart\"}" \
		>"$out" && simctl wait "[.nodes[].state] | all(. == \"ACTIVE\")" &&
	gate 0'
check "a node is upgraded: drift" '
	simctl node "{\"node\":\"bb-node-2\",\"version\":\"9.4.23\"}" \
		>"$out" && gate 50 && said "node bb-node-2 version: was"'
simctl node "{\"node\":\"bb-node-2\",\"version\":\"$SITE_VERSION\"}" >"$out"
check "it is as it was: go" 'gate 0'
check "the app list is refused: unknown" '
	simctl fault "{\"kind\":\"status\",\"status\":403,
		\"path\":\"/rest/plugins\"}" >"$out" &&
	gate 30 && said "apps: not seen now" && simctl clear >"$out"'
check "the cluster is down: unavailable" '
	simctl fault "{\"kind\":\"refuse\"}" >"$out" &&
	gate 69 && simctl clear >"$out" && gate 0'
check "every answer stands in the log, in one chain" '
	[ "$(jq -r .code b/gate-log.ndjson | tr "\n" " ")" = \
		"0 50 0 0 50 0 30 69 0 " ] &&
	exits 0 gonogo-report verify --bundle b --trust key.pub'
plan
