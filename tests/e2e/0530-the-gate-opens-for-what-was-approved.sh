#!/bin/sh
# The gate holds the live cluster against the approved one.  The cluster is
# played by a program that prints the facts that it is told to.
# shellcheck source=tests/e2e/lib.sh disable=SC2016,SC2119
. "${0%/*}/lib.sh"

harness=$here/tests/harness
now=$(date -u +%Y-%m-%dT%H:%M:%SZ)

mkdir tools
cat >tools/gonogo-audit <<'END'
#!/bin/sh
[ "$*" = "collect -c gonogo.conf --profile gate --out -" ] || exit 64
[ -z "${FAILS:-}" ] || exit "$FAILS"
exec cat "$LIVE"
END
chmod +x tools/gonogo-audit
export GONOGO_LIBEXEC="$work/tools" LIVE="$work/live.json"

touch gonogo.conf
gonogo-report key --out key >"$out" || bail
for kind in go conditional no-go unknown; do
	"$harness/bundle" $kind $kind "$now" || bail
	run gonogo-report decide --bundle $kind --as-of "$now"
	exits 0 gonogo-report attest --bundle $kind --key key || bail
done
cp go/facts.json live.json

gate() { # CODE BUNDLE [OPTION...]
	wanted=$1 of=$2
	shift 2
	exits "$wanted" gonogo-report gate --bundle "$of" --trust key.pub \
		--phase open -c gonogo.conf "$@"
}
# live FILTER: the cluster is what was approved, changed by a jq filter.
live() { jq "$1" go/facts.json >live.json; }
same_again() { cp go/facts.json live.json; }

check "the same cluster: go" "gate 0 go && said '^GO  git.example.com'"
check "one JSON object on request" '
	gate 0 go --json && jq -e ".schema == \"gonogo.gate/1\" and .code == 0
		and .answer == \"GO\" and .reasons == [] and .phase == \"open\"
		and (.live_sha256 | length) == 64" "$out" >/dev/null'
check "each answer is a line of the log, chained to the one before" '
	[ "$(wc -l <go/gate-log.ndjson)" = 2 ] &&
	[ "$(sed -n 1p go/gate-log.ndjson | tr -d "\n" | sha256sum |
		cut -c 1-64)" = "$(sed -n 2p go/gate-log.ndjson |
		jq -r .prev)" ] &&
	sed -n 2p go/gate-log.ndjson | jq -e .repeat >"$out"'
check "the log leaves the bundle valid, with stock tools, too" '
	exits 0 gonogo-report verify --bundle go --trust key.pub &&
	exits 0 sh go/verify.sh key.pub'

# shellcheck disable=SC2034 # the words of the check use it
while IFS='|' read -r code filter says; do
	check "$code: $says" '
		live "$filter" && gate "$code" go && said "$says"'
done <<'END'
50|.apps += [{"key":"com.evil","version":"1","state":"unknown"}]|app com.evil 1: was not installed when approved
50|.apps[0].version = "9.9"|app com.acme.merge-guard version: was 4.2.0, is 9.9
50|.apps[0].enabled = false|app com.acme.merge-guard enabled: was yes, is no
50|del(.apps[1])|app com.example.ci.build-status: is gone
50|.nodes[2].version = "9.4.22"|node bb-3 version: was 9.4.21, is 9.4.22
50|.nodes[1].state = "OFFLINE"|node bb-2 state: was ACTIVE, is OFFLINE
50|del(.nodes[0])|node bb-1: is gone
50|.nodes += [{"name":"bb-9"}]|node bb-9: was not there
50|.licence.server_id = "X"|server id: was B1AB-2CDE-3FGH-4IJK, is X
50|.cluster.zdu_state = "READY_TO_UPGRADE"|upgrade state: was STABLE
50|.cluster.upgrade_mode = true|upgrade mode: is on
60|.nodes[1].state = "DRAINING"|node bb-2: is DRAINING
60|.cluster.maintenance = true|Bitbucket is locked now
30|del(.apps)|apps: not seen now
30|del(.licence)|not seen now
30|del(.cluster.zdu_state)|upgrade state: not seen now
30|del(.nodes)|nodes: not seen now
30|.schema = "gonogo.facts/2"|schema is
30|.nodes = 7|nodes
0|.nodes[0].id = "another"|^GO
0|.licence.users = 1999|^GO
END
check "drift outranks a hold and what was not seen, and all is named" '
	live ".cluster.maintenance = true | .apps[0].version = \"0\" |
		del(.licence)" &&
	gate 50 go && said "locked now" && said "licence" && said "was 4.2.0"'
same_again

check "an unreachable cluster: 69" \
	'FAILS=69 gate 69 go && said "could not be looked at"'
check "a crashed look: no go" '
	FAILS=139 gate 69 go && FAILS=74 gate 74 go && FAILS=1 gate 69 go'
check "no program to look with: no go" '
	GONOGO_LIBEXEC=/nowhere gate 74 go && said "no such program"'

check "NO-GO: 20, with the rules that say so" '
	cp no-go/facts.json live.json && gate 20 no-go &&
	said "the verdict is NO-GO: APPS-incompatible/com.acme.merge-guard"'
check "NO-GO outranks an unreachable cluster" 'FAILS=69 gate 20 no-go'
check "UNKNOWN: 30" 'cp unknown/facts.json live.json && gate 30 unknown'
check "CONDITIONAL: 10, or 0 when it is accepted" '
	cp conditional/facts.json live.json && gate 10 conditional &&
	gate 0 conditional --accept-conditional'
check "CONDITIONAL is no answer for an unreachable cluster" \
	'FAILS=69 gate 69 conditional'
same_again

check "expired: 40, and nobody asks the cluster" '
	FAILS=1 gate 40 go --as-of "$(date -u -d "+30 days" +%Y-%m-%d)" &&
	said "expired at"'
check "a changed byte: 40" '
	cp -R go bad && printf " " >>bad/findings.json && gate 40 bad --json &&
	jq -e ".answer == \"INVALID\" and .code == 40 and .verdict == null and
		(.safe_next | length) > 0" "$out" >/dev/null'
check "another key: 40" '
	exits 0 gonogo-report key --out strange &&
	exits 40 gonogo-report gate --bundle go --trust strange.pub \
		--phase open -c gonogo.conf'
check "a changed line of the log: 40" '
	rm -rf bad && cp -R go bad &&
	sed -i "1s/\"code\":0/\"code\":9/" bad/gate-log.ndjson &&
	gate 40 bad && said "gate-log.ndjson:2: does not follow"'
check "an answer that can not be logged is no GO" '
	rm -rf bad && cp -R go bad && rm bad/gate-log.ndjson &&
	mkdir bad/gate-log.ndjson && run gonogo-report gate --bundle bad \
		--trust key.pub --phase open -c gonogo.conf
	[ "$status" = 30 ] || [ "$status" = 40 ]'
check "ten gates at once: ten whole lines, one chain" '
	rm -rf go/gate-log.ndjson state/ledger
	for i in 1 2 3 4 5 6 7 8 9 10; do
		gonogo-report gate --bundle go --trust key.pub --phase open \
			-c gonogo.conf >"$out.$i" 2>&1 &
	done
	wait
	[ "$(wc -l <go/gate-log.ndjson)" = 10 ] &&
	exits 0 gonogo-report verify --bundle go --trust key.pub'
check "a phase that is not known: usage" '
	exits 64 gonogo-report gate --bundle go --trust key.pub \
		--phase later -c gonogo.conf && said "not one of open, "'
plan
