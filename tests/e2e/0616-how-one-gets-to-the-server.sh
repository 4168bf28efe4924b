#!/bin/sh
# Service files and password files serve as with any program of PostgreSQL; of
# an address behind which servers take turns nothing is saved.
# shellcheck source=tests/e2e/lib.sh disable=SC2016,SC2034,SC2154
. "${0%/*}/lib.sh"

start() {
	"$here/tests/harness/pg" start || return 1
}
one=$(start) || bail "no server"
at_end '"$here/tests/harness/pg" stop "$one"'
two=$(start) || bail "no second server"
at_end '"$here/tests/harness/pg" stop "$two"'
for server in "$one" "$two"; do
	psql -X -q -d "postgresql://tester@/postgres?host=$server" \
		-c "CREATE DATABASE source TEMPLATE template0" \
		-c "CREATE ROLE saver LOGIN PASSWORD 'planted-9kmn'" \
		-c "GRANT pg_read_all_data TO saver" || bail
	psql -X -q -d "postgresql://tester@/source?host=$server" \
		-c "CREATE TABLE t AS SELECT generate_series(1, 100) a" || bail
done
settings() { # URL
	# Who has no password and a socket would step down to postgres.
	printf '[database]\nurl = %s\nrun_as = root\n' "$1"
	printf '[store]\npath = %s\n' "$work/store"
}
sets() { find store/snapshots -name SNAPSHOT.json 2>/dev/null | wc -l; }

# ---- files of people ----
"$here/tests/harness/relay" "$one/.s.PGSQL.5432" "$work/port" &
at_end "kill $! 2>/dev/null"
tries=100
until [ -s port ] || [ $((tries -= 1)) = 0 ]; do sleep 0.05; done
umask 077
echo "127.0.0.1:*:source:saver:planted-9kmn" >pgpass
printf '[site]\nhost=127.0.0.1\nport=%s\nuser=saver\ndbname=source\n' \
	"$(cat port)" >services
PGPASSFILE=$work/pgpass PGSERVICEFILE=$work/services
export PGPASSFILE PGSERVICEFILE
check "a service file says where, a password file says the word" '
	settings "postgresql://?service=site" >service.conf &&
	exits 0 gonogo-backup create -c service.conf --no-home && [ "$(sets)" = 1 ]'
check "the word is in no output and nowhere in the store" '
	! grep -rqF planted-9kmn "$out" "$err" store'
check "a wrong word is told" '
	echo "127.0.0.1:*:source:saver:wrong" >pgpass &&
	exits 69 gonogo-backup create -c service.conf --no-home &&
	said "password authentication failed" && [ "$(sets)" = 1 ]'
check "a service that no file has is told" '
	settings "postgresql://?service=nowhere" >nowhere.conf &&
	run gonogo-backup create -c nowhere.conf --no-home && [ "$status" != 0 ] &&
	said "nowhere" && [ "$(sets)" = 1 ]'

# ---- servers that take turns ----
cat >turns.py <<'END'
import os, socket, sys, threading

def pass_on(a, b):
    while data := a.recv(65536):
        b.sendall(data)
    b.shutdown(socket.SHUT_WR)

listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
listener.listen()
os.chmod(sys.argv[1], 0o777)
os.rename(sys.argv[1], sys.argv[2])
turn = 0
while True:
    client = listener.accept()[0]
    server = socket.socket(socket.AF_UNIX)
    server.connect(sys.argv[3 + turn % 2])
    turn += 1
    for pair in (client, server), (server, client):
        threading.Thread(target=pass_on, args=pair, daemon=True).start()
END
umask 022
mkdir turns
/usr/bin/python3 turns.py turns/new turns/.s.PGSQL.5432 \
	"$one/.s.PGSQL.5432" "$two/.s.PGSQL.5432" &
at_end "kill $!"
until [ -e turns/.s.PGSQL.5432 ]; do sleep 0.05; done
check "servers that answer in turn are refused" '
	exits 69 gonogo-backup create --store store --no-home \
		--database "postgresql://tester@/source?host=$work/turns" &&
	said "different servers answer there in turn" && said "^hint: name the" &&
	[ "$(sets)" = 1 ]'
plan
