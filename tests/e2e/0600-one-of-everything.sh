#!/bin/sh
# A database that holds one of everything, saved while writers write, comes back
# the same by pg_restore with one, two and four jobs and by our own restore.
# ROUNDS=20 for the long form.
# shellcheck source=tests/e2e/lib.sh disable=SC2016,SC2034,SC2154
. "${0%/*}/lib.sh"

server=$("$here/tests/harness/pg" start) || bail "no server"
at_end '"$here/tests/harness/pg" stop "$server"'
url="postgresql://tester@/source?host=$server"
at() { psql -X -q -At -v ON_ERROR_STOP=1 -d "postgresql://tester@/$1?host=$server" "${@:2}"; }
