#!/bin/sh
# Night for night the answer is that of a run which read everything, whatever
# became of the files in between; and what did not change is not read.
# shellcheck source=tests/e2e/lib.sh disable=SC2016,SC2034,SC2154
. "${0%/*}/lib.sh"

# entries FROM TO [HOUR]: one a second, with traces and some trouble.
entries() {
	/usr/bin/python3 - "$@" <<'END'
import sys
for i in range(int(sys.argv[1]), int(sys.argv[2])):
    t = "2026-02-03 %02d:%02d:%02d,%03d" % (i // 3600, i // 60 % 60, i % 60, i % 997)
    print(t, "ERROR" if i % 7 == 0 else "INFO ", "[spring-startup]" if i % 91 == 0 else "[t-1]", " c.a.s.i.Work number %d of it" % i)
    if i % 7 == 0:
        print("java.lang.IllegalStateException: %d" % i)
        print("\tat com.example.C%d.run(C.java:%d)" % (i % 50, i))
    if i % 101 == 0:
        print("java.io.IOException: No space left on device")
    if i % 5000 == 77:
        print(t, "INFO  [t]  c.a.b.i.boot.log.BuildInfoLogger Starting Bitbucket 9.4.%d (0 built on x)" % (i // 5000))
END
}
cat >gonogo.conf <<END
[logs]
paths = bb-1=$work/one; bb-2=$work/two
zone = UTC
END
app=atlassian-bitbucket
mkdir -p one two
# night: what the kept state gives, and what a run without it gives.
night() { gonogo-audit logs -c gonogo.conf --json --threads 2 >kept.json 2>"$err"; }
anew() {
	gonogo-audit logs -c gonogo.conf --json --no-cache >anew.json 2>"$err"
}
# equal: both find the same, byte for byte.
equal() { night && anew && cmp kept.json anew.json; }
# read COUNT: so many log files were opened by a night.
reads() {
	strace -f -qq -e trace=openat -o trace gonogo-audit logs -c gonogo.conf \
		--json >/dev/null 2>&1
	[ "$(grep -c "$work/\(one\|two\)/.*O_NOCTTY" trace)" = "$1" ] || {
		grep "$work/\(one\|two\)/" trace >&2
		false
	}
}
is() {
	got=$(jq -r "$1" kept.json)
	[ "$got" = "$2" ] || { echo "# $1: $got, not $2" && false; }
}

entries 0 9000 >one/$app.log
entries 0 3000 | gzip >two/$app-2026-02-03.1.log.gz
entries 3000 9000 >two/$app.log
(cd two && /usr/bin/python3 -m zipfile -c support.zip $app.log)
check "the first night, and the same again" 'equal && equal && is ".files | length" 4'
check "nothing new: no log is opened" 'reads 0'
check "one that has grown is read from its last entry on" '
	entries 9000 9500 >>one/$app.log && equal && entries 9500 9600 >>one/$app.log &&
	night && is "[.files[] | select(.path | endswith(\"one/'$app'.log\")) | .bytes] | .[0]" \
		"$(wc -c <one/$app.log)" && anew && cmp kept.json anew.json'
check "half an entry, then the rest of it" '
	printf "2026-02-03 10:00:00,000 ERROR [t]  c.a.s.i.Half wri" >>one/$app.log &&
	equal && printf "tten\njava.io.IOException: No space left on dev" >>one/$app.log &&
	equal && printf "ice\n\tat a.B.c(D.java:1)\n" >>one/$app.log && equal &&
	entries 36001 36010 >>one/$app.log && equal'
check "rotated by name: known all the same" '
	mv one/$app.log one/$app-2026-02-03.7.log && entries 36100 36200 >one/$app.log &&
	equal && reads 0'
check "pressed after that: read anew" '
	gzip one/$app-2026-02-03.7.log && equal && reads 0'
check "cut to nothing and begun anew: said, and all of it is read" '
	cp one/$app.log copy && : >one/$app.log && entries 36200 36210 >one/$app.log &&
	night && is "[.files[] | select(.anew) | .path | sub(\".*/\"; \"\")] | @json" \
		"[\"'$app'.log\"]" && equal'
check "the same length with other bytes is another file" '
	sed "s/number/NUMBER/" one/$app.log >other && cat other >one/$app.log &&
	touch -d "1 hour ago" one/$app.log && equal'
check "gone and come" 'rm two/$app-2026-02-03.1.log.gz && equal &&
	entries 100 200 >two/$app.2.log && equal'
check "an hour that comes twice" '
	entries 7200 10800 >two/$app.log && entries 7200 9000 >>two/$app.log &&
	night && equal && is "[.files[] | .clock_went_back // empty] | add" 1 &&
	entries 9000 9100 >>two/$app.log && equal'
check "another node of it, another pack, known problems alone: nothing is mixed" '
	sed -i "s/bb-2=/bb-9=/" gonogo.conf && equal && is ".nodes[1].name" bb-9 &&
	gonogo-audit logs -c gonogo.conf --json --known-only >kept.json &&
	gonogo-audit logs -c gonogo.conf --json --known-only --no-cache >anew.json &&
	cmp kept.json anew.json && equal'
check "damaged in any place it is only slower" '
	night && size=$(wc -c <state/logs/found) && [ "$size" -gt 1000 ] &&
	for at in 0 40 70 100 200 $((size / 2)) $((size - 10)); do
		printf XXXXXX | dd of=state/logs/found bs=1 seek=$at conv=notrunc 2>/dev/null
		equal || return 1
	done && head -c $((size / 3)) state/logs/found >short &&
	cp short state/logs/found && equal'
check "nobody else may read what is kept" '
	[ "$(stat -c %a state/logs state/logs/found | tr "\n" " ")" = "700 600 " ]'

# ---- what is new ----
days() { date -u -d "$1 days" +%Y-%m-%d; }
state_of() { jq -r "[.errors[] | select(.samples[0].text | contains(\"$1\")) | .state] | unique | @json" kept.json; }
check "the first night weighs nothing; the next day it does" '
	rm -rf state/logs && night && is ".baseline" null &&
	mv state/logs/nights/* state/logs/nights/$(days -1).json &&
	night && is ".baseline | length" 64 && [ "$(state_of number)" = "[\"known\"]" ]'
check "an error is new for three days, then it is known" '
	echo "2026-02-03 12:00:00,000 ERROR [t]  c.a.s.i.Fresh never before" >>one/$app.log &&
	night && [ "$(state_of "never before")" = "[\"new\"]" ] &&
	mv state/logs/nights/$(days 0).json state/logs/nights/$(days -2).json &&
	mv state/logs/nights/$(days -1).json state/logs/nights/$(days -4).json &&
	night && [ "$(state_of "never before")" = "[\"new\"]" ] &&
	mv state/logs/nights/$(days -2).json state/logs/nights/$(days -5).json &&
	rm state/logs/nights/$(days -4).json &&
	night && [ "$(state_of "never before")" = "[\"known\"]" ]'
check "what comes with each start is held against earlier starts" '
	printf "%s\n" "2026-02-03 12:00:01,000 ERROR [spring-startup]  c.a.s.i.Boot always so" >>one/$app.log &&
	night && [ "$(state_of "always so")" = "[\"new\"]" ] && night &&
	[ "$(state_of "always so")" = "[\"known\"]" ]'
check "nights of more than a fortnight ago go" '
	cp state/logs/nights/$(days -5).json state/logs/nights/$(days -30).json &&
	night && [ ! -e state/logs/nights/$(days -30).json ]'

# ---- what people let be ----
cat >ack.conf <<'END'
# looked into
[F01]
by = Anna Example
at = 2026-02-03T12:00:00Z
count = 12
nodes = bb-1; bb-2
why = the volume was grown
END
echo "acknowledged = $work/ack.conf" >>gonogo.conf
check "their word stands in the document" '
	night && is ".acknowledged[0] | [.what, .by, .count, .nodes[1]] | @json" \
		"[\"F01\",\"Anna Example\",12,\"bb-2\"]"'
while IFS="|" read -r what edit says; do
	check "refused: $what" '
		cp ack.conf good.conf && sed -i "$edit" ack.conf &&
		exits 64 gonogo-audit logs -c gonogo.conf --json; code=$?
		mv good.conf ack.conf; [ $code = 0 ] && said "$says"'
done <<'END'
no reason|/^why/d|\[F01\] why: missing
no time|s/^at = .*/at = yesterday/|ack.conf:4: .*at
a count that is none|s/^count = .*/count = many/|ack.conf:5
an unknown key|s/^nodes/nods/|ack.conf:6: .*nods
a group twice|s/^why.*/&\n[F01]/|ack.conf:8: a second group
a line before all groups|1s/.*/x = y/|ack.conf:1: before the first
END
plan
