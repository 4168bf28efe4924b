#!/bin/sh
# An expire that is killed at any of its steps, or whose disk fails there, takes
# nothing from a set that is listed; the next one completes.
# shellcheck source=tests/e2e/lib.sh disable=SC2016,SC2034,SC2154
. "${0%/*}/lib.sh"

strace -qqq -o /dev/null true 2>"$err" || {
	echo "ok 1 # SKIP this system does not let strace look"
	echo "1..1"
	exit 0
}
# A sanitizer that looks for leaks can't do so under strace.
ASAN_OPTIONS=${ASAN_OPTIONS:-}:detect_leaks=0
export ASAN_OPTIONS
home=$work/home good=$work/good store=$work/store
mkdir -p "$home/data/repositories/1" "$home/data/attachments"
git init -q --bare "$home/data/repositories/1" || bail
echo jdbc.url= >"$home/bitbucket.properties"
head -c 1100000 /dev/urandom >"$home/data/attachments/stays"
for number in 1 2 3 4; do
	head -c 1100000 /dev/urandom >"$home/data/attachments/changes"
	exits 0 gonogo-backup create --home "$home" --store "$good" \
		--no-database || bail "create"
	exits 0 gonogo-backup verify --store "$good" || bail "verify"
done
# The trash of an earlier run, whose time is over.
exits 0 gonogo-backup expire --store "$good" 1 || bail "expire"
for number in 5 6; do
	exits 0 gonogo-backup create --home "$home" --store "$good" \
		--no-database || bail "create"
	exits 0 gonogo-backup verify --store "$good" || bail "verify"
done
printf '[store]\npath = %s\ntrash = 0s\nkeep_days = 0\nkeep_last = 2\n' \
	"$store" >"$work/c.conf"

# whole: every set that is listed is; things are renamed, never written.
whole() {
	for one in $(gonogo-backup list --store "$store" --json |
		jq -r '.sets[].id'); do
		exits 0 gonogo-backup verify --store "$store" --level quick "$one" ||
			return 1
	done
}
points=0
# sweep CALL WHAT: the Nth CALL of the program is not made, N = 1, 2, 3 ...
# until a run needs no more; what is left behind is mended by the next.
sweep() {
	at=0
	while :; do
		at=$((at + 1))
		rm -rf "$store" && cp -a "$good" "$store" || return 1
		run strace -f -qqq -o /dev/null -e "trace=$1" \
			-e "inject=$1:$2:when=$at" gonogo-backup expire \
			-c "$work/c.conf"
		[ "$status" != 0 ] || break
		whole || return 1
		exits 0 gonogo-backup expire -c "$work/c.conf" || return 1
		whole && [ "$(gonogo-backup list --store "$store" --json |
			jq -r '[.sets[].id[0:6]] | join(" ")')" = "000006 000005" ] ||
			return 1
		points=$((points + 1))
		[ "$at" -lt 200 ] || return 1
	done
	[ "$at" -gt 1 ]
}
for call in rename mkdir syncfs unlinkat; do
	check "killed at any $call" 'sweep $call signal=KILL'
done
for call in rename syncfs; do
	check "any $call fails" 'sweep $call error=EIO'
done
check "at no few points: $points" '[ "$points" -ge 30 ]'
plan
