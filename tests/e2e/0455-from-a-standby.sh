#!/bin/sh
# A backup of a standby server: its point is what the standby has replayed, the
# record says so, and the primary is not asked.
# shellcheck source=tests/e2e/lib.sh disable=SC2016,SC2034,SC2154
. "${0%/*}/lib.sh"

cluster_start --repos 2 --commits 6 --days 0 --requests 0 || bail "no cluster"
primary="postgresql://postgres@/postgres?host=$SITE_SOCKET"
for bin in /usr/lib/postgresql/*/bin; do :; done
as_owner() (
	cd / || exit 70
	[ "$(id -u)" != 0 ] || exec runuser -u postgres -- "$@"
	exec "$@"
)

# The standby lives in a folder of its own, short enough for its socket.
standby=$(mktemp -d /tmp/gpg-XXXXXX)
chmod 755 "$standby"
[ "$(id -u)" != 0 ] || chown postgres: "$standby"
at_end 'as_owner "$bin/pg_ctl" -D "$standby/data" -m immediate -w -s stop \
	>/dev/null; rm -rf "$standby"'
psql -X -q -d "$primary" -c "ALTER ROLE postgres PASSWORD 'replay'" \
	2>"$err" || bail "no password"
as_owner env PGPASSWORD=replay "$bin/pg_basebackup" -D "$standby/data" -R \
	-h "$SITE_SOCKET" -U postgres --no-sync -c fast 2>"$err" ||
	bail "no copy of the primary"
as_owner "$bin/pg_ctl" -D "$standby/data" -l "$standby/log" -w -s \
	-o "-k $standby" start >"$out" 2>&1 || bail "no standby"

sed "s|?host=.*|?host=$standby|" "$conf" >standby.conf
check "doctor says that it is a standby" '
	exits 0 gonogo-backup doctor -c standby.conf && said "a standby"'
check "a set is made of it" '
	exits 0 gonogo-backup create -c standby.conf &&
	said "replayed by a standby" && set=$(sed "s/.* //" "$out")'
check "the record says so, and up to where it had replayed" '
	jq -e ".standby and (.lsn | test(\"^[0-9A-F]+/[0-9A-F]+$\"))" \
		"$set/EVIDENCE.json" >"$out"'
check "it holds what the primary holds" '
	PGPASSWORD=replay
	export PGPASSWORD
	rows=$(psql -X -At -d "postgresql://postgres@/bitbucket?host=$SITE_SOCKET" \
		-c "SELECT count(*) FROM plugin_setting") &&
	grep -q "^table	public.plugin_setting	$rows	" "$set/db/TABLES.tsv"'
check "a sealed backup is refused: a standby lags behind the lock" '
	sed -i "s/^mode = hot/mode = sealed\nallow_lock = yes/" standby.conf &&
	exits 64 gonogo-backup create -c standby.conf &&
	said "needs the primary" && said "^hint: .* \[database\] primary" &&
	[ "$(simctl state .maintenance.locks)" = 0 ]'
check "so is a primary that is none" '
	sed "s|^\[database\]|&\nprimary = postgresql://gonogo_backup@/bitbucket?host=$standby|" \
		standby.conf >none.conf &&
	exits 64 gonogo-backup create -c none.conf &&
	said "that is a standby, too" &&
	[ "$(simctl state .maintenance.locks)" = 0 ]'

# ---- with the primary named ----
unset PGPASSWORD
sed "s|^\[database\]|&\nprimary = $SITE_URL_BACKUP|
	s/^mode = .*/mode = freeze/" standby.conf >both.conf
on_standby() {
	PGPASSWORD=replay psql -X -q -At -c "$1" \
		"postgresql://postgres@/postgres?host=$standby"
}
# What is written while it drains is replayed a second behind the lock.
late() {
	until grep -q "waiting until it is drained" "$err"; do sleep 0.02; done
	on_standby "SELECT pg_wal_replay_pause()" >/dev/null
	PGPASSWORD=replay psql -X -q -c "INSERT INTO app_property
		VALUES ('$1', 'yes')" \
		"postgresql://postgres@/bitbucket?host=$SITE_SOCKET"
	sleep "$2"
	on_standby "SELECT pg_wal_replay_resume()" >/dev/null
}
simctl maintenance '{"git_drain_ms":1500}' >/dev/null
check "a frozen backup waits until the standby has caught up" '
	late caught.up 3 & exits 0 gonogo-backup create -c both.conf &&
	said "has replayed all" && set=$(sed "s/.* //" "$out") && wait $! &&
	jq -e ".mode == \"freeze\"" "$set/SNAPSHOT.json" >/dev/null &&
	jq -e ".lock.still_ms > 1000" "$set/EVIDENCE.json" >/dev/null'
check "and what was written up to the lock is in the set" '
	exits 0 gonogo-backup restore -c "$conf" --database \
		"postgresql://postgres@/caught?host=$SITE_SOCKET" &&
	[ "$(PGPASSWORD=replay psql -X -At -c "SELECT prop_value FROM
		app_property WHERE prop_key = '"'caught.up'"'" \
		"postgresql://postgres@/caught?host=$SITE_SOCKET")" = yes ]'
check "one that does not catch up unlocks, and the set is hot" '
	sed "s/^allow_lock.*/&\nmax_lock_seconds = 8/" both.conf >brief.conf &&
	late too.late 6 & exits 0 gonogo-backup create -c brief.conf &&
	said "did not catch up within 2 s" && wait $! &&
	jq -e ".mode == \"hot\" and .locked_ms < 8000" \
		"$(sed "s/.* //" "$out")/SNAPSHOT.json" >/dev/null'
plan
