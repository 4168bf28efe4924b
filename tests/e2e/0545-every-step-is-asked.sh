#!/bin/sh
# A rolling upgrade of three simulated nodes, walked by the shipped recipes: the
# gate is asked before each step, and stops it where it has to.
# shellcheck source=tests/e2e/lib.sh disable=SC2016,SC2119
. "${0%/*}/lib.sh"

cluster_start --requests 20 --days 1 || bail
for who in anna ben; do
	ssh-keygen -q -t ed25519 -N '' -C $who -f $who || bail
	echo "$who@example.org $(cut -d ' ' -f 1,2 $who.pub)"
done >signers
exits 0 gonogo-report key --out key || bail
# What is shown here is the gate; the backup has its own scenarios.
printf '[backup]\nrequired = no\n[approval]\nsignatures = 1\n' >policy.conf
cat >>"$conf" <<END
[policy]
file = $work/policy.conf
[people]
signers = $work/signers
[sign]
key = $work/key
END
(umask 077 && echo "user = \"admin:$(cat admin-password)\"" >curl.conf)
cat >upgrade-node <<'END'
#!/bin/sh
# NODE VERSION: the machine's part of the step.
echo "$*" >>walked
"$SIMCTL" "$SIM_CONTROL" node "{\"node\": \"$1\", \"action\": \"upgrade\",
	\"version\": \"${WRONG:-$2}\", \"drain_ms\": 10, \"stop_ms\": 10,
	\"down_ms\": 10, \"start_ms\": 10}" >/dev/null
END
chmod +x upgrade-node
export SIMCTL="$here/tests/sim/simctl" BITBUCKET_URL="$SIM_URL" \
	BITBUCKET_CURL="$work/curl.conf" GATE_PAUSE=0.1 GATE_TRIES=40 \
	BITBUCKET_NODE_UPGRADE="$work/upgrade-node"
handoff=$here/templates/handoff

# walk CODE [ACTIONS]: the recipe, on the bundle as it stands.
walk() {
	exits "$1" sh "$handoff/walk.sh" "$handoff/${2:-rest.sh}" b key.pub "$conf"
}
gate() { # CODE PHASE
	exits "$1" gonogo-report gate --bundle b --trust key.pub --phase "$2" \
		-c "$conf"
}
approve() { # SSH-KEY
	exits 0 gonogo-report approve --bundle b --trust key.pub --key "$1"
}
# The cluster as it was approved, and no step taken.
anew() {
	for n in 1 2 3; do
		simctl node "{\"node\": \"bb-node-$n\",
			\"version\": \"$SITE_VERSION\"}"
	done >"$out" && rm -rf b state/ledger walked && cp -R signed b && approve anna
}
all_on() {
	simctl state "[.nodes[].version] | unique | .[]" >"$out" &&
		[ "$(cat "$out")" = "$1" ]
}
# mended NODE: somebody puts the target on it by hand, and it is up again.
mended() {
	"$work/upgrade-node" "$1" 9.4.23 && simctl wait \
		".nodes[] | select(.name == \"$1\") | .state == \"ACTIVE\" and
		.version == \"9.4.23\"" 30
}
app() { simctl app "{\"action\":\"$1\",\"key\":\"com.new.app\",
	\"name\":\"New\",\"version\":\"1.0\"}" >"$out"; }
closed() { # the settings, with a window of another day
	cp "$conf" kept && printf '[gate]\nwindow = %s 00:00-00:01\n' \
		"$(LC_ALL=C date -u -d '+2 days' +%a)" >>"$conf"
}
opened() { cp kept "$conf"; }

check "collected, judged, decided, signed" '
	exits 0 gonogo-audit collect -c "$conf" --bundle b &&
	exits 0 gonogo-audit logs -c "$conf" --bundle b &&
	exits 0 gonogo-audit judge --bundle b &&
	exits 0 gonogo-report decide --bundle b --policy policy.conf &&
	exits 0 gonogo-report attest --bundle b --key key && cp -R b signed'
check "nobody approved: it does not open" '
	gate 40 open && said "0 of 1 approvals"'
