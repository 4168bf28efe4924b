#!/bin/sh
# A physical copy of a server that holds one of everything, made by a role that
# may do nothing but replicate, while writers write, comes back with and
# without gonogo: pg_verifybackup accepts it, a server started on it stops at
# the point, and both are the same.
# shellcheck source=tests/e2e/lib.sh disable=SC2015,SC2016,SC2034,SC2119,SC2120,SC2154
. "${0%/*}/lib.sh"

server=$("$here/tests/harness/pg" start) || bail "no server"
at_end '"$here/tests/harness/pg" stop "$server"'
bindir=$(pg_config --bindir)
as_owner() (
	cd /
	[ "$(id -u)" != 0 ] || exec runuser -u postgres -- "$@"
	exec "$@"
)
url_of() { echo "postgresql://$1@/$2?host=$server"; }
sql() { # DATABASE OPTIONS
	database=$1
	shift
	psql -X -q -At -v ON_ERROR_STOP=1 -d "$(url_of tester "$database")" "$@"
}
as_owner mkdir "$server/far" "$server/wide" || bail
sql postgres -c "CREATE ROLE copier LOGIN REPLICATION" \
	-c "CREATE ROLE plain LOGIN" \
	-c "CREATE DATABASE source TEMPLATE template0" || bail
printf '%s\n' 'local replication all trust' 'local all all trust' |
	as_owner tee "$server/data/pg_hba.conf" >"$out"
sql postgres -c "SELECT pg_reload_conf()" >"$out"
sql source -f "$here/tests/e2e/one-of-everything.sql" >"$out" 2>"$err" || bail
sql source -c "CREATE TABLESPACE far LOCATION '$server/far'" \
	-c "CREATE TABLE elsewhere TABLESPACE far AS SELECT i, md5(i::text)
		FROM generate_series(1, 60000) i" || bail
url=$(url_of copier source)
create() {
	gonogo-backup create --database "$url" --store "$work/store" --no-home \
		--database-form physical --fast-checkpoint "$@"
}
sets() { find "$work/store/snapshots" -name SNAPSHOT.json 2>"$work/.find" | wc -l; }

# ---- refused before anything is written ----

sql postgres -c "CREATE DATABASE wiki" -c "CREATE DATABASE jira"
check "a server with other databases is refused, and they are named" '
	exits 64 create && said "other databases, too: jira, wiki" &&
	said "^hint: --whole-cluster" && [ ! -e store ]'
