#!/bin/sh
# audit capacity says when the others carry the load of a node, and is not sure
# of itself where the logs do not suffice.
# shellcheck source=tests/e2e/lib.sh disable=SC2016,SC2034,SC2154
. "${0%/*}/lib.sh"

capacity() { run gonogo-audit capacity --zone UTC --json "$@"; }
is() {
	got=$(jq -r "$1" "$out")
	[ "$got" = "$2" ] || { echo "# $1: $got, not $2" && false; }
}
because() { jq -r '.reasons[]' "$out" | grep -qE -- "$1"; }

# traffic.py DAYS: two nodes; every ten minutes of the day a burst of builds,
# none from 02:00 to 03:30; bb-2 is restarted on the second Sunday.
cat >traffic.py <<'END'
import heapq, os, sys
days = int(sys.argv[1])
DAY = 86400000
def stamp(ms):
    d, t = divmod(ms, DAY)
    return "2026-03-%02d %02d:%02d:%02d,%03d" % (
        2 + d, t // 3600000, t // 60000 % 60, t // 1000 % 60, t % 1000)
for node in (1, 2):
    os.makedirs("site/bb-%d/log" % node)
    lines, running, counter, token = [], [], 0, "A1B2C3"
    def ask(at, took, action, labels):
        global counter
        end_before(at)
        counter += 1
        name = "@%sx%dx%dx%d" % (token, at // 60000 % 1440, counter, len(running))
        head = "192.0.2.%d | https | %%s%s | %%s | " % (at // 7 % 200, name)
        lines.append((at, head % ("i", "-") + stamp(at) + ' | "%s HTTP/1.1" | "" "" | - | - | - | - | - | s |\n' % action))
        heapq.heappush(running, (at + took, head % ("o", "jdoe") + stamp(at + took)
                                 + ' | "%s HTTP/1.1" | "" "git" | 200 | 1 | 2 | %s | %d | s |\n' % (action, labels, took)))
    def end_before(at):
        while running and running[0][0] <= at:
            end, line = heapq.heappop(running)
            lines.append((end, line))
    for minute in range(days * 1440):
        at = minute * 60000
        of_day = minute % 1440
        if node == 2 and 13 * 1440 + 130 <= minute < 13 * 1440 + 134:
            end_before(at)
            token, counter = "D4E5F6", 0
            continue
        ask(at + 100, 3, "GET /status", "-")
        if minute % 10 == 0 and not 120 <= of_day < 210:
            for k in range(6):
                ask(at + 1000 + k * 20, 20000, "POST /scm/demo/alpha.git/git-upload-pack", "fetch, cache:miss")
    end_before(days * DAY)
    for day in range(days):
        with open("site/bb-%d/log/atlassian-bitbucket-access-2026-03-%02d.0.log" % (node, 2 + day), "w") as f:
            f.writelines(t for at, t in lines if at // DAY == day)
END
/usr/bin/python3 traffic.py 15 || bail "no traffic"

check "twelve tickets carry both nodes; the quiet hour is best" '
	capacity --tickets 12 site && is .state safe && is ".windows[0].use_permille" 0 &&
	is "[.windows[].at | select(. >= \"Mon 02:00\")] | length > 0" true &&
	is "[.nodes[] | [.name, .tickets, .coverage_permille, .lost, .pessimistic.refused]] | @json" \
		"[[\"bb-1\",12,1000,0,0],[\"bb-2\",12,1000,0,0]]" &&
	is "[.nodes[].hosting_peak] | @json" "[6,6]" && is ".requests" 67496'
check "both checks hold; what came and went agree" '
	is "[.nodes[] | .median, .far_permille, .buckets_off] | @json" "[0,0,0,0,0,0]" &&
	is ".compared == .requests" true && is ".odd" null'
check "a restart tells how long one takes, and is held against other weeks" '
	is "[.step_s, .step_from] | @json" "[300,\"logs\"]" &&
	is "[.absences[] | [.node, .from, .predicted, .seen]] | @json" \
		"[[\"bb-2\",\"2026-03-15T02:09:00Z\",0,0]]"'
check "eight do not carry a burst; a temporary node does" '
	capacity --tickets 8 --window "Mon 12:00" --step 900 site && is .state unsafe &&
	is .window "Mon 12:00" && because "Mon 12:00: .* wait" &&
	is "[.windows[-1] | .proposed, .state, .use_permille] | @json" "[true,\"unsafe\",1500]" &&
	is "[.windows[-1] | .helped, (.temporary_tickets > 3)] | @json" "[true,true]" &&
	is ".windows[0].state" safe'
check "what nobody told is a lower bound, and no better than marginal" '
	capacity site && is .state marginal && because "nobody told how many hosting tickets" &&
	is "[.nodes[].tickets_from] | unique | @json" "[\"demonstrated\"]" &&
	capacity --window "Mon 12:00" --step 900 site && is .state marginal &&
	is ".windows[-1].state" unsafe && because "Mon 12:00: .* wait"'
check "a page for people: the answer first; a calendar" '
	exits 0 gonogo-audit capacity --zone UTC --tickets 8 --step 900 --window "Mon 12:00" \
		--calendar w.ics site && head -n 1 "$out" | grep -qx "Mon 12:00 is NOT SAFE." &&
	said "temporary node with [0-9]+ tickets" && said "^  Mon .*#" && said "fetched|demo/alpha" &&
	[ "$(grep -c BEGIN:VEVENT w.ics)" = 6 ] && grep -q "DTSTART:20260323T120000Z" w.ics &&
	! awk "length > 81" w.ics | grep -q .'
check "users and clients are named to people, not in the document" '
	said jdoe && capacity site && ! grep -qE "jdoe|192\.0\.2" "$out" &&
	is "[.users[].what] | @json" "[\"<somebody>\"]" && is ".repositories[0].what" demo/alpha'

check "settings name logs, tickets and window; a bundle gets the document" '
	printf "[logs]\npaths = bb-1=site/bb-1/log; bb-2=site/bb-2/log\nzone = UTC\n[capacity]\ntickets = 12\nwindow = Mon 12:00\nstep = 15m\n" >c.conf &&
	mkdir b && exits 0 gonogo-audit capacity -c c.conf --bundle b && cp b/capacity/capacity.json "$out" &&
	is "[.window, .state, .step_s, .read_at != null] | @json" "[\"Mon 12:00\",\"safe\",900,true]" &&
	exits 64 gonogo-audit capacity && said "no logs are named"'
check "tickets are those of bitbucket.properties, unless the settings tell" '
	mkdir home && echo "throttle.resource.scm-hosting.adaptive.limit.min=14" \
		>home/bitbucket.properties &&
	printf "[home]\nshared = home\n" | cat - c.conf | sed "/^tickets/d" >home.conf &&
	exits 0 gonogo-audit capacity -c home.conf --json &&
	is "[.nodes[] | [.tickets, .tickets_from]] | unique | @json" "[[14,\"properties\"]]" &&
	printf "[home]\nshared = home\n" | cat - c.conf >home.conf &&
	exits 0 gonogo-audit capacity -c home.conf --json &&
	is "[.nodes[] | [.tickets, .tickets_from]] | unique | @json" "[[12,\"told\"]]"'

# ---- any order, any threads, however they are packed ----
check "not a byte differs" '
	capacity --tickets 9 -j 1 site && cp "$out" one && cp -R site packed &&
	gzip packed/bb-1/log/*-0[2-9].0.log && zstd -q --rm packed/bb-2/log/*-1?.0.log &&
	capacity --tickets 9 -j 3 packed/bb-2 packed/bb-1 && cmp one "$out" &&
	mkdir flat && cat site/bb-1/log/*.log | sort -R --random-source=traffic.py \
		>flat/atlassian-bitbucket-access.log && cat site/bb-2/log/*.log >>flat/two.log &&
	capacity --tickets 9 -j 2 bb-1=flat/atlassian-bitbucket-access.log bb-2=flat/two.log &&
	jq "del(.odd, .compared)" "$out" >left && jq "del(.odd, .compared)" one | cmp - left'
check "what is logged twice counts once" '
	cp -R site twice && cat site/bb-1/log/*-05.0.log >>twice/bb-1/log/atlassian-bitbucket-access-2026-03-06.0.log &&
	capacity --tickets 9 twice && is ".repeated > 2000" true && is .requests 67496'

check "logs of another kind, and who has no others, are passed over" '
	cp -R site mixed && mkdir mixed/db mixed/bb-1/audit && echo "{}" >mixed/bb-1/audit/1.audit.log &&
	echo x >mixed/bb-1/log/a-launcher.log && echo x >mixed/db/postgresql.log &&
	capacity --tickets 12 mixed && is .state safe && is "[.nodes[].name] | @json" "[\"bb-1\",\"bb-2\"]"'

# ---- what does not suffice ----
check "a day of one node is lost: said, and UNKNOWN" '
	cp -R site lost && rm lost/bb-2/log/*-06.0.log && capacity --tickets 12 lost &&
	is .state unknown && because "^bb-2: the logs hold 9[0-9.]* % of its requests" &&
	is ".nodes[0].coverage_permille" 1000'
check "one node alone, or two days, tell nothing" '
	capacity --tickets 12 site/bb-1 && is .state unknown && because "logs of 1 node" &&
	capacity --tickets 12 site/*/log/*-0[23].0.log && is .state unknown && because "logs of 2 days"'
check "nine days widen it" '
	capacity --tickets 12 site/*/log/*-0[2-9].0.log site/*/log/*-10.0.log &&
	is .state marginal && because "logs of 9 days"'
check "what requests say of each other does not fit: UNKNOWN" '
	mkdir bent && sed -E "s/x0 \|/x9 |/" site/bb-1/log/*.log >bent/access-1.log &&
	capacity --tickets 12 bb-1=bent/access-1.log bb-2=site/bb-2/log && is .state unknown &&
	because "^bb-1: what its requests say of others"'
check "cut, foreign and impossible lines are counted" '
	mkdir odd && { cat site/bb-1/log/*.log; echo "no line of this log"
		sed -n 1p site/bb-1/log/*-02.0.log | cut -c 1-90
		sed -n 1p site/bb-1/log/*-02.0.log | sed s/2026-03-02/2026-02-30/; } >odd/-access.log &&
	capacity --tickets 12 bb-1=odd/-access.log bb-2=site/bb-2/log &&
	is "[.odd[] | [.what, .count]] | @json" "[[\"no-access-line\",1],[\"cut\",1],[\"no-such-time\",1]]" &&
	is .state safe'
check "a file that ends too early is named: UNKNOWN" '
	cp -R site short && gzip -c site/bb-1/log/*-04.0.log | head -c 3000 >short/bb-1/log/atlassian-bitbucket-access-2026-03-04.0.log &&
	capacity --tickets 12 short && is .state unknown && is ".lost | length" 1 && because "not read to the end"'
check "what is none, is an error" '
	exits 64 gonogo-audit capacity --zone No/Where site && exits 64 gonogo-audit capacity one && said "no request" &&
	exits 64 gonogo-audit capacity --window "Sat 25:00" site && said "Sat 02:00" &&
	exits 64 gonogo-audit capacity --balance fair site && exits 64 gonogo-audit capacity --tickets -1 site'

# ---- the replay ----
check "a simulator of another make: a hundred traces, every wait equal" '
	exits 0 /usr/bin/python3 "$here/tests/harness/replay.py" \
		"$build/unit/audit/capacity/test_replay" 100 && said "every wait equal"'
plan
