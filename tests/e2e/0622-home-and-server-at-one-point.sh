#!/bin/sh
# The home and the files of the database's server have one common point in
# every mode that a host without hooks has; a drill brings both back and holds
# rows against folders.
# shellcheck source=tests/e2e/lib.sh disable=SC2016,SC2034,SC2154
. "${0%/*}/lib.sh"

cluster_start --repos 4 --commits 10 --days 1 --requests 50 >"$err" 2>&1 ||
	bail "the cluster"
socket=$(echo "$SITE_URL_BACKUP" | sed 's/.*host=//; s/&.*//')
super="postgresql://postgres@/postgres?host=$socket"
psql -Xq "$super" -c "ALTER ROLE gonogo_backup REPLICATION" || bail "no role"
sed -i "s/^\[database\]/&\nform = physical\ncheckpoint = fast/
	s/^mode = hot/&\nallow_lock = yes/" "$conf"

check "doctor looks at what a physical copy needs" '
	exits 0 gonogo-backup doctor -c "$conf" && said "all files of its server" &&
	said "not needed for a physical copy"'
check "--grants tells the least rights for it" '
	exits 0 gonogo doctor -c "$conf" --grants && said "REPLICATION;"'
lsn_after() { # LSN LSN: is the second one no earlier?
	[ "$(psql -XAtq "$super" -c "SELECT '$1'::pg_lsn <= '$2'::pg_lsn")" = t ]
}
mode() {
	exits 0 gonogo-backup create -c "$conf" --mode "$1" &&
		set=$(sed 's/.* //' "$out") &&
		jq -e ".mode == \"$1\" and .database.form == \"physical\" and
			.status == \"GOOD\"" "$set/SNAPSHOT.json" >"$work/.jq" &&
		jq -e ".check.rows > 0 and .point_at <= .sweep_started_at" \
			"$set/EVIDENCE.json" >"$work/.jq" &&
		lsn_after "$(jq -r .physical.last_lsn "$set/EVIDENCE.json")" \
			"$(jq -r .lsn "$set/EVIDENCE.json")"
}
for one in hot freeze sealed; do
	check "$one: the files end before the point, the sweep begins after it" \
		"mode $one"
done
check "users are locked out for the point alone, not for the server's files" '
	set=$(ls -d "$work"/store/snapshots/*2-*) &&
	[ "$(jq .locked_ms "$set/SNAPSHOT.json")" -gt 0 ] &&
	[ "$(jq .lock.still_ms "$set/EVIDENCE.json")" -lt 3000 ]'
check "a drill brings both back, and rows fit folders" '
	exits 0 gonogo-backup drill -c "$conf" --here &&
	said "home .* 4 repositories|home" && said "database  [0-9]+ tables"'
check "a restore tells how to start it, and what comes before" '
	exits 0 gonogo-backup restore -c "$conf" --to "$work/home" \
		--database-folder "$work/data" &&
	said "pg_ctl -D $work/data start" && said "archive_command" &&
	[ -e "$work/data/recovery.signal" ] && [ -e "$work/home/bitbucket.properties" ]'
check "expire knows it as any other" '
	exits 0 gonogo-backup expire -c "$conf" --dry-run'

# ---- a role that may not read ----

psql -Xq "$super" -c "CREATE ROLE blind LOGIN REPLICATION PASSWORD 'blind-5Rt9'"
(umask 077 && echo blind-5Rt9 >"$work/blind-password")
sed "s|://gonogo_backup@|://blind@|
	s|^password_file = .*gonogo_backup|password_file = $work/blind-password|" \
	"$conf" >"$work/blind.conf"
check "rows that may not be read make the set DEGRADED, and that is named" '
	exits 10 gonogo-backup create -c "$work/blind.conf" &&
	said "not held against the folders" &&
	said "repositories were not cross-checked"'
plan
