#!/bin/sh
# Connections ended at random, a server that stops, a network that is cut, a full
# disk, a password that expires, DDL that waits for us: a backup of a database
# ends well or with one clear error, and there is no half set.
# shellcheck source=tests/e2e/lib.sh disable=SC2016,SC2034,SC2154
. "${0%/*}/lib.sh"

server=$("$here/tests/harness/pg" start) || bail "no server"
at_end '"$here/tests/harness/pg" stop "$server"'
url="postgresql://tester@/source?host=$server"
sql() { psql -X -q -At -v ON_ERROR_STOP=1 -d "$url" "$@"; }
psql -X -q -d "postgresql://tester@/postgres?host=$server" \
	-c "CREATE DATABASE source TEMPLATE template0" || bail
sql >"$out" 2>"$err" <<-'END' || bail
	CREATE TABLE big (id int PRIMARY KEY, filler text)
		WITH (fillfactor = 10, autovacuum_enabled = off);
	INSERT INTO big SELECT g, repeat(md5(g::text), 20)
		FROM generate_series(1, 40000) g;
	CREATE TABLE other AS SELECT g AS id, md5(g::text) AS x
		FROM generate_series(1, 200000) g;
	CREATE TABLE small AS SELECT 1 AS a;
	CREATE ROLE saver LOGIN PASSWORD 'planted-5tgb' IN ROLE pg_read_all_data;
END
umask 077
echo planted-5tgb >password
# Slow, so that there is a middle: about 40 MB at this rate.
settings() { # URL [MORE]
	printf '[database]\nurl = %s\nrate = 6M\njobs = 3\n%s\n' "$1" "${2-}"
	printf '[store]\npath = %s\n' "$work/store"
}
settings "$url" >slow.conf
begin() { # SETTINGS: a backup in the background
	gonogo-backup create -c "$1" --no-home >"$out" 2>"$err" </dev/null &
	backup=$!
}
# Until rows are on their way.
in_the_middle() {
	tries=300
	until [ "$(sql -c "SELECT count(*) FROM pg_stat_activity WHERE
		application_name LIKE 'gonogo backup%' AND query LIKE 'COPY%'
		AND state = 'active'")" -gt 0 ]; do
		[ $((tries -= 1)) -gt 0 ] && kill -0 "$backup" || return 1
		sleep 0.05
	done
}
ended() { # CODE...
	status=0
	wait "$backup" || status=$?
	for code in "$@"; do
		[ "$status" = "$code" ] && return 0
	done
	return 1
}
sets() { find store/snapshots -name SNAPSHOT.json 2>/dev/null | wc -l; }
one_error() {
	[ "$(grep -c '^gonogo-backup create: ' "$err")" -ge 1 ] &&
		! grep -qiE "assert|abort|core dumped" "$err"
}

# ---- connections ended at random ----
end_some() {
	while kill -0 "$backup" 2>/dev/null; do
		sql -c "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
			WHERE application_name LIKE 'gonogo backup%'
			ORDER BY random() LIMIT 1" >/dev/null
		echo >>ends
		sleep 1.5
	done
}
check "connections that are ended at random are made anew" '
	sed "s/^rate = .*/rate = 3M/" slow.conf >slower.conf &&
	begin slower.conf && in_the_middle && end_some; ended 0 &&
	[ "$(wc -l <ends)" -gt 5 ] && said "reading it again|was lost" &&
	[ "$(sets)" = 1 ]'
check "what was saved that way is whole" '
	exits 0 gonogo-backup restore --store store \
		--database "postgresql://tester@/back?host=$server" &&
	said "restored set"'

# ---- DDL that waits for us ----
check "an ALTER TABLE waits no longer than our patience, and the set is whole" '
	settings "$url" "patience = 1s" >patient.conf && begin patient.conf &&
	in_the_middle && began=$(date +%s) &&
	sql -c "ALTER TABLE big ADD later int" &&
	[ $(($(date +%s) - began)) -le 5 ] && ended 0 && [ "$(sets)" = 2 ] &&
	said "let go of public.big"'
