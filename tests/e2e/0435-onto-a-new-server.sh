#!/bin/sh
# The old server is gone, with all its roles but Bitbucket's own: a set comes
# back on a new one by the commands of docs/restore.md, and without gonogo by
# those of the store's RESTORE.md, row for row.
# shellcheck source=tests/e2e/lib.sh disable=SC2016,SC2034,SC2154
. "${0%/*}/lib.sh"

cluster_start --repos 3 --days 1 >"$err" 2>&1 || bail
owner=$(cat "$SITE_PASSWORDS/bitbucket")
socket=$("$here/tests/harness/pg" start) || bail "no second server"
at_end "'$here/tests/harness/pg' stop '$socket'"
tester="postgresql://tester@/postgres?host=$socket"

# shown FILE: the commands that a page shows.
shown() { sed -n "/^\`\`\`sh/,/^\`\`\`/p" "$1" | grep -v "^\`"; }
# rows URL: each table with its rows and a checksum over them, in any order.
rows() {
	PGPASSWORD=$owner psql -XAtq "$1" -c "SELECT format('SELECT %L, count(*),
		md5(string_agg(t::text, E''\\n'' ORDER BY t::text)) FROM %s t;',
		oid::regclass, oid::regclass) FROM pg_class
		WHERE relkind = 'r' AND relnamespace NOT IN (SELECT oid FROM
		pg_namespace WHERE nspname ~ '^pg_' OR nspname = 'information_schema')
		ORDER BY oid::regclass::text" >asked &&
		PGPASSWORD=$owner psql -XAtq "$1" -f asked
}
# next URL: what each sequence would give now.
next() {
	PGPASSWORD=$owner psql -XAtq "$1" -c "SELECT format('SELECT %L,
		nextval(%L);', c, c) FROM (SELECT oid::regclass::text FROM pg_class
		WHERE relkind = 'S') AS s (c) ORDER BY c" >asked &&
		PGPASSWORD=$owner psql -XAtq "$1" -f asked
}

psql -Xq "$tester" -v password="$owner" <<-'END' || bail "no role"
	CREATE ROLE bitbucket LOGIN CREATEDB PASSWORD :'password';
END
check "a set is made" 'exits 0 gonogo backup create -c "$conf"'
id=$(ls "$work/store/snapshots")
rows "$SITE_URL_BITBUCKET" >wanted || bail "the old database"
"$here/tests/site/site" stop "$work/site" || bail "the old server"

url="postgresql://bitbucket@/with?host=$socket"
shown "$here/docs/restore.md" >commands
check "docs/restore.md makes the database and fills it" '
	STORE=$work/store TARGET=$work/with DATABASE=$url PASSWORD=$owner \
	FOLDER=$work/one REPOSITORY=1 run sh -eu commands && [ "$status" = 0 ] &&
	said "^passed $id: full" && said "^restored set $id" &&
	[ "$(ls "$work/one/data/repositories")" = 1 ] &&
	[ -s "$work/one/files/bitbucket.properties" ]'
check "each table has its rows, byte for byte" '
	rows "$url" >got && [ "$(wc -l <got)" -gt 20 ] && cmp wanted got'
check "which the store keeps as a proof of the set" '
	jq -e ".level == \"restore\" and .outcome == \"passed\" and .tables > 20 and
		.rows > 0 and .files > 0 and .set == \"$id\"" \
		"$work/store/verify/000001-2.json" >"$out"'
check "the password is in no output and no proof" '
	! grep -rqF -e "$owner" "$out" "$err" "$work/store/verify"'

psql -Xq "$tester" -c "CREATE DATABASE without OWNER bitbucket" || bail
other="postgresql://bitbucket@/without?host=$socket"
shown "$work/store/RESTORE.md" >commands
check "so do the commands of RESTORE.md" '
	PATH=/usr/bin:/bin PGPASSWORD=$owner STORE=$work/store SET=$id \
	TARGET=$work/without DUMP=$work/dump DATABASE=$other run sh -eu commands &&
	[ "$status" = 0 ] && rows "$other" >got && cmp wanted got'
check "both homes are the same" '
	run diff -r --no-dereference -x alternates "$work/with" "$work/without" &&
	[ "$status" = 0 ]'

next "$url" >next.with
next "$other" >next.without
"$here/tests/site/site" start "$work/site" || bail "the old server again"
eval "$("$here/tests/site/site" env "$work/site")"
next "$SITE_URL_BITBUCKET" >next.wanted
check "every sequence goes on where it stood" '
	[ -s next.wanted ] && cmp next.wanted next.with &&
	cmp next.wanted next.without'
plan
