#!/bin/sh
# kill -9 of a sealed backup in each of its phases: Bitbucket is unlocked within
# ten seconds, the set before still verifies, no half set is listed, and the
# next run completes.
# shellcheck source=tests/e2e/lib.sh disable=SC2016,SC2034,SC2154
. "${0%/*}/lib.sh"
kills=${KILLS:-50}
seed=${SEED:-1}

cluster_start --repos 2 --commits 6 --days 0 --requests 0 || bail "no cluster"
sed -i 's/^mode = hot/mode = sealed\nallow_lock = yes\nmax_lock_seconds = 60/' \
	"$conf"

# What standard error says when a phase begins.
phases='first harvest
locked http
drained
dumping the database
point 20
sweeping the refs
saving the home
unlocked after
proving the copy'

sets() {
	gonogo-backup list --store "$work/store" --json | jq -r '.sets[].id'
}
locks() { simctl state .maintenance.locks; }

# A number below $1, from $2: the same in every run.
below() {
	awk -v n="$1" -v s="$2" 'BEGIN { srand(s); print int(rand() * n) }'
}

# Unlocked, and the watchdog has ended; milliseconds go to $took.
unlocked() {
	from=$(date +%s%3N)
	while :; do
		took=$(($(date +%s%3N) - from))
		if flock -n "$work/state/lock" true &&
			[ "$(simctl state .maintenance.locked)" = false ]; then
			return 0
		fi
		[ "$took" -lt 10000 ] || return 1
		sleep 0.02
	done
}

# Starts a backup, waits until it says $1 and $2 ms more, and kills it.
kill_at() {
	: >./talk
	gonogo-backup create -c "$conf" >/dev/null 2>./talk &
	backup=$!
	until grep -q "$1" ./talk; do
		kill -0 "$backup" 2>/dev/null || break
		sleep 0.01
	done
	sleep "$(awk -v ms="$2" 'BEGIN { print ms / 1000 }')"
	locked=$(simctl state .maintenance.locked)
	if kill -9 "$backup" 2>/dev/null; then
		killed=$((killed + 1))
		[ "$locked" = false ] || held=$((held + 1))
		[ "$1" != "proving the copy" ] || last=$((last + 1))
	fi
	wait "$backup" 2>/dev/null
}

check "a sealed set is made" 'exits 0 gonogo-backup create -c "$conf"'
before=$(sets)
check "one set is there" '[ "$(echo "$before" | wc -l)" = 1 ]'

killed=0 held=0 last=0 late=0 worst=0 points=0
echo "$phases" >./phases
while [ "$killed" -lt "$kills" ] && [ "$points" -lt $((2 * kills)) ]; do
	while read -r phase; do
		points=$((points + 1))
		kill_at "$phase" "$(below 200 "$((seed * 1000 + points))")"
		if ! unlocked; then
			late=$((late + 1))
			echo "# still locked after '$phase', point $points"
		fi
		[ "$took" -le "$worst" ] || worst=$took
		cat ./talk >>./talks
	done <./phases
done
echo "# $points points, $killed killed before their end, $held with the lock" \
	"held; unlocked after $worst ms at the worst"

check "enough backups were killed, many with the lock held" '
	[ "$killed" -ge "$kills" ] && [ "$held" -ge $((kills / 3)) ]'
check "Bitbucket was unlocked within ten seconds each time" '
	[ "$late" = 0 ] && [ "$worst" -le 10000 ]'
check "each lock was given back once" '
	[ "$(locks)" = "$(simctl state .maintenance.unlocks)" ] &&
	[ "$(locks)" -gt "$held" ]'
check "nothing is left for unlock to mend" '
	exits 0 gonogo-backup unlock -c "$conf" && said "nothing is locked" &&
	[ ! -e "$work/state/lock/lock.json" ]'
all_verify() {
	while read -r id; do
		exits 0 gonogo-backup verify --store "$work/store" "$id" ||
			return 1
	done <./listed
}
# A kill behind the commit leaves a whole set that nobody was told of.
check "no set came of a backup that was killed before its end" '
	made=$(grep -c "the set is" ./talks || :) now=$(sets | wc -l) &&
	[ "$now" -gt "$made" ] && [ "$now" -le "$((made + 1 + last))" ]'
check "the set before still verifies, and so does every one that is listed" '
	sets >./listed && grep -qx "$before" ./listed && all_verify'
check "the next run completes and verifies" '
	exits 0 gonogo-backup create -c "$conf" && [ "$(locks)" -gt 0 ] &&
	exits 0 gonogo-backup verify -c "$conf"'
check "what the killed ones left behind is swept away" '
	[ -z "$(ls "$work/store/tmp")" ]'
plan