check "who empties a table that is not copied yet makes us begin anew" '
	settings "$url" "patience = 1s" >patient.conf && begin patient.conf &&
	in_the_middle && sql -c "TRUNCATE big" && ended 0 &&
	said "gave way: public.big was emptied" && [ "$(sets)" = 3 ]'
sql -c "INSERT INTO big SELECT g, repeat(md5(g::text), 20)
	FROM generate_series(1, 40000) g"

# ---- a password that expires ----
check "a password that expires in mid-run: done, or one clear error" '
	settings "postgresql://saver@/source?host=$server" \
		"password_file = $work/password" >saver.conf &&
	begin saver.conf && in_the_middle &&
	sql -c "ALTER ROLE saver VALID UNTIL '\''2020-01-01'\''" -c "
		SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE usename = '\''saver'\'' AND query LIKE '\''COPY%'\''" >/dev/null
	ended 69 && one_error && said "password authentication failed" &&
	[ "$(sets)" = 3 ]'
check "afterwards it is refused before anything is written" '
	exits 69 gonogo-backup create -c saver.conf --no-home &&
	said "^hint: " && [ "$(sets)" = 3 ]'

# ---- a network that is cut ----
relay_start() {
	rm -f port
	"$here/tests/harness/relay" "$server/.s.PGSQL.5432" "$work/port" &
	relay=$!
	tries=100
	until [ -s port ] || [ $((tries -= 1)) = 0 ]; do sleep 0.05; done
	settings "postgresql://tester@127.0.0.1:$(cat port)/source?${1-}" >net.conf
}
at_end 'kill "$relay" 2>/dev/null'
check "a network that is cut: one clear error, no set" '
	relay_start && begin net.conf && in_the_middle && kill -9 "$relay" &&
	ended 69 && one_error && said "Connection refused" && [ "$(sets)" = 3 ]'
# Nobody says that it is cut: only unanswered questions tell.
quick="keepalives_idle=1&keepalives_interval=1&keepalives_count=2"
quick="$quick&tcp_user_timeout=3000&connect_timeout=2"
check "a network that drops all without a word: the same" '
	relay_start "$quick" && begin net.conf && in_the_middle &&
	kill -USR1 "$relay" && ended 69 && one_error &&
	said "timeout expired|timed out" && [ "$(sets)" = 3 ]'
check "then the server is not left with transactions of ours" '
	tries=100
	until [ "$(sql -c "SELECT count(*) FROM pg_stat_activity
		WHERE application_name LIKE '\''gonogo backup%'\''")" = 0 ]; do
		[ $((tries -= 1)) -gt 0 ] || exit 1
		[ "$tries" != 90 ] || kill "$relay"
		sleep 0.1
	done'

# ---- a full disk ----
check "a full disk: one clear error, no set" '
	run env "ASAN_OPTIONS=${ASAN_OPTIONS:-}:detect_leaks=0" \
		strace -f -qq -o "$work/trace" -e trace=write \
		-e inject=write:error=ENOSPC:when=40+ \
		gonogo-backup create --database "$url" --store store --no-home
	[ "$status" = 74 ] && said "No space left" && [ "$(sets)" = 3 ]'

# ---- a server that stops ----
bin=$(pg_config --bindir)
control() { # WORDS for pg_ctl
	set -- "$bin/pg_ctl" -D "$server/data" -l "$server/log" -w -s "$@"
	[ "$(id -u)" != 0 ] || set -- runuser -u postgres -- "$@"
	(cd / && exec "$@")
}
check "a server that stops: one clear error, no set" '
	begin slow.conf && in_the_middle && control -m immediate stop &&
	ended 69 && one_error && [ "$(sets)" = 3 ]'
check "once it is up again, the next run completes" '
	control -o "-k $server -c listen_addresses= -c fsync=off" start &&
	exits 0 gonogo-backup create --database "$url" --store store \
		--no-home && [ "$(sets)" = 4 ]'
check "the sets of before verify" '
	for one in 1 2 3; do
		exits 0 gonogo-backup verify --store store $one || exit 1
	done'
check "nothing is left in the store of what broke off" '
	[ -z "$(find store/snapshots -mindepth 1 -maxdepth 1 -type d \
		-exec sh -c "[ -e \"\$1/SNAPSHOT.json\" ] || echo \"\$1\"" _ {} \;)" ]'
plan
