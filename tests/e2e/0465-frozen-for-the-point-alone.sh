#!/bin/sh
# A frozen backup: what people did up to the lock is in it, what they do after
# it is not, and they are locked out for the point alone, not for the copy.
# shellcheck source=tests/e2e/lib.sh disable=SC2016,SC2034,SC2154
. "${0%/*}/lib.sh"

cluster_start --repos 6 --commits 12 --days 0 --requests 0 || bail "no cluster"
sed -i 's/^mode = hot/mode = freeze\nallow_lock = yes/' "$conf"

drain() { simctl maintenance "{\"git_drain_ms\":$1}" >/dev/null; }
begin() {
	: >./talk
	gonogo-backup create -c "$1" >result 2>./talk &
	backup=$!
	simctl wait .maintenance.locked 20
}
ended() {
	code=0
	wait "$backup" || code=$?
	cp talk "$err" && cp result "$out"
	status=$code
	set=$(sed 's/.* //' result)
	[ "$code" = "$1" ]
}
record() { jq -e "$1" "$set/SNAPSHOT.json" >/dev/null; }
evidence() { jq -e "$1" "$set/EVIDENCE.json" >/dev/null; }
repo() { echo "$SITE_SHARED/data/repositories/$1"; }
# Refs of a home's repositories, as git tells them.
refs() {
	for one in "$1"/data/repositories/*; do
		echo "$one" | sed 's|.*/||'
		git -C "$one" for-each-ref
	done
}
commit() {
	git -C "$(repo "$1")" commit-tree -m "$2" -p "$3" "$3^{tree}"
}

# ---- up to the lock, and after it ----
# Old enough for a look that trusts the clock's tick.
sleep 3.1
drain 3000
check "it locks" 'begin "$conf"'
head=$(git -C "$(repo 2)" rev-parse HEAD)
new=$(commit 2 late "$head")
git -C "$(repo 2)" update-ref refs/heads/late "$new"
other=$(git -C "$(repo 3)" for-each-ref --format='%(refname)' refs/heads |
	tail -n 1)
git -C "$(repo 3)" pack-refs --all
echo "late = 1" >"$SITE_SHARED/config/late.properties"
refs "$SITE_SHARED" >at-lock
cp "$SITE_SHARED/bitbucket.properties" properties
check "it lets users in again before it copies" '
	simctl wait ".maintenance.locked | not" 20 &&
	kill -0 "$backup"'
# What they do then is after the point.
git -C "$(repo 2)" update-ref refs/heads/after "$new"
git -C "$(repo 3)" update-ref -d "$other"
echo "after = 1" >>"$SITE_SHARED/bitbucket.properties"
rm "$SITE_SHARED/config/late.properties"
check "the set is GOOD, and frozen" '
	ended 0 && record ".mode == \"freeze\" and .status == \"GOOD\" and
		.locked_ms > 3000"'
check "one lock, one unlock, and in their order" '
	[ "$(simctl state .maintenance.locks)" = 1 ] &&
	[ "$(simctl state .maintenance.unlocks)" = 1 ] &&
	[ ! -e "$work/state/lock/lock.json" ]'
check "the evidence tells drain and stillness apart" '
	evidence ".lock.to_end and .lock.drain_ms >= 3000 and
		.lock.still_ms < 2000 and .lock.repositories == 6" &&
	jq -c .lock "$set/EVIDENCE.json" | sed "s/^/# /"'
check "only repositories that changed were read under the lock" '
	evidence ".lock.changed >= 2 and .lock.changed < 6"'
check "it verifies, deep" '
	exits 0 gonogo-backup verify -c "$conf" --level deep'
check "it is restored" '
	exits 0 gonogo-backup restore -c "$conf" --to "$work/back" \
		--database "postgresql://postgres@/frozen?host=$SITE_SOCKET"'
check "every ref is as it was under the lock" '
	refs "$work/back" >restored && diff at-lock restored >"$out"'
check "so are the small files" '
	cmp properties "$work/back/bitbucket.properties" &&
	grep -q late "$work/back/config/late.properties"'
check "restore tells the same of it as of a hot one" '
	exits 0 gonogo-backup restore -c "$conf" --to "$work/again" &&
	said "disaster.recovery=true"'

# ---- a lock that does not last ----
drain 20000
check "a drain that does not end unlocks, and the set is hot" '
	sed "s/^allow_lock.*/&\nmax_lock_seconds = 4/" "$conf" >brief.conf &&
	begin brief.conf && ended 0 && said "not freeze, going on as a hot" &&
	record ".mode == \"hot\" and .status == \"GOOD\" and
		.locked_ms < 8000" &&
	[ "$(simctl state .maintenance.locked)" = false ]'
check "a lock that somebody broke makes it hot" '
	begin "$conf" && simctl maintenance "{\"action\":\"break\"}" \
		>/dev/null && ended 0 && record ".mode == \"hot\"" &&
	said "going on as a hot"'
check "a signal unlocks, and nothing is published" '
	begin "$conf" && before=$(ls "$work/store/snapshots") &&
	kill -TERM "$backup" && ended 143 &&
	simctl wait ".maintenance.locked | not" 10 &&
	[ "$(ls "$work/store/snapshots")" = "$before" ]'
check "a kill -9 unlocks, too" '
	begin "$conf" && kill -9 "$backup" && ! ended 0 &&
	simctl wait ".maintenance.locked | not" 10 &&
	[ "$(ls "$work/store/snapshots")" = "$before" ]'
drain 100
check "the next run completes" '
	exits 0 gonogo-backup create -c "$conf" --json &&
	jq -e ".mode == \"freeze\" and .status == \"GOOD\"" "$out" >/dev/null'

# ---- what is not allowed ----
check "it may not lock where the settings say no" '
	sed "s/^allow_lock.*/allow_lock = no/" "$conf" >no.conf &&
	exits 64 gonogo-backup create -c no.conf && said "allow_lock"'
check "a plan says what it locks" '
	exits 0 gonogo-backup create -c "$conf" --plan && said "^  lock .*900 s"'
plan
