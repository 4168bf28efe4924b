#!/bin/sh
# Fourteen days of a busy cluster without a fault: what users, hooks and git say
# is taken for no blocker.  The same with faults: each is found, nothing else.
# shellcheck source=tests/e2e/lib.sh disable=SC2016,SC2034,SC2154
. "${0%/*}/lib.sh"

# What the faults look like, and what users could write: the same words.
cat >make.py <<'END'
import random, sys
out, planted = sys.argv[1], sys.argv[2] == "faults"
r = random.Random(42)
words = ["No space left on device", "java.lang.OutOfMemoryError: Java heap space",
    "Waiting for changelog lock", "Connection is not available, request timed out after 15002ms",
    "ResourceBusyException", "split-brain", "Migration failed. Attempting to reset the hierarchy",
    "StatusRuntimeException: UNAVAILABLE", "Unable to enable plugin 'com.example'",
    "unable to normalize alternate object path", "The license has expired",
    "sorry, too many clients already", "liquibase.exception.LockException",
    "No locks available", "Exception encountered during context initialization"]
faults = {
    "M01": ("c.a.s.i.w.Dispatch request failed", "java.lang.OutOfMemoryError: Java heap space"),
    "T01": ("c.a.s.i.t.Throttle refused", "com.atlassian.bitbucket.throttle.ResourceBusyException: none"),
    "D01": ("c.a.s.i.d.Pool no connection", "java.sql.SQLTransientConnectionException: bitbucket - Connection is not available, request timed out after 15002ms."),
    "P03": ("c.a.p.o.Bundle failed", "org.osgi.framework.BundleException: Unable to resolve due to constraint violation."),
    "E05": ("c.a.s.i.m.DefaultMeshMigrationService [~T/r[2]] Migration failed. Attempting to reset the hierarchy and retrying...", None),
}
count = dict.fromkeys(faults, 0)
count["novel"] = 0
for node in ("bb-1", "bb-2", "bb-3"):
    f = open("%s/%s.log" % (out, node), "w")
    for hour in range(14 * 24):
        for k in range(40):
            t = "2026-02-%02d %02d:%02d:%02d,%03d" % (1 + hour // 24, hour % 24, k, r.randrange(60), r.randrange(1000))
            w, u = r.choice(words), r.choice(["jdoe", "ci.Bot", "anna"])
            ask = '%s *7QK2MXx%dx%dx3 9f3kz1 192.0.2.%d "GET /search?q=%s HTTP/1.1" ' % (u, k, k, k, w.replace(" ", "+"))
            x = r.random()
            if x < .5:
                print(t, "INFO  [exec-1]", ask + "c.a.s.i.p.DefaultPullRequestService created 'fix: %s'" % w, file=f)
            elif x < .7:
                print(t, "WARN  [exec-2]", ask + "c.a.s.i.s.GitSmartExitHandler hook declined: remote: %s" % w, file=f)
            elif x < .8:
                print(t, "ERROR [exec-3]", ask + "c.a.s.i.h.HookService push refused", file=f)
                print("com.atlassian.bitbucket.scm.CommandFailedException: 'git receive-pack' exited with code 1 saying: remote: %s" % w, file=f)
                print("\tat com.atlassian.stash.internal.Hook.run(Hook.java:%d)" % k, file=f)
            elif x < .9:
                print(t, "WARN  [exec-4]  c.a.s.i.a.Auth Authentication of '%s' failed, mistyped password" % u, file=f)
            else:
                print(t, "INFO  [Caesium-1-%d]  c.a.c.d.Directory synchronised [ %d ]" % (k % 4, k), file=f)
            if planted and r.random() < .02:
                id = r.choice(sorted(faults) + ["novel"])
                count[id] += 1
                head, trace = faults.get(id, ("c.a.x.New a novel thing", "com.example.NovelException: %d" % k))
                print(t, "ERROR [exec-%d]" % k, ask + head, file=f)
                if trace:
                    print(trace, file=f)
                    for n in range(k):
                        print("\tat com.atlassian.x.Y%d.run(Y.java:%d)" % (n % 6, r.randrange(900)), file=f)
    f.close()
for id in sorted(count):
    print(id, count[id])
END
mkdir well ill
{ /usr/bin/python3 make.py well none >/dev/null &&
	/usr/bin/python3 make.py ill faults >planted; } || bail "no logs"
logs() { run gonogo-audit logs --zone UTC --json "$@"; }
nodes() { echo "bb-1=$1/bb-1.log bb-2=$1/bb-2.log bb-3=$1/bb-3.log"; }

# Only what is verified may block; what is recalled asks a person.
check "a healthy fortnight has no blocker" '
	logs $(nodes well) && [ "$status" = 0 ] && cp "$out" well.json &&
	[ "$(jq -r ".entries > 39000" well.json)" = true ] &&
	jq -r "[.hits // [] | .[] | select(.severity == \"blocker\") | .rule] | @json" \
		well.json >blockers && cp blockers "$out" && [ "$(cat blockers)" = "[]" ]'
check "each planted fault is found, and no other of them" '
	logs --baseline well.json $(nodes ill) && cp "$out" ill.json && while read -r id n; do
		[ "$id" = novel ] || [ "$(jq -r ".hits[] | select(.rule == \"$id\") | .entries" \
			ill.json)" = "$n" ] || { echo "# $id: not $n" && return 1; }
	done <planted'
check "the novel error is new, counted, and nothing else is" '
	[ "$(jq -r "[.errors[] | select(.state == \"new\") | .entries] | add" ill.json)" = \
		"$(sed -n "s/^novel //p" planted)" ]'
plan
