#!/bin/sh
# A hot backup while the application writes: nobody is locked out, and the
# database that is restored from it holds, row for row, what stood at its point.
# shellcheck source=tests/e2e/lib.sh disable=SC2016,SC2034,SC2154
. "${0%/*}/lib.sh"

cluster_start --repos 5 --commits 20 --days 0 --requests 0 \
	--large-objects 2 || bail "no cluster"

at_end 'touch "$work/enough"; wait "$writer" 2>/dev/null'
touch "$work/site/writes.tsv"
"$here/tests/site/site" write "$work/site" --until "$work/enough" --churn \
	>"$work/written" &
writer=$!
acts() { wc -l <"$work/site/writes.tsv"; }
until [ "$(acts)" -gt 3 ]; do sleep 0.05; done
begun=$(acts)
check "a hot set is made while the application writes" '
	PGPASSWORD=somebody-else exits 0 gonogo-backup create -c "$conf" --evidence "$work/evidence" &&
	set=$(sed "s/.* //" "$out")'
reached=$(acts)
touch enough
wait "$writer"
check "the application wrote all the while" '
	echo "# $((reached - begun)) acts while it was made" &&
	[ "$reached" -gt "$begun" ]'
check "nobody was locked out" '[ "$(simctl state .maintenance.locks)" = 0 ]'
check "the record says hot, its point and where that was" '
	jq -e ".mode == \"hot\" and .status == \"GOOD\" and
		(has(\"locked_ms\") | not) and .point_at != null and
		.version == \"$SITE_VERSION\" and
		(.database.lsn | test(\"^[0-9A-F]+/[0-9A-F]+$\"))" \
		"$set/SNAPSHOT.json" >"$out" &&
	cmp "$set/SNAPSHOT.json" evidence/snapshot.json'
check "the evidence has each table with rows and checksum" '
	[ "$(jq ".tables | length" "$set/EVIDENCE.json")" = \
		"$(grep -c "^table" "$set/db/TABLES.tsv")" ] &&
	jq -e ".tables | all(.sha256 | length == 64)" "$set/EVIDENCE.json" \
		>"$out"'
check "no password stands in the set" '
	! grep -rqFf "$SITE_PASSWORDS/gonogo_backup" "$set" &&
	! grep -rqFf "$work/admin-password" "$set"'
check "the set verifies" 'exits 0 gonogo-backup verify -c "$conf"'

target="postgresql://postgres@/restored?host=$SITE_SOCKET"
check "home and database are restored, and compared" '
	exits 0 gonogo-backup restore --store "$work/store" \
		--to "$work/back" --database "$target"'

# Another program than ours compares: psql and sha256sum.
sql() { psql -X -q -At -v ON_ERROR_STOP=1 -d "$target" -c "$1"; }
PGTZ=UTC PGOPTIONS='-c bytea_output=hex -c extra_float_digits=3'
export PGTZ PGOPTIONS
tab=$(printf '\t')
compare() {
	compared=0 differences=0
	while IFS=$tab read -r kind name rows bytes sha256 columns; do
		[ "$kind" = table ] || continue
		compared=$((compared + 1))
		copied=$(sql "COPY $name($columns) TO STDOUT" | sha256sum)
		counted=$(sql "SELECT count(*) FROM $name")
		if [ "$copied" != "$sha256  -" ] || [ "$counted" != "$rows" ]; then
			echo "# $name: $counted rows, not $rows"
			differences=$((differences + 1))
		fi
	done <"$set/db/TABLES.tsv"
}
check "every table has its rows and their checksum" '
	compare && [ "$compared" -gt 30 ] && [ "$differences" = 0 ]'
all_stand() {
	while IFS=$tab read -r kind name last called; do
		[ "$(sql "SELECT last_value, is_called FROM $name")" = \
			"$last|$called" ] || return 1
	done <sequences
}
check "sequences go on where they stood" '
	grep "^sequence" "$set/db/TABLES.tsv" >sequences &&
	[ "$(wc -l <sequences)" -ge 2 ] && all_stand'
check "large objects are back" '
	[ "$(sql "SELECT count(*) FROM pg_largeobject_metadata")" = 2 ] &&
	[ "$(sql "SELECT min(length(lo_get(oid))) FROM
		pg_largeobject_metadata")" = 5000 ]'
check "roles were saved, hashes of passwords apart from them" '
	grep -q "CREATE ROLE bitbucket" "$set/db/globals.sql" &&
	! grep -q "PASSWORD" "$set/db/globals.sql" &&
	[ "$(stat -c %a "$set/db/passwords.sql")" = 600 ] &&
	! grep -qv "^ALTER ROLE [^ ]* PASSWORD .SCRAM-SHA-256" \
		"$set/db/passwords.sql"'
check "a database that holds something is refused, and left as it was" '
	exits 64 gonogo-backup restore --store "$work/store" \
		--to "$work/again" --database "$target" &&
	said "is not empty" && said "^hint: " && [ ! -e "$work/again" ]'
plan
