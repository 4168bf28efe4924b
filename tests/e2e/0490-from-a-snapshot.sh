#!/bin/sh
# A backup from a snapshot of the file system, which the site's own commands
# make after the point of the database; they are called in their order, and the
# snapshot is taken away however the backup ends.
# shellcheck source=tests/e2e/lib.sh disable=SC2016,SC2034,SC2154
. "${0%/*}/lib.sh"

cluster_start --repos 4 --commits 10 --days 0 --requests 0 || bail "no cluster"

# A hook that really copies, and writes down what it was told.
cat >hook <<'END'
#!/bin/sh
set -eu
cd "$(dirname "$0")"
echo "$GONOGO_HOOK $GONOGO_SNAPSHOT $*" >>calls
[ ! -e "fail-$GONOGO_HOOK" ] || { echo "it broke" >&2; exit 3; }
[ ! -e "hang-$GONOGO_HOOK" ] || { sleep 1000 & echo $! >sleeper; wait; }
case $GONOGO_HOOK in
pre) ;;
create) cp -a --reflink=auto "$GONOGO_HOME" "snap-$GONOGO_SNAPSHOT" ;;
mount)
	[ -d "$GONOGO_MOUNT" ]
	if [ -e shows ]; then cat shows; else echo "$PWD/snap-$GONOGO_SNAPSHOT"; fi
	;;
destroy) rm -rf "snap-$GONOGO_SNAPSHOT" ;;
esac
END
chmod 755 hook
sed -i "s/^mode = hot/mode = snapshot/" "$conf"
cat >>"$conf" <<END
[snapshot]
pre = $work/hook "two words"
create = $work/hook
mount = $work/hook
destroy = $work/hook
timeout = 60s
END
refs() {
	for one in "$1"/data/repositories/*; do
		echo "$one" | sed 's|.*/||'
		git -C "$one" for-each-ref
	done
}
called() { cut -d ' ' -f 1 calls | tr '\n' ' '; }
nothing_left() {
	[ -z "$(ls -d snap-* 2>/dev/null)" ] &&
		[ -z "$(ls "$work/state/snapshots")" ]
}
create() { rm -f calls && exits "$1" gonogo-backup create -c "${2:-$conf}"; }

check "a set is made of it" '
	create 0 && set=$(sed "s/.* //" "$out") &&
	jq -e ".mode == \"snapshot\" and .status == \"GOOD\" and
		(has(\"locked_ms\") | not)" "$set/SNAPSHOT.json" >/dev/null'
check "the commands came in their order, with their arguments" '
	[ "$(called)" = "pre create mount destroy " ] &&
	grep -q "^pre gonogo-[0-9A-Za-z-]* two words$" calls &&
	[ "$(cut -d " " -f 2 calls | sort -u | wc -l)" = 1 ]'
check "nothing is left of it, and nobody was locked out" '
	nothing_left && [ "$(simctl state .maintenance.locks)" = 0 ]'
check "the snapshot is younger than the point of the database" '
	jq -e ".snapshot.created_at >= .point_at and .snapshot.destroyed" \
		"$set/EVIDENCE.json" >/dev/null'
check "the record names the home itself, not the place of the snapshot" '
	[ "$(jq -r .home.path "$set/SNAPSHOT.json")" = "$SITE_SHARED" ]'
refs "$SITE_SHARED" >before
check "it is restored, forks and all" '
	exits 0 gonogo-backup restore -c "$conf" --to "$work/back" \
		--database "postgresql://postgres@/snap?host=$SITE_SOCKET" &&
	refs back >restored && diff before restored >"$out" &&
	exits 0 gonogo-backup verify -c "$conf" --level deep'

# What is written after the snapshot is not in the set.
commit=$(git -C "$SITE_SHARED/data/repositories/1" rev-parse HEAD)
sed -i 's|^mount)|&\n	git -C "$GONOGO_HOME/data/repositories/1" update-ref refs/heads/later '"$commit"'|' hook
check "what comes after the snapshot is not in the set" '
	create 0 && exits 0 gonogo-backup restore -c "$conf" \
		--to "$work/second" && refs second >restored &&
	diff before restored >"$out" &&
	git -C "$SITE_SHARED/data/repositories/1" rev-parse -q --verify \
		refs/heads/later >"$out"'

# ---- what goes wrong ----
sets() { find "$work/store/snapshots" -mindepth 1 -maxdepth 1 | wc -l; }
held=$(sets)
for hook in pre create mount; do
	touch "fail-$hook"
	check "a $hook that fails is told, and all is taken away" '
		create 74 && said "\[snapshot\] '"$hook"': .*it broke" &&
		grep -q "^destroy" calls && nothing_left &&
		[ "$(sets)" = "$held" ]'
	rm "fail-$hook"
done
touch hang-create
check "one that hangs is ended with all that it started, and taken away" '
	sed "s/^timeout = .*/timeout = 1s/" "$conf" >brief.conf &&
	create 74 brief.conf && said "create: hook: not done after 1 s" &&
	! grep -aq sleep "/proc/$(cat sleeper)/cmdline" 2>/dev/null &&
	grep -q "^destroy" calls && nothing_left'
rm hang-create
echo "$SITE_SHARED" >shows
check "the live home is no snapshot" '
	create 65 && said "is the live home itself" && nothing_left'
cp -a "$SITE_SHARED" old && touch -d "2 days ago" old/data/repositories
echo "$work/old" >shows
check "nor is a snapshot of another day" '
	create 65 && said "of another moment" && said "^hint: " && nothing_left'
echo nowhere >shows
check "nor what is no path" 'create 65 && said "printed .nowhere." && nothing_left'
rm shows
touch fail-destroy
check "one that can not be taken away is told, and the set is there" '
	create 0 && said "may still be there" && set=$(sed "s/.* //" "$out") &&
	jq -e ".snapshot.destroyed == false" "$set/EVIDENCE.json" >/dev/null'
rm fail-destroy
check "the next run takes it away" '
	create 0 && said "an earlier run left snapshot" && nothing_left &&
	[ "$(called)" = "destroy pre create mount destroy " ]'
check "so it does after a kill -9" '
	touch hang-mount && rm -f calls
	{ gonogo-backup create -c "$conf" >"$out" 2>"$err" & } &&
	backup=$! && until grep -q "^mount" calls 2>/dev/null; do sleep 0.05; done &&
	kill -9 "$backup" && sleep 0.2 && rm hang-mount && ! nothing_left &&
	create 0 && nothing_left'
check "a signal takes it away" '
	touch hang-mount && rm -f calls
	{ gonogo-backup create -c "$conf" >"$out" 2>"$err" & } &&
	backup=$! && until grep -q "^mount" calls 2>/dev/null; do sleep 0.05; done &&
	kill -TERM "$backup" && code=0 && { wait "$backup" || code=$?; } &&
	[ "$code" = 143 ] && rm hang-mount && nothing_left'
check "without its commands it is refused" '
	sed "/^\[snapshot\]/,\$d" "$conf" >none.conf &&
	exits 64 gonogo-backup create -c none.conf &&
	said "needs \[snapshot\] create, mount and destroy"'
check "a command that is no command is found in the settings" '
	sed "s/^create = .*/create = \"half/" "$conf" >half.conf &&
	exits 64 gonogo-backup create -c half.conf && said "\[snapshot\] create"'
plan
