#!/bin/sh
# A sealed backup: locked, drained, copied, unlocked; what is restored from it
# is equal to the source, byte for byte and row for row.
# shellcheck source=tests/e2e/lib.sh disable=SC2016,SC2034,SC2154
. "${0%/*}/lib.sh"

cluster_start --repos 4 --commits 15 --days 0 --requests 0 \
	--large-objects 1 || bail "no cluster"
sed -i 's/^mode = hot/mode = sealed\nallow_lock = yes/' "$conf"

check "a sealed set is made" '
	exits 0 gonogo-backup create -c "$conf" --json &&
	jq -e ".mode == \"sealed\" and .status == \"GOOD\" and
		.locked_ms > 0" "$out" >/dev/null'
set=$work/store/snapshots/$(jq -r .id "$out")
check "Bitbucket was locked once, and given back" '
	[ "$(simctl state .maintenance.locks)" = 1 ] &&
	[ "$(simctl state .maintenance.unlocks)" = 1 ] &&
	[ "$(simctl state .maintenance.locked)" = false ] &&
	[ ! -e "$work/state/lock/lock.json" ]'
# The words on the way to one node, in their order, without looks between.
simctl journal '.[] | select(.path | test("/mvc/")) |
	select(.method != "GET") |
	.method + " " + (.path | sub(".*/mvc/"; "") | sub("[?].*"; "")) + " " +
	(.status | tostring)' >asked
check "lock, start, progress, unlock came in their order" '
	printf "%s\n" "POST maintenance/lock 202" "POST admin/backups 202" \
		"POST admin/backups/progress/client 202" \
		"POST admin/backups/progress/client 202" \
		"POST admin/backups/progress/client 202" \
		"DELETE maintenance/lock 200" | diff - asked'
check "users were locked out no longer than the record says" '
	told=$(jq .locked_ms "$set/SNAPSHOT.json") &&
	is=$(simctl state .maintenance.locked_ms) &&
	[ "$is" -le "$((told + 50))" ] && [ "$told" -le "$((is + 1000))" ]'
check "the point lies inside the lock" '
	jq -e "(.point_at >= .started_at) and (.point_at <= .ended_at)" \
		"$set/SNAPSHOT.json" >"$out"'
check "the set verifies" 'exits 0 gonogo-backup verify -c "$conf"'

target="postgresql://postgres@/restored?host=$SITE_SOCKET"
check "home and database are restored" '
	exits 0 gonogo-backup restore --store "$work/store" \
		--to "$work/back" --database "$target"'
dump() {
	pg_dump --no-owner --no-privileges -d "$1" | sed '/restrict /d'
}
check "the restored database is equal to the source" '
	dump "postgresql://postgres@/bitbucket?host=$SITE_SOCKET" >source.sql &&
	dump "$target" >restored.sql && [ "$(wc -l <source.sql)" -gt 1000 ] &&
	cmp source.sql restored.sql'
# Names, kinds, modes, times, links; then bytes.
tree() {
	(cd "$1" && find . ! -path './data/repositories/*/objects/info*' \
		-printf '%P %y %m %l\n' | sort &&
		find . -type f ! -name alternates -exec sha256sum {} + |
		sort -k 2)
}
check "all that was saved of the home is equal to the source" '
	tree "$SITE_SHARED" >source && tree "$work/back" >restored &&
	[ "$(wc -l <restored)" -gt 100 ] &&
	! diff source restored | grep -a "^>"'
check "only what is left out on purpose is not there" '
	diff source restored | sed -n "s/^< //p" | grep -av -e " d " |
		sed "s/^[0-9a-f]\{64\}  [.]\///; s/ [fl] [0-7]* .*//" |
		sort -u >missing && [ -s missing ] &&
	! grep -avE "^(caches|log|tmp|export|data/db|search|plugins/[.]|[.]lock)|/(tmp|cache)/|[.](lock|pid)$" missing'
plan
