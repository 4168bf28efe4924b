#!/bin/sh
# audit logs finds what is known and what is not, whatever the logs come in.
# shellcheck source=tests/e2e/lib.sh disable=SC2016,SC2034,SC2154
. "${0%/*}/lib.sh"

logs() { run gonogo-audit logs --zone UTC --json "$@"; }
# is FILTER WANTED: jq on the answer.
is() {
	got=$(jq -r "$1" "$out")
	[ "$got" = "$2" ] || { echo "# $1: $got, not $2" && false; }
}
answers() { [ "$status" = 0 ] && is "$@"; }
# entry TIME LEVEL MESSAGE: a line of an application log.
entry() {
	printf '2026-02-03 %s,118 %-5s [http-nio-7990-exec-12] jdoe %s %s\n' \
		"$1" "$2" '*7QK2MXx845x1203x4 9f3kz1 192.0.2.10 "GET /x HTTP/1.1"' \
		"$3"
}
trace() {
	printf '%s\n' "java.lang.IllegalStateException: no $1" \
		"	at com.example.app.Thing.open(Thing.java:$1)" \
		'	at com.example.app.Thing$$Lambda$'"$1"'/0x00007f.run(Unknown)' \
		"	at java.base/java.lang.Thread.run(Thread.java:829)" \
		"Caused by: java.io.IOException: file $1 is gone" \
		"	... 37 frames trimmed"
}

mkdir -p site/bb-1/log site/bb-2/log
log=site/bb-1/log/atlassian-bitbucket.log
{
	entry 14:00:00 INFO "c.a.s.i.p.DefaultPullRequestService opened 'No space left on device'"
	entry 14:00:01 ERROR "c.a.s.i.w.Thing failed"
	trace 17
	entry 14:00:02 WARN "c.a.s.i.s.GitHandler git failed"
	echo "java.io.IOException: No space left on device"
	entry 14:00:03 ERROR "c.a.s.i.w.Thing failed"
	trace 99
	entry 15:10:03 WARN "c.a.s.i.u.Users user bob@example.com from 192.0.2.77, password: hunter2"
} >$log
entry 14:00:02 INFO "c.a.s.i.Done done" >site/bb-2/log/atlassian-bitbucket.log

check "a known problem in a trace, by its entry; what users write is none" '
	logs site && answers "[.hits[] | [.rule, .entries, .nodes[0].node]] | @json" \
		"[[\"F01\",1,\"bb-1\"]]" &&
	is ".hits[0].first" 2026-02-03T14:00:02Z && is ".hits[0].mark" recalled'
check "one error is one, whatever varies in it" '
	is "[.errors[] | select(.level == \"ERROR\") | .entries] | @json" "[2]" &&
	is "[.errors[] | .entries] | add" 3'
check "samples tell no user, session, address, mail or password" '
	! grep -aE "jdoe|9f3kz1|192\.0\.2|bob@|hunter2|GET /x" "$out" &&
	grep -q "<mail>" "$out" && grep -q "<secret>" "$out"'
check "a node that fell silent" '
	entry 18:00:00 INFO "c.a.s.i.Done done" >>site/bb-2/log/atlassian-bitbucket.log &&
	logs site && is "[.nodes[] | select(.name == \"bb-2\") | .gaps[]] | @json" \
		"[{\"from\":\"2026-02-03T15:00:00Z\",\"until\":\"2026-02-03T18:00:00Z\"}]"'
check "the zone moves the times; an unknown one is an error" '
	run gonogo-audit logs --zone Europe/Berlin --json site &&
	is ".hits[0].first" 2026-02-03T13:00:02Z &&
	exits 64 gonogo-audit logs --zone Nowhere/Town site && said "time zone"'
check "tables for people" '
	exits 0 gonogo-audit logs --zone UTC site && said "F01 .* 1  Disk full" &&
	said "f1:[0-9a-f]{16}" && said "silent 1 times"'

# ---- what they come in ----
same() { jq -S "del(.. | .file?, .path?, .passed_over?)" "$out" >"$1"; }
check "gz, zst, xz, bz2, a pipe, zip and tar: the same is found" '
	mkdir -p packed && logs bb-1=$log && same plain &&
	for how in gzip zstd xz bzip2; do
		$how -c $log >packed/atlassian-bitbucket.log.x && logs \
			bb-1=packed/atlassian-bitbucket.log.x && same other &&
		cmp plain other || return 1
	done &&
	gzip -c $log | gonogo-audit logs --zone UTC --json bb-1=- >"$out" &&
	same other && cmp plain other &&
	(cd site/bb-1 && tar -czf ../../packed/a.tar.gz log &&
		/usr/bin/python3 -m zipfile -c ../../packed/a.zip log) &&
	for a in a.tar.gz a.zip; do
		logs bb-1=packed/$a && same other && cmp plain other || return 1
	done'
