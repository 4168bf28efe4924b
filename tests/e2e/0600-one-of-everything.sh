#!/bin/sh
# A database that holds one of everything, saved while writers write, comes back
# the same by pg_restore with one, two and four jobs and by our own restore.
# ROUNDS=20 VALUE_MB=1000 is the long form.
# shellcheck source=tests/e2e/lib.sh disable=SC2016,SC2034,SC2154
. "${0%/*}/lib.sh"

server=$("$here/tests/harness/pg" start) || bail "no server"
at_end '"$here/tests/harness/pg" stop "$server"'
url_of() { echo "postgresql://tester@/$1?host=$server"; }
sql() {
	database=$1
	shift
	psql -X -q -At -v ON_ERROR_STOP=1 -d "$(url_of "$database")" "$@"
}
url=$(url_of source)
sql postgres -c "CREATE DATABASE source TEMPLATE template0" || bail
sql source -f "$here/tests/e2e/one-of-everything.sql" >"$out" 2>"$err" || bail

# The schema; and of each table, sequence and large object a checksum.
schema() { pg_dump -s "$@" | sed -E '/^(-- Dumped |.(un)?restrict )/d'; }
checksums() {
	sql "$1" -c "SELECT format('SELECT %L, count(*),
		md5(string_agg(md5(t::text), '''' ORDER BY md5(t::text)))
		FROM ONLY %s t;', c.oid::regclass, c.oid::regclass)
		FROM pg_class c WHERE relkind IN ('r', 'm') AND relispopulated AND
		relnamespace NOT IN ('pg_catalog'::regnamespace,
		'information_schema'::regnamespace)
		ORDER BY c.oid::regclass::text COLLATE \"C\"" |
		sql "$1" -f - &&
		sql "$1" -c "SELECT format('SELECT %L, last_value, is_called
			FROM %s;', oid::regclass, oid::regclass) FROM pg_class
			WHERE relkind = 'S' ORDER BY oid::regclass::text
			COLLATE \"C\"" | sql "$1" -f - &&
		sql "$1" -c "SELECT oid, md5(lo_get(oid)) FROM
			pg_largeobject_metadata ORDER BY oid"
}
first='' second=''
at_end 'kill $first $second 2>/dev/null'
# Each act moves an amount between the first and the last part of one table.
write() {
	i=0
	while [ ! -e enough ]; do
		i=$((i + 1))
		sql source <<-END
			BEGIN;
			UPDATE accounts SET amount = amount - 7
				WHERE id = $((i % 300 + 1));
			UPDATE accounts SET amount = amount + 7
				WHERE id = $((20000 - i % 300));
			INSERT INTO transfers (source, target)
				VALUES ($((i % 300 + 1)), $((20000 - i % 300)));
			INSERT INTO "AO_C77861_AUDIT_ENTITY" ("ACTION")
				VALUES ('$1 $i');
			DELETE FROM events WHERE id = $((i % 600));
			UPDATE watched SET a = a + 1;
			SELECT lo_put(4711, $((i % 4000)), '\x00');
			COMMIT;
		END
		echo "$i" >"acts.$1"
	done >/dev/null
}
restore_stock() { # JOBS DATABASE
	sql postgres -c "CREATE DATABASE $2 TEMPLATE template0" &&
		pg_restore --exit-on-error -j "$1" -d "$(url_of "$2")" dump
}
restore_own() {
	gonogo-backup restore --store "$work/store" \
		--database "$(url_of own)" "$@"
}
drop() {
	for name in "$@"; do
		sql postgres -c "DROP DATABASE IF EXISTS $name" 2>/dev/null
	done
}
save() {
	rm -rf store home dump
	gonogo-backup create --database "$url" --store "$work/store" \
		--no-home >"$work/said" 2>"$work/talk" || {
		cat "$work/talk" >&2
		return 1
	}
	set=$(sed 's/.* //' "$work/said")
	sh "$work/store/restore.sh" "$set" home dump >>"$work/talk"
}
same() { # FILE FILE...: all are as the first
	measure=$1
	shift
	for one in "$@"; do
		diff "$measure" "$one" >&2 || return 1
	done
}

round() {
	drop r1 r2 r4 own
	rm -f enough acts.*
	write a &
	first=$!
	write b &
	second=$!
	saved=0
	save || saved=$?
	touch enough
	wait "$first" "$second"
	[ "$saved" = 0 ] || return 1
	cat acts.a >>all-acts
	restore_stock 1 r1 && restore_stock 2 r2 && restore_stock 4 r4 &&
		restore_own --jobs 3 || return 1
	schema "$url" >schema.source
	schema --no-owner --no-privileges "$url" >schema.bare
	schema --no-owner --no-privileges "$(url_of own)" >schema.own
	for one in r1 r2 r4; do
		schema "$(url_of $one)" >schema.$one
	done
	for one in r1 r2 r4 own; do
		checksums $one >sums.$one || return 1
	done
	same schema.source schema.r1 schema.r2 schema.r4 &&
		same schema.bare schema.own &&
		same sums.r1 sums.r2 sums.r4 sums.own || return 1
	[ "$(sql own -c "SELECT sum(amount) FROM accounts")" = 20000000 ] &&
		[ "$(sql own -c "SELECT count(*) FROM transfers")" = \
			"$(sql own -c "SELECT count(*) - 3000
				FROM \"AO_C77861_AUDIT_ENTITY\"")" ]
}

n=0
while [ $((n += 1)) -le "${ROUNDS:-2}" ]; do
	check "round $n: saved while others write; four restores are equal" \
		'exits 0 round'
done
check "the others wrote all the while" '
	[ "$(sort -n all-acts | head -n 1)" -gt 3 ]'
set=$(sed 's/.* //' "$work/said")
check "a table of 20,000 pages is in twenty parts, each with its evidence" '
	[ "$(grep -c "^part.public.accounts" "$set/db/TABLES.tsv")" = 20 ] &&
	jq -e ".tables[] | select(.name == \"public.accounts\") |
		(.parts | length) == 20 and .rows == (.parts | map(.rows) | add)
		and (.sum | length) == 32" "$set/EVIDENCE.json" >"$out"'
hash_of_writer() {
	sql postgres -c "SELECT rolpassword FROM pg_authid
		WHERE rolname = 'writer'"
}
hash=$(hash_of_writer)
check "roles are saved, the hashes of their passwords apart from them" '
	grep -q "CREATE ROLE writer" "$set/db/globals.sql" &&
	! grep -q PASSWORD "$set/db/globals.sql" &&
	[ "$(stat -c %a "$set/db/passwords.sql")" = 600 ] &&
	sql postgres -c "ALTER ROLE writer PASSWORD NULL" &&
	sql postgres -f "$set/db/passwords.sql" &&
	[ -n "$hash" ] && [ "$(hash_of_writer)" = "$hash" ]'

# Nobody writes now: what pg_dump alone would give is the measure.
drop own r1 r2 r4
as_pg_dump() {
	save && pg_dump -Fd -Z0 -f plain "$url" &&
		sql postgres -c "CREATE DATABASE plain TEMPLATE template0" &&
		pg_restore --exit-on-error -j 2 -d "$(url_of plain)" plain &&
		restore_own || return 1
	schema "$(url_of plain)" >schema.plain
	schema "$url" >schema.source
	checksums plain >sums.plain && checksums own >sums.own &&
		same sums.plain sums.own && same schema.source schema.plain
}
check "it is what a plain pg_dump gives, restored" 'exits 0 as_pg_dump'
set=$(sed 's/.* //' "$work/said")
kinds() { pg_restore -l "$1" | grep -c " $2 "; }
same_kinds() {
	for kind in "SEQUENCE SET" "MATERIALIZED VIEW DATA" BLOB COMMENT; do
		[ "$(kinds dump "$kind")" = "$(kinds plain "$kind")" ] &&
			[ "$(kinds dump "$kind")" -gt 0 ] || return 1
	done
}
check "no sequence and no materialized view is left out" same_kinds
check "each table has rows in the list, that in parts twenty times" '
	[ "$(kinds dump "TABLE DATA")" = \
		"$(($(kinds plain "TABLE DATA") + 19))" ]'

stored() { du -sb "$work/store/objects" | cut -f 1; }
again() {
	before=$(stored)
	exits 0 gonogo-backup create --database "$url" --store "$work/store" \
		--no-home && next=$(sed 's/.* //' "$out") &&
		added=$(($(stored) - before))
}
check "a second night without changes adds nothing" '
	again && [ "$added" = 0 ]'
grep '^part.public.accounts' "$set/db/TABLES.tsv" >parts.before
check "a changed row costs its part, not its table" '
	sql source -c "UPDATE accounts SET amount = 1 WHERE id = 20000" &&
	again && [ "$added" -gt 0 ] &&
	grep "^part.public.accounts" "$next/db/TABLES.tsv" >parts.after &&
	[ "$(grep -cxFf parts.before parts.after)" = 19 ]'

# One value as long as no page ever is.
: "${VALUE_MB:=300}"
drop own plain
long_value() {
	sql source -c "INSERT INTO big_values SELECT 2,
		repeat(md5('x'), $VALUE_MB * 32768)" && again && restore_own &&
		sql source -c "SELECT length(v), md5(v) FROM big_values" >v.source &&
		sql own -c "SELECT length(v), md5(v) FROM big_values" >v.own &&
		same v.source v.own
}
check "a value of $VALUE_MB MB goes there and back" 'exits 0 long_value'
too_long() {
	sql source -c "CREATE TABLE too_long AS SELECT
		decode(repeat('ab', 265 << 20), 'hex') ||
		decode(repeat('cd', 265 << 20), 'hex')"
}
[ "$VALUE_MB" -lt 1000 ] ||
	check "a row that no dump can hold is named" '
	exits 0 too_long && rm -rf store && exits 69 gonogo-backup create \
		--database "$url" --store "$work/store" --no-home &&
	said "public.too_long: " &&
	said "hint: a row of it is longer than 1 GB as text"'
plan
