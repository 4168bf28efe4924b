#!/bin/sh
# However a sealed backup ends, Bitbucket's lock is given back: a signal, a
# spent budget, a lock that somebody else ended; and what a crash of the whole
# host leaves behind is mended by `unlock`.
# shellcheck source=tests/e2e/lib.sh disable=SC2016,SC2034,SC2154
. "${0%/*}/lib.sh"

cluster_start --repos 2 --commits 6 --days 0 --requests 0 || bail "no cluster"
sed -i 's/^mode = hot/mode = sealed\nallow_lock = yes/' "$conf"
record=$work/state/lock/lock.json

# A drain of $1 ms holds a backup up while Bitbucket is locked.
drain() { simctl maintenance "{\"git_drain_ms\":$1}" >/dev/null; }
# A backup in the background, until it has locked; its talk goes to ./talk.
begin() {
	: >./talk
	gonogo-backup create -c "$conf" >result 2>./talk &
	backup=$!
	simctl wait .maintenance.locked 20
}
ended() {
	code=0
	wait "$backup" || code=$?
	cp talk "$err" && cp result "$out"
	status=$code
	[ "$code" = "$1" ]
}
unlocked() { simctl wait '.maintenance.locked | not' 10; }
no_record() { [ ! -e "$record" ]; }
watchdog() { pgrep -P "$backup" gonogo-lock; }
mode_of_set() { jq -r .mode "$(sed 's/.* //' "$out")/SNAPSHOT.json"; }
notes_of_set() { jq -r '.notes[]' "$(sed 's/.* //' "$out")/EVIDENCE.json"; }

# ---- signals ----
drain 20000
check "a backup that is asked to stop unlocks and publishes nothing" '
	begin && kill -TERM "$backup" && ended 143 && unlocked && no_record &&
	said "stopped by signal 15" &&
	[ -z "$(ls "$work/store/snapshots")" ]'
check "ps tells what the watchdog is, and a signal does not end it" '
	begin && dog=$(watchdog) &&
	ps -o args= -p "$dog" | grep -q "^gonogo-lock: " &&
	kill -TERM "$dog" && kill -INT "$dog" && sleep 0.3 &&
	kill -0 "$dog" && kill -INT "$backup" && ended 130 && unlocked'
check "a killed watchdog is made up for by the backup" '
	begin && kill -9 "$(watchdog)" && ended 70 && unlocked && no_record'

# ---- a backup that runs ----
check "unlock leaves a running backup alone" '
	begin && exits 75 gonogo-backup unlock -c "$conf" &&
	said "pid $backup " && said "kill $backup" &&
	[ "$(simctl state .maintenance.locked)" = true ]'
check "unlock --now unlocks under it, and it goes on as a hot one" '
	exits 0 gonogo-backup unlock -c "$conf" --now && unlocked && ended 0 &&
	said "going on as a hot backup" && [ "$(mode_of_set)" = hot ] &&
	notes_of_set | grep -q "not locked any more"'
check "two locks are not taken at once" '
	begin && exits 75 gonogo-backup create -c "$conf" &&
	said "the backup with pid $backup " && kill -TERM "$backup" &&
	ended 143 && unlocked'

# ---- the budget ----
check "a spent budget unlocks, and the set is a hot one" '
	sed "s/^allow_lock.*/&\nmax_lock_seconds = 2/" "$conf" >brief.conf &&
	exits 0 gonogo-backup create -c brief.conf && said "hot backup" &&
	[ "$(mode_of_set)" = hot ] && no_record &&
	[ "$(simctl state .maintenance.locked)" = false ] &&
	[ "$(jq .locked_ms "$(sed "s/.* //" "$out")/SNAPSHOT.json")" -lt 4000 ]'

# ---- somebody ends the lock ----
check "a lock that is broken while it drains makes no sealed set" '
	begin && simctl maintenance "{\"action\":\"break\"}" >/dev/null &&
	ended 0 && [ "$(mode_of_set)" = hot ] && ! said "may stay behind"'
check "a backup task that fails makes no sealed set, and is unlocked" '
	begin && simctl maintenance "{\"action\":\"fail\"}" >/dev/null &&
	ended 0 && [ "$(mode_of_set)" = hot ] && unlocked && no_record'

