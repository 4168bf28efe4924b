#!/bin/sh
# A backup that is killed, or whose disk fails, publishes nothing: the set
# before it still verifies, the list shows whole sets only, and the next run
# sweeps up and completes.
# shellcheck source=tests/e2e/lib.sh disable=SC2016,SC2034,SC2154
. "${0%/*}/lib.sh"

cluster_start --repos 3 --days 1 >"$err" 2>&1 || bail "the cluster"
store=$work/store
head -c 3000000 /dev/urandom >"$SITE_SHARED/data/attachments/large"
exits 0 gonogo-backup create -c "$conf" || bail "the first set"
first=$(cut -d ' ' -f 1 "$out")

# LeakSanitizer does not work below strace.
ASAN_OPTIONS="${ASAN_OPTIONS:-}:detect_leaks=0"
export ASAN_OPTIONS

# harmed INJECTION: a backup whose system calls fail, or kill it.
harmed() {
	head -c 1100000 /dev/urandom >"$SITE_SHARED/data/attachments/new"
	run strace -f -qqq -o /dev/null -e "trace=${1%%:*}" \
		-e "inject=$1" gonogo-backup create -c "$conf"
}
# nothing_new: the store has what it had.
nothing_new() {
	exits 0 gonogo-backup list --store "$store" --json &&
		[ "$(jq -r '[.sets[].id] | join(" ")' "$out")" = "$first" ] &&
		exits 0 gonogo-backup verify --store "$store" --level "$1"
}
strace -qqq -o /dev/null true 2>"$err" || {
	echo "ok 1 # SKIP this system does not let strace look"
	echo 1..1
	exit 0
}

# Killed before, between and after what makes the set durable and gives names.
for point in openat:signal=KILL:when=80 write:signal=KILL:when=10 \
	syncfs:signal=KILL:when=1 rename:signal=KILL:when=4 \
	syncfs:signal=KILL:when=2 fsync:signal=KILL:when=6; do
	check "killed: $point" '
		harmed "$point" && [ "$status" != 0 ] && nothing_new quick'
done
# A disk that fails or is full, each time in clear words.
for point in syncfs:error=EIO:when=2 fsync:error=EIO:when=6 \
	rename:error=ENOSPC:when=3 write:error=ENOSPC:when=12+; do
	check "failed: $point" '
		harmed "$point" && [ "$status" = 74 ] && [ -s "$err" ] &&
		nothing_new quick'
done
check "the set before them is whole to the last byte" 'nothing_new full'
check "stopped by a signal it says so" '
	: >"$err"; gonogo-backup create -c "$conf" --store "$work/new" 2>"$err" &
	until grep -q "first harvest" "$err"; do sleep 0.01; done; kill -TERM $!
	wait $!; status=$?; [ "$status" = 143 ] && said "stopped by signal 15" &&
	[ -z "$(ls "$work/new/snapshots")" ]'
check "two at a time: the second is told who works" '
	: >one; strace -f -qqq -o /dev/null -e trace=syncfs \
		-e inject=syncfs:delay_enter=3s \
		gonogo-backup create -c "$conf" >one 2>&1 & other=$!
	until grep -q "first harvest" one; do sleep 0.05; done
	exits 75 gonogo-backup create -c "$conf" &&
	said "held by gonogo-backup create, process [0-9]+ on"; code=$?
	wait "$other"; [ "$code" = 0 ]'
check "the next run completes and leaves nothing behind" '
	exits 0 gonogo-backup create -c "$conf" &&
	[ -z "$(ls -A "$store/tmp")" ] &&
	for set in "$store"/snapshots/*; do [ -e "$set/SNAPSHOT.json" ] || return 1; done &&
	exits 0 gonogo-backup verify --store "$store" --level deep'
plan