check "but for --whole-cluster" '
	exits 0 create --whole-cluster && [ "$(sets)" = 1 ] &&
	jq -e ".physical.databases | index(\"wiki\")" \
		store/snapshots/*/EVIDENCE.json >"$out"'
rm -rf store
sql postgres -c "DROP DATABASE wiki" -c "DROP DATABASE jira"
check "so is a role that may not replicate" '
	url=$(url_of plain source) && exits 69 create &&
	said "^hint: ALTER ROLE" && [ ! -e store ]'
check "--plan tells what it would do, and does nothing" '
	exits 0 create --plan && said "all files of its server" &&
	said "fast checkpoint" && [ ! -e store ]'
url=$(url_of copier source)

# ---- while writers write ----

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
			COMMIT;
		END
		echo "$i" >"acts.$1"
	done >"$work/.write"
}
# Unlogged tables are empty after any recovery.
checksums() { # URL
	psql -X -q -At -d "$1" -c "SELECT format('SELECT %L, count(*),
		md5(string_agg(md5(t::text), '''' ORDER BY md5(t::text)))
		FROM ONLY %s t;', c.oid::regclass, c.oid::regclass)
		FROM pg_class c WHERE relkind IN ('r', 'm') AND relispopulated AND
		relpersistence <> 'u' AND
		relnamespace NOT IN ('pg_catalog'::regnamespace,
		'information_schema'::regnamespace)
		ORDER BY c.oid::regclass::text COLLATE \"C\"" |
		psql -X -q -At -v ON_ERROR_STOP=1 -d "$1" -f - &&
		psql -X -q -At -d "$1" -c "SELECT oid, md5(lo_get(oid)) FROM
			pg_largeobject_metadata ORDER BY oid"
}
# begin DIR: a server on it, until finish DIR.
begin() {
	rm -rf "/tmp/${work##*/}.socket" && mkdir "/tmp/${work##*/}.socket" &&
		chmod 777 "/tmp/${work##*/}.socket" &&
		as_owner "$bindir/pg_ctl" -D "$1" -l "$1/log" -w -s -o \
			"-k /tmp/${work##*/}.socket -c listen_addresses='' \
			-c max_logical_replication_workers=0" start >"$work/.ctl"
}
restored() { echo "postgresql://tester@/$1?host=/tmp/${work##*/}.socket"; }
finish() {
	as_owner "$bindir/pg_ctl" -D "$1" -m immediate -w -s stop
	rm -rf "/tmp/${work##*/}.socket"
}
at_end 'rm -rf "/tmp/${work##*/}.socket"'
measure() { # DIR FILE
	begin "$1" && checksums "$(restored source)" >"$2"
	measured=$?
	psql -X -q -At -d "$(restored source)" -c "SELECT sum(amount) =
		20000000, (SELECT count(*) FROM transfers) = (SELECT count(*) - 3000
		FROM \"AO_C77861_AUDIT_ENTITY\"), pg_is_in_recovery()
		FROM accounts" >"$2.kept"
	finish "$1"
	return "$measured"
}
point() { jq -r .lsn "$set/EVIDENCE.json"; }
there_and_back() {
	rm -rf own own.tablespaces home stock stock.tablespaces far enough
	write a &
	first=$!
	write b &
	second=$!
	saved=0
	create >said || saved=$?
	touch enough
	wait "$first" "$second"
	[ "$saved" = 0 ] || return 1
	cat acts.a acts.b >>all-acts
	set=$(sed 's/.* //' said)
	gonogo-backup restore --store "$work/store" --database-folder \
		"$work/own" --tablespace "$server/far=$work/far" &&
		sh "$work/store/restore.sh" "$set" home stock >words &&
		"$bindir/pg_verifybackup" -q own &&
		"$bindir/pg_verifybackup" -q stock || return 1
	[ "$(id -u)" != 0 ] || chown -R postgres: stock stock.tablespaces
	measure "$work/own" sums.own && measure "$work/stock" sums.stock &&
		diff sums.own sums.stock >&2 &&
		grep -q "stopping before WAL location (LSN) \"$(point)\"" \
			own/log stock/log &&
		[ "$(cat sums.own.kept)" = "t|t|f" ]
}
n=0
while [ $((n += 1)) -le "${ROUNDS:-2}" ]; do
	check "round $n: copied while others write; two restores are equal" \
		'exits 0 there_and_back'
done
check "the others wrote all the while" '
	[ "$(sort -n all-acts | head -n 1)" -gt 3 ]'
check "a tablespace lies where it was asked to, not where it was" '
	[ "$(readlink own/pg_tblspc/*)" = "$work/far" ] &&
	[ "$(readlink stock/pg_tblspc/*)" = "$work/stock.tablespaces/$(
		ls stock.tablespaces)" ]'
check "no slot stays on the server" '
	[ "$(sql postgres -c "SELECT count(*) FROM pg_replication_slots")" = 0 ]'

# ---- when nobody writes ----

check "an idle server reaches the point, and is as it was there" '
	rm -rf own own.tablespaces && checksums "$(url_of tester source)" \
		>sums.source &&
	exits 0 create && set=$(sed "s/.* //" "$out") &&
	exits 0 gonogo-backup restore --store "$work/store" \
		--database-folder "$work/own" &&
	measure "$work/own" sums.own && diff sums.source sums.own >"$out"'
parts() { grep -F .tar. "$1/db/FILES.tsv" | sort; }
bytes() { awk '{ all += $3 } END { print all + 0 }'; }
check "a second night without changes stores no big file again" '
	parts "$set" >parts.before && exits 0 create &&
	next=$(sed "s/.* //" "$out") && parts "$next" >parts.after &&
	[ "$(comm -13 parts.before parts.after | bytes)" -lt \
		"$(($(bytes <parts.after) / 4))" ]'
check "verify reads it all; deep and a drill start a server on it" '
	exits 0 gonogo-backup verify --store store &&
	exits 0 gonogo-backup verify --store store --level deep &&
	exits 0 gonogo-backup drill --store store &&
	said "database  [0-9]+ tables, [0-9]+ rows"'
check "restore says when it is the wrong kind" '
	exits 64 gonogo-backup restore --store store \
		--database "$(url_of tester other)" &&
	said "^hint: --database-folder"'
check "an occupied folder is refused" '
	exits 64 gonogo-backup restore --store store --database-folder "$work/own"'

# ---- what is harmed is found ----

check "a harmed object ends verify, drill and restore, and is named" '
	cp -a store bad && id=$(ls bad/snapshots | tail -n 1) &&
	sum=$(sed -n "s/\t.*base.tar.00000001\$//p" \
		"bad/snapshots/$id/db/FILES.tsv") &&
	one=$(find bad/objects -name "$sum*") &&
	printf X | dd of="$one" bs=1 seek=5000 conv=notrunc 2>"$err" &&
	exits 20 gonogo-backup verify --store bad &&
	said "$(basename "$one")" &&
	exits 20 gonogo-backup drill --store bad && rm -rf own own.t* &&
	exits 65 gonogo-backup restore --store bad --database-folder \
		"$work/own" && [ ! -e own/global/pg_control ]'

# ---- what breaks off ----

before=$(sets)
# killed: some connection for replication ends as soon as one is there.
killed() {
	create >said 2>words &
	pid=$!
	tries=400
	until [ "$(sql postgres -c "SELECT count(pg_terminate_backend(pid))
		FROM pg_stat_replication WHERE $1")" != 0 ]; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] && kill -0 "$pid" 2>"$err" || break
	done
	code=0
	wait "$pid" || code=$?
	cat words >&2
	[ "$code" = 69 ] && [ "$(grep -c "^gonogo-backup create: database:" \
		words)" = 1 ]
}
check "a base backup that is cut off leaves one error and no set" '
	exits 0 killed "state = '"'backup'"'" && [ "$(sets)" = "$before" ]'
