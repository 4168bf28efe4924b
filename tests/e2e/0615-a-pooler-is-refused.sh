#!/bin/sh
# Behind a pooler one connection may be many and many one: a backup through the
# real pgbouncer is refused in clear words, whatever it pools, before anything
# is written.
# shellcheck source=tests/e2e/lib.sh disable=SC2016,SC2034,SC2154
. "${0%/*}/lib.sh"

server=$("$here/tests/harness/pg" start) || bail "no server"
at_end '"$here/tests/harness/pg" stop "$server"'
psql -X -q -d "postgresql://tester@/postgres?host=$server" \
	-c "CREATE DATABASE source TEMPLATE template0" || bail
[ -x /usr/sbin/pgbouncer ] || bail "hint: apt-get install pgbouncer"

as_owner() {
	if [ "$(id -u)" = 0 ]; then
		exec runuser -u postgres -- "$@"
	fi
	exec "$@"
}
pooler_stop() { [ -z "${pooler-}" ] || kill "$pooler" 2>/dev/null || :; }
at_end pooler_stop
pooler_start() { # MODE
	pooler_stop
	rm -rf "$work/pooler"
	mkdir "$work/pooler"
	[ "$(id -u)" != 0 ] || chown postgres: "$work/pooler"
	cat >"$work/pooler.ini" <<-END
		[databases]
		source = host=$server dbname=source user=tester
		[pgbouncer]
		listen_addr =
		unix_socket_dir = $work/pooler
		auth_type = any
		pool_mode = $1
		pidfile = $work/pooler/pid
	END
	(cd / && as_owner /usr/sbin/pgbouncer -q "$work/pooler.ini" \
		>"$work/pooler.log" 2>&1) &
	tries=200
	until [ -S "$work/pooler/.s.PGSQL.6432" ]; do
		[ $((tries -= 1)) -gt 0 ] || {
			cat "$work/pooler.log" >&2
			return 1
		}
		sleep 0.05
	done
	pooler=$(cat "$work/pooler/pid")
}
for mode in session transaction statement; do
	check "pgbouncer, pooling by $mode" '
		pooler_start "$mode" && psql -XAtq -c "SELECT 42" \
			"postgresql://tester@:6432/source?host=$work/pooler" \
			>"$out" 2>"$err" && said "^42$" &&
		exits 69 gonogo-backup create --store "$work/store" --no-home \
			--database "postgresql://tester@:6432/source?host=$work/pooler" &&
		said "a connection pooler answers there" &&
		said "^hint: name the server itself" &&
		[ -z "$(ls -A "$work/store/snapshots" 2>/dev/null)" ]'
done
check "the server itself is taken" '
	exits 0 gonogo-backup create --store "$work/store" --no-home \
		--database "postgresql://tester@/source?host=$server"'
plan