# ---- a crash of the host ----
crash() {
	begin || return 1
	dog=$(watchdog)
	# Both at the same moment: the backup would make up for its watchdog.
	kill -STOP "$backup" && kill -9 "$dog" && kill -9 "$backup"
	wait "$backup" 2>/dev/null
	[ -e "$record" ] && [ "$(simctl state .maintenance.locked)" = true ]
}
check "what a crash left is closed to others" '
	crash && [ "$(stat -c %a "$record")" = 600 ] &&
	[ "$(stat -c %a "$work/state/lock")" = 700 ] &&
	! grep -q "$(cat "$work/admin-password")" "$record"'
check "settings of another cluster are refused, no password is sent" '
	sed "s|^url = http:.*|url = http://127.0.0.1:9|; /^nodes/d" "$conf" \
		>other.conf &&
	exits 64 gonogo-backup unlock -c other.conf &&
	said "is no node of these settings" && [ -e "$record" ]'
check "unlock unlocks with the token of the record" '
	exits 0 gonogo-backup unlock -c "$conf" && said "^unlocked http" &&
	no_record && [ "$(simctl state .maintenance.locked)" = false ]'
check "unlock has nothing to do a second time" '
	exits 0 gonogo-backup unlock -c "$conf" && said "^nothing is locked"'
check "without a token it says who holds the lock, and what is left" '
	crash && jq "del(.unlock_token, .cancel_token)" "$record" >intent &&
	cat intent >"$record" && exits 75 gonogo-backup unlock -c "$conf" &&
	said "is locked by admin" && said "^hint: only its token" &&
	[ -e "$record" ] && exits 75 gonogo-backup create -c "$conf" &&
	said "is locked by admin"'
check "once that lock is gone, unlock says so and forgets it" '
	simctl maintenance "{\"action\":\"break\"}" >/dev/null &&
	exits 0 gonogo-backup unlock -c "$conf" && no_record'
check "the next backup mends what a crash left by itself" '
	crash && drain 100 && exits 0 gonogo-backup create -c "$conf" &&
	said "an earlier backup had left its lock" && unlocked &&
	no_record && [ "$(mode_of_set)" = sealed ]'
check "so does a hot one" '
	drain 20000 && crash && drain 100 &&
	exits 0 gonogo-backup create -c "$conf" --mode hot &&
	said "an earlier backup had left its lock" && unlocked && no_record'

check "a record that cannot be read is no lock that is gone" '
	echo "{" >"$record" && exits 65 gonogo-backup create -c "$conf" &&
	said "lock.json" && exits 65 gonogo-backup unlock -c "$conf" &&
	[ -e "$record" ] && rm "$record"'

# ---- Bitbucket answers badly ----
fault() { simctl fault "$1" >/dev/null; }
check "a report of the end that fails is made again" '
	fault "{\"kind\":\"status\",\"status\":500,\"count\":1,\"skip\":2,
		\"path\":\"/mvc/admin/backups/progress\"}" &&
	exits 0 gonogo-backup create -c "$conf" && unlocked &&
	[ "$(mode_of_set)" = sealed ] && ! said "may stay behind" &&
	simctl clear >/dev/null'
check "an unlock that fails is tried again until it is done" '
	fault "{\"kind\":\"status\",\"status\":503,\"method\":\"DELETE\",
		\"path\":\"/mvc/maintenance/lock\",\"count\":3}" &&
	exits 0 gonogo-backup create -c "$conf" && unlocked && no_record &&
	simctl clear >/dev/null'
check "a lock whose reply is lost is told, and nothing is made" '
	before=$(ls "$work/store/snapshots" | wc -l) &&
	fault "{\"kind\":\"cut\",\"method\":\"POST\",
		\"path\":\"/mvc/maintenance/lock\",\"count\":1}" &&
	exits 69 gonogo-backup create -c "$conf" && said "is not known" &&
	said "gonogo backup unlock" && [ -e "$record" ] &&
	[ "$(ls "$work/store/snapshots" | wc -l)" = "$before" ]'
check "one that is never taken does not hold up the unlock" '
	simctl maintenance "{\"action\":\"break\"}" >/dev/null &&
	exits 0 gonogo-backup unlock -c "$conf" &&
	fault "{\"kind\":\"status\",\"status\":500,
		\"path\":\"/mvc/admin/backups/progress\"}" &&
	exits 0 gonogo-backup create -c "$conf" && unlocked && no_record &&
	[ "$(mode_of_set)" = sealed ] && said "may stay behind"'
plan