check "an approval by a stranger, for another bundle, or over: it does not" '
	ssh-keygen -q -t ed25519 -N "" -f mallory && approve mallory &&
	gate 40 open && said "nobody of the allowed signers" &&
	rm -rf b/approvals && approve anna && cp -R b/approvals other &&
	sed -i "s/\"bundle_sha256\": \"./\"bundle_sha256\": \"x/" other/*.json &&
	rm -rf b/approvals && cp -R other b/approvals && gate 40 open &&
	said "another bundle"'
check "a step before its time: no" '
	anew && gate 30 node-drain:bb-node-1 && said "does not know" &&
	gate 30 finalize && gate 64 node-drain: && gate 64 later'
check "out of the window it does not open; asked again in it, it does" '
	closed && GATE_TRIES=1 walk 60 &&
	said "the window is closed" && opened && gate 0 open && gate 0 open &&
	said "^then: node-drain:bb-node-1"'
check "an app that was installed stops the walk" '
	app install && walk 50 && said "com.new.app 1.0: was not installed" &&
	app uninstall'
check "a changed bundle stops it" '
	cp b/findings.json whole && printf " " >>b/findings.json && walk 40 &&
	cp whole b/findings.json'
check "a node that came with the wrong version stops it; nothing is cancelled" '
	WRONG=9.4.24 walk 50 && said "runs 9.4.24, the target is 9.4.23" &&
	said "safe: drain no other" && [ "$(wc -l <walked)" = 1 ] &&
	[ "$(simctl state .zdu.enabled)" = true ]'
check "mended by hand, it is let on; the next node only in the window" '
	mended bb-node-1 && closed && gate 0 node-joined:bb-node-1 &&
	gate 60 node-drain:bb-node-2 && opened'
check "a node in ERROR stops it" '
	WRONG=9.5.1 walk 50 && said "node bb-node-2: is in ERROR"'
check "a node that went before can not go again, two not at once" '
	gate 40 node-drain:bb-node-1 && said "was let go already" &&
	gate 50 node-drain:bb-node-3 && mended bb-node-2 &&
	gate 60 node-drain:bb-node-3 && said "node-joined:bb-node-2" &&
	gate 60 finalize'
check "evidence that expires meanwhile strands nobody" '
	exits 0 gonogo-report gate --bundle b --trust key.pub -c "$conf" \
		--phase node-joined:bb-node-2 \
		--as-of "$(date -u -d "+3 days" +%Y-%m-%dT%H:%M:%SZ)"'
check "a lost ledger is unknown, and opens nothing" '
	mv state/ledger kept-ledger && gate 30 node-joined:bb-node-2 &&
	gate 30 open && said "the gate.s log does" &&
	rm -rf state/ledger && mv kept-ledger state/ledger'
check "finalisation that fails stops it; run again, it ends" '
	simctl zdu "{\"fails\": true, \"finalise_ms\": 50}" >"$out" &&
	walk 50 && said "UPGRADE_TASKS_FAILED" && walk 0 && all_on 9.4.23 &&
	[ "$(simctl state .zdu.state)" = STABLE ]'
check "every answer stands in the log, signed and in one chain" '
	exits 0 gonogo-report verify --bundle b --trust key.pub &&
	jq -es "all(.signature) and ([.[] | select(.code == 0) | .phase] |
		unique | length == 9)" b/gate-log.ndjson >"$out"'
check "an answer that is changed, or taken off the end, is noticed" '
	cp b/gate-log.ndjson log && sed -i "\$s/\"code\":0/\"code\":10/" \
		b/gate-log.ndjson && exits 40 gonogo-report verify --bundle b \
		--trust key.pub && said "signature is not good" &&
	sed "\$d" log >b/gate-log.ndjson && gate 40 close &&
	said "lacks the answer to close" && cp log b/gate-log.ndjson &&
	gate 0 close'
check "the approval opens no second upgrade; a new one would" '
	gate 40 open && said "has begun already" && approve anna && gate 50 open &&
	said "version: was"'
cat >on <<'END'
#!/bin/sh
# NODE WORDS: a machine that has the target, whatever else it is told.
node=$1
shift
echo "$node: $*" >>told
case $* in
"test -d "*) [ "$*" = "test -d /opt/atlassian/bitbucket/9.4.23" ] ;;
*" start "*) "$UPGRADE" "$node" 9.4.23 ;;
esac
END
chmod +x on
check "the ssh recipe: the same, by switching versions on each machine" '
	anew && UPGRADE="$work/upgrade-node" BITBUCKET_SSH="$work/on" \
		walk 0 ssh.sh && all_on 9.4.23 && [ "$(wc -l <told)" = 12 ] &&
	sed -n 3p told >"$out" && said "^bb-node-.: sudo ln -sfn .*/9.4.23"'
plan