check "so does the WAL" '
	exits 0 killed "state = '"'streaming'"'" && [ "$(sets)" = "$before" ]'
check "neither leaves a slot, and the next one is made" '
	[ "$(sql postgres -c "SELECT count(*) FROM pg_replication_slots")" = 0 ] &&
	exits 0 create && [ "$(sets)" -gt "$before" ]'

# ---- a standby; pages that are not what they were ----

standby() {
	"$bindir/pg_basebackup" -D standby -R -c fast -T \
		"$server/far=$work/standby.far" \
		-d "$(url_of tester postgres)" && chmod 700 standby || return 1
	[ "$(id -u)" != 0 ] || chown -R postgres: standby standby.far
	begin "$work/standby" &&
		url=$(restored source)
	run create
	finish "$work/standby"
	url=$(url_of copier source)
}
check "a standby is refused, with what to name instead" '
	standby 2>"$work/.standby"; [ "$status" = 64 ] &&
	said "a standby server" && said "^hint: name the primary"'
before=$(sets)
spoilt() {
	file=$(sql source -c "CHECKPOINT" -c \
		"SELECT pg_relation_filepath('accounts')") &&
		as_owner "$bindir/pg_ctl" -D "$server/data" -m fast -w -s stop &&
		as_owner "$bindir/pg_checksums" -D "$server/data" -e \
			>"$work/.sums" 2>&1 &&
		printf spoilt | as_owner dd of="$server/data/$file" bs=1 seek=9000 \
			conv=notrunc 2>"$work/.dd" &&
		as_owner "$bindir/pg_ctl" -D "$server/data" -l "$server/log" -w -s \
			-o "-k $server -c listen_addresses='' -c fsync=off" start
}
check "a page with a wrong checksum ends it, and no set is made" '
	spoilt && exits 69 create && said "checksum" &&
	[ "$(sets)" = "$before" ]'
plan