check "a pressed log in a zip, and its node by its folder" '
	mkdir -p zip/bb-7/application-logs && gzip -c $log \
		>zip/bb-7/application-logs/atlassian-bitbucket-2026-02-03.1.log.gz &&
	(cd zip && /usr/bin/python3 -m zipfile -c ../s.zip bb-7) &&
	logs s.zip && answers "[.nodes[0].name, .hits[0].entries] | @json" "[\"bb-7\",1]"'
check "a glob, one file named twice, in any order" '
	logs "site/*/log/*.log" && cp "$out" one &&
	logs site/bb-2/log "site/*/log/*.log" $log && cmp one "$out"'

# ---- how they are read ----
/usr/bin/python3 - <<'END' >big.log
for i in range(30000):
    t = "2026-02-03 %02d:%02d:%02d,%03d" % (i // 3600, i // 60 % 60, i % 60, i % 997)
    level = "ERROR" if i % 50 == 0 else "INFO "
    print(t, level, "[thread-%d]" % (i % 9), " c.a.s.i.Work number %d %s" % (i, "x" * (i % 400)))
    if i % 50 == 0:
        print("java.lang.IllegalStateException: %d" % i)
        print("".join("\tat com.example.C%d.run(C.java:%d)\n" % (k, i) for k in range(i // 50 % 90)), end="")
        print("java.io.IOException: No space left on device" if i % 100 == 0 else "Caused by: java.io.IOException: other")
END
check "any parts, any threads: not a byte differs" '
	logs --threads 1 n=big.log && cp "$out" one &&
	is "[.hits[] | [.rule, .entries]] | @json" "[[\"F01\",300]]" &&
	for part in 1 3 64 1000; do
		logs --threads 5 --part $part n=big.log && cmp one "$out" || return 1
	done'
check "new, surging, gone: held against an earlier answer" '
	grep -v "C3.run" big.log >base.log && logs n=base.log && cp "$out" base.json &&
	logs --baseline base.json n=big.log && is "[.errors[].state] | unique | @json" \
		"[\"known\",\"new\"]" && is ".gone | length" 2 &&
	logs n=big.log && cp "$out" base.json &&
	sed "/^2026-02-03 0[0-6]/d" big.log >atlassian-bitbucket.late.log &&
	logs --baseline base.json n=atlassian-bitbucket.late.log && is "[.errors[].state] | unique | @json" \
		"[\"known\"]" &&
	echo "{\"schema\":\"gonogo.logs/1\",\"errors\":[{}]}" >bad.json &&
	exits 65 gonogo-audit logs --baseline bad.json site && said "bad.json"'

check "the tables name what is gone, and show samples that differ" '
	exits 0 gonogo-audit logs --zone UTC --baseline base.json site &&
	said "^gone +[0-9]+  f1:[0-9a-f]{16}" &&
	gonogo-audit logs --zone UTC n=big.log >"$out" &&
	[ "$(grep -cE "^    ERROR c.a.s.i.Work number (0|50|2500) x*" "$out")" -ge 2 ]'

# ---- what is wrong with them ----
check "cut short, half a line, no head, zeros, back in time: said" '
	mkdir -p hurt/n && gzip -c big.log | head -c 90000 >hurt/n/a.log.gz &&
	printf "half" | cat big.log - >hurt/n/b.log &&
	tail -c +70 $log >hurt/n/c.log &&
	{ head -c 5000 /dev/zero; cat $log; } >hurt/n/d.log &&
	{ entry 02:59:59 INFO "c.a.B x"; entry 02:00:00 INFO "c.a.B x"; } >hurt/n/e.log &&
	printf "\377\376x\000" >hurt/n/f.log && logs hurt &&
	answers ".files_lost" 2 &&
	is "[.files[] | .lost // empty | sub(\";.*\"; \"\")] | @json" \
		"[\"cut short\",\"UTF-16 text is not read\"]" &&
	is "[.files[] | select(.unfinished) | .path] | @json" "[\"hurt/n/a.log.gz\",\"hurt/n/b.log\"]" &&
	is ".files[2].orphan_lines" 1 && is ".files[3].binary_lines" 1 &&
	is ".files[3].entries" 5 && is ".files[4].clock_went_back" 1 &&
	is "[.files[] | select(.path == \"hurt/n/a.log.gz\") | .lines > 1000] | .[0]" true'
check "a long line and a long entry: searched all the same" '
	{ entry 10:00:00 ERROR "c.a.B x"; head -c 3000000 /dev/zero | tr "\0" y; echo
	  i=0; while [ $i -lt 60000 ]; do echo "	at a.b.C.d(E.java:$i)"; i=$((i+1)); done
	  echo "java.io.IOException: No space left on device"
	  entry 10:00:01 INFO "c.a.B x"; } >long.log &&
	logs --threads 3 --part 64 n=long.log && answers ".hits[0].entries" 1 &&
	is ".files[0].cut_lines" 2 && is ".files[0].cut_entries" 1 && is .entries 2'
check "a start without a stop is counted, one after a stop is not" '
	{ entry 08:00:00 INFO "c.a.s.i.X up"
	  entry 09:00:00 INFO "c.a.b.i.boot.log.BuildInfoLogger Bitbucket 9.4.1 has shut down"
	  entry 09:01:00 INFO "c.a.b.i.boot.log.BuildInfoLogger Starting Bitbucket 9.4.2 (0 built on x)"
	  entry 10:01:00 INFO "c.a.b.i.boot.log.BuildInfoLogger Starting Bitbucket 9.4.2 (0 built on x)"
	} >starts.log && logs n=starts.log && answers ".nodes[0].unclean_starts" 1 &&
	is .version 9.4.2 && is "[.hits[] | [.rule, .entries]] | @json" "[[\"M05\",1]]"'
check "status codes of the access log, by the column" '
	{ echo "192.0.2.1 | https | o@A1B2C3x1x2x3 | bot | 2026-02-03 10:00:00,000 | \"GET /429 HTTP/1.1\" | \"\" \"a | 429 | b\" | 200 | 0 | 10 | - | 1 | abc |"
	  echo "192.0.2.1 | https | o@A1B2C3x1x2x3 | bot | 2026-02-03 10:00:00,000 | \"GET /x HTTP/1.1\" | \"\" \"\" | 429 | 0 | 10 | - | 1 | abc |"
	} >atlassian-bitbucket-access.log && logs n=atlassian-bitbucket-access.log &&
	answers "[.hits[] | [.rule, .entries]] | @json" "[[\"T03\",1]]"'
check "PostgreSQL, found by its lines" '
	echo "2026-02-03 10:00:00.123 UTC [77] FATAL:  sorry, too many clients already" >p.txt &&
	logs n=p.txt && answers "[.files[0].kind, .hits[0].rule] | @json" "[\"pg\",\"D02\"]"'

# ---- a site pack ----
cat >site.yaml <<'END'
schema: gonogo.logrules/1
pack: site
version: 1
as_of: 2026-01-01
stale_after: 2027-01-01
rules:
- id: S1
  title: five in an hour
  mark: doc
  files: [app]
  levels: [ERROR]
  logger: 'Work$'
  affects: '>=9.0 <9.4.2'
  threshold: {count: 5, per: 3600}
  regex: 'IllegalStateException'
  tests: {match: ['java.lang.IllegalStateException'], nomatch: ['x']}
- id: S2
  title: across lines
  mark: doc
  files: [app]
  unit: event
  regex: 'number .*C3\.run.*Caused by'
  tests: {match: ["number 1\nC3.run\nCaused by"], nomatch: ['x']}
- id: S3
  title: only PCRE2 can
  mark: doc
  files: [app]
  regex: 'nothing(*SKIP)here|No space (?=left)'
  tests: {match: ['No space left'], nomatch: ['x']}
END
check "thresholds, versions, loggers, whole entries, PCRE2 alone" '
	exits 0 gonogo-audit pack lint site.yaml &&
	logs --pack site.yaml --running 9.4.2 n=big.log &&
	answers "[.hits[] | [.rule, .entries, .reached, .affects]] | @json" \
		"[[\"S1\",600,true,false],[\"S2\",286,true,null],[\"S3\",300,true,null]]" &&
	logs --pack site.yaml n=$log && is "[.hits[].rule] | @json" "[\"S3\"]"'
check "compiled patterns are kept, and nobody else may write there" '
	ls "$work"/state/cache/*.patterns >/dev/null &&
	[ -z "$(find "$work/state/cache" -perm /077)" ]'
check "no such file, nothing in a folder, no time zone, no pack" '
	exits 64 gonogo-audit logs nowhere && said nowhere &&
	mkdir -p empty && exits 64 gonogo-audit logs empty && said "hint" &&
	exits 64 gonogo-audit logs && exits 74 gonogo-audit logs --pack no.yaml site'
plan
