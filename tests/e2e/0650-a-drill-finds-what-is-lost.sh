#!/bin/sh
# A drill restores a whole set into a private PostgreSQL and a folder, and
# compares it with what the backup saw: what is lost is named, though all
# checksums of the set agree.  Nothing of it stays behind.
# shellcheck source=tests/e2e/lib.sh disable=SC2016,SC2034,SC2154
. "${0%/*}/lib.sh"

cluster_start --repos 5 --commits 20 --days 1 --requests 100 \
	--large-objects 2 >"$err" 2>&1 || bail "the cluster"
store=$work/store
# A big file and a pack, so that objects lie beside the segments.
for repository in "$SITE_SHARED"/data/repositories/[12]; do
	head -c 2000000 /dev/urandom | git -c safe.directory='*' \
		-C "$repository" hash-object -w --stdin >"$out" || bail
	git -c safe.directory='*' -C "$repository" tag "big" "$(cat "$out")" || bail
	git -c safe.directory='*' -C "$repository" repack -qAd || bail
done
exits 0 gonogo-backup create -c "$conf" || bail "create"
set=$(ls "$store/snapshots")
mkdir -m 711 "$work/room"

# What the drill may leave behind: folders, servers.
left() {
	ls -A "$work/room"
	pgrep -f "postgres -D $work/room" || :
}
drill() { run gonogo-backup drill --to "$work/room" "$@"; }

check "a good set comes back as it was" '
	drill -c "$conf" --evidence "$work/evidence" && [ "$status" = 0 ] &&
	said "^passed $set: restore"'
check "nothing of the drill stays" '[ -z "$(left)" ] || { left; false; }'
check "its proof is in the store, with what was compared and how long it took" '
	jq -e ".level == \"restore\" and .outcome == \"passed\" and
		.tables > 30 and .rows > 100 and .files > 50 and .refs > 5 and
		.repositories == 5 and .times.home_ms >= 0 and
		.times.database_ms > 0 and .times.compare_ms > 0" \
		"$store"/verify/*-1.json >"$out" &&
	cmp "$store"/verify/*-1.json "$work/evidence/proof-drill.json"'
check "which list shows" 'exits 0 gonogo-backup list -c "$conf" && said "passed restore|restore"'
check "a sample is said" '
	drill -c "$conf" --sample 2 --seed 7 && [ "$status" = 0 ] &&
	said "git looked at 2 \\(a sample\\)" &&
	jq -e ".sample.groups == 2 and .sample.seed == 7" \
		"$store"/verify/*-2.json >"$out"'

# ---- what is lost, with all checksums in order ----

# lost WHAT WHICH TEXT: the drill fails, and names it.
lost() {
	rm -rf "$work/bad" && cp -a "$store" "$work/bad" &&
		rm -f "$work"/bad/verify/* &&
		"$here/tests/harness/lose" "$work/bad" "$set" "$1" "$2" &&
		(cd "$work/bad" && sha256sum --quiet -c \
			"snapshots/$set/SNAPSHOT.sha256" \
			"snapshots/$set/SHA256SUMS") &&
		drill --store "$work/bad" && [ "$status" = 20 ] &&
		said "^FAILED $set" && said "$3" && [ -z "$(left)" ] &&
		jq -e ".level == \"restore\" and .outcome == \"failed\"" \
			"$work"/bad/verify/*-1.json >"$work/.jq"
}
check "a repository" 'lost repository 3 "repository 3 .*did not come back"'
check "and the row that it leaves alone is named" \
	'said "row 3 .*the restored home has no folder"'
check "a row of a table" 'lost row public.bb_attachment "public.bb_attachment"'
check "a row that the set does not even count" '
	lost counted public.bb_attachment "table public.bb_attachment: the backup counted"'
check "a pack that is another file" 'lost object 1 "repository 1 .*git fsck"'

# ---- harm that checksums show ----

check "a harmed object" '
	rm -rf "$work/bad" && cp -a "$store" "$work/bad" &&
	one=$(find "$work/bad/objects" -type f -size +1000k | head -n 1) &&
	printf X | dd of="$one" bs=1 seek=5000 conv=notrunc 2>"$err" &&
	drill --store "$work/bad" && [ "$status" = 20 ] &&
	said "^FAILED $set" && said "$(basename "$one" .zst)|data/" &&
	[ -z "$(left)" ]'
check "a false record: nothing behind it is believed" '
	rm -rf "$work/bad" && cp -a "$store" "$work/bad" &&
	echo >>"$work/bad/snapshots/$set/db/TABLES.tsv" &&
	drill --store "$work/bad" && [ "$status" = 20 ] &&
	said "record $set: .*TABLES.tsv"'

# ---- where, and how it ends ----

ln -s /bin/sh "$work/java"
"$work/java" -c 'sleep 300; :' -Dbitbucket.home=/nowhere \
	com.atlassian.bitbucket.internal.launcher.BitbucketServerLauncher start &
jvm=$!
at_end 'kill "$jvm" 2>/dev/null; pkill -P "$jvm" 2>/dev/null'
check "a host where Bitbucket runs is refused" '
	drill -c "$conf" && [ "$status" = 64 ] &&
	said "process $jvm" && said "^hint: .*--here"'
check "but for --here" 'drill -c "$conf" --here && [ "$status" = 0 ]'
pkill -P "$jvm"
kill "$jvm" 2>/dev/null
wait "$jvm" 2>/dev/null

# begun: a drill in the background, until its server runs; sets pid.
begun() {
	gonogo-backup drill -c "$conf" --to "$work/room" >"$out" 2>"$err" &
	pid=$!
	tries=600
	until ls "$work"/room/*/data/postmaster.pid >/dev/null 2>&1; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] && kill -0 "$pid" || return 1
		sleep 0.05
	done
}
# gone: in 20 s nothing of it is left.
gone() {
	tries=200
	until [ -z "$(left)" ]; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || { left; return 1; }
		sleep 0.1
	done
}
check "a signal ends it, and nothing stays" '
	begun && kill -TERM "$pid" && { wait "$pid"; [ $? = 143 ]; } && gone'
check "so does kill -9" '
	begun && kill -KILL "$pid" && { wait "$pid" 2>/dev/null; gone; }'
check "no room is said before anything is restored" '
	if [ "$(id -u)" = 0 ] && mkdir -p "$work/small" &&
		mount -t tmpfs -o size=4m none "$work/small" 2>/dev/null; then
		run gonogo-backup drill -c "$conf" --to "$work/small"
		umount "$work/small"
		[ "$status" = 74 ] && said "the drill" && said "bytes|MB|GB"
	fi'
plan
