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
	said "needs the primary" && said "^hint: " &&
	[ "$(simctl state .maintenance.locks)" = 0 ]'
plan
