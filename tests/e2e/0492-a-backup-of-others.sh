#!/bin/sh
# A backup that the site makes by other means is adopted by its word: recorded,
# listed, judged and reported as asserted, and nowhere taken for one of ours.
# shellcheck source=tests/e2e/lib.sh disable=SC2016,SC2034,SC2154
. "${0%/*}/lib.sh"

cluster_start --repos 2 --commits 3 --days 0 --requests 0 || bail "no cluster"

cat >prove <<'END'
#!/bin/sh
cd "$(dirname "$0")" || exit 70
env >environment
[ ! -e hangs ] || { sleep 1000 & echo $! >sleeper; wait; }
[ ! -e floods ] || exec yes
[ ! -e fails ] || { echo "the filer is away" >&2; exit 3; }
cat said.json
END
chmod 755 prove
cat >>"$conf" <<END
[adopt]
prove = $work/prove "two words"
timeout = 30s
END
# ago SECONDS: that moment.
ago() { date -u -d "@$(($(date +%s) - $1))" +%Y-%m-%dT%H:%M:%SZ; }
# says [FILTER]: what the site's command prints, changed by a jq filter.
says() {
	jq -n --arg database "$(ago 600)" --arg home "$(ago 595)" \
		--arg tested "$(ago 864000)" '{
		schema: "gonogo.assertion/1", provider: "NetApp ONTAP 9.14",
		points: [
			{part: "database", id: "snap-db-1", at: $database,
				place: "filer-2:/vol/pg", encrypted: true},
			{part: "home", id: "snap-home-1", at: $home,
				place: "filer-2:/vol/home"}],
		restore_tested_at: $tested, server_id: "BSRV-DEMO-0001",
		version: "9.4.22"} | '"${1:-.}" >said.json
}
adopt() { exits "$1" gonogo-backup adopt -c "${2:-$conf}"; }
sets() { find store/snapshots -mindepth 1 -maxdepth 1 2>/dev/null | wc -l; }

says
check "what its command says is recorded, and is no set of ours" '
	adopt 10 && set=$(sed "s/.* //" "$out") &&
	said "nobody here has read it" &&
	jq -e ".status == \"DEGRADED\" and .mode == \"adopt\" and
		.parts == [\"asserted\"] and (.flaws | length) == 1 and
		.flaws[0].kind == \"asserted\" and
		.assertion.provider == \"NetApp ONTAP 9.14\" and
		(.assertion.points | length) == 2 and
		.point_at == .assertion.points[0].at" \
		"$set/SNAPSHOT.json" >/dev/null'
check "the command was told of the site, and not of its passwords" '
	grep -qx "GONOGO_HOOK=prove" environment &&
	grep -qx "GONOGO_HOME=$SITE_SHARED" environment &&
	grep -qx "GONOGO_CLUSTER=demo" environment &&
	grep -q "^GONOGO_DATABASE=postgresql://" environment &&
	GONOGO_DATABASE_PASSWORD=planted GONOGO_BITBUCKET_PASSWORD=planted \
		adopt 10 && ! grep -q planted environment'
check "it is held against the schema" '
	/usr/bin/python3 -c "
import json, sys
from jsonschema import Draft202012Validator as V
V(json.load(open(sys.argv[1]))).validate(json.load(open(sys.argv[2])))
" "$here/docs/schema/assertion.json" said.json'
check "the list says so" '
	exits 0 gonogo-backup list -c "$conf" &&
	said "asserted, not verified by us" && said "DEGRADED adopt" &&
	exits 0 gonogo-backup list -c "$conf" --json &&
	jq -e ".sets[0].asserted_by == \"NetApp ONTAP 9.14\" and
		(.sets[0] | has(\"proof_level\") | not)" "$out" >/dev/null'
check "verify says what it did not read, and makes no proof" '
	exits 30 gonogo-backup verify -c "$conf" --level deep &&
	said "not verified by us" &&
	said "not read: database of .*snap-db-1 in filer-2:/vol/pg" &&
	[ -z "$(ls store/verify)" ]'
check "a record that was changed is told" '
	cp -R store bad && sed -i "s/snap-db-1/snap-db-2/" \
		bad/snapshots/*/SNAPSHOT.json &&
	exits 20 gonogo-backup verify --store bad && said "was changed"'
check "it is not restored from here" '
	exits 64 gonogo-backup restore -c "$conf" --to back &&
	said "nothing of it lies in this store" && said "^hint: " &&
	[ ! -e back ] && exits 64 gonogo-backup drill -c "$conf" --here &&
	said "nothing of it lies in this store"'
check "a set of our own rests on those of ours, and the chain holds" '
	exits 0 gonogo-backup create -c "$conf" &&
	exits 0 gonogo-backup verify -c "$conf" && adopt 10 &&
	exits 0 gonogo-backup create -c "$conf" &&
	exits 0 gonogo-backup verify -c "$conf" --level deep &&
	set=$(sed -n "s/^passed \([^:]*\):.*/\1/p" "$out") &&
	[ "$(jq .home.new_bytes "store/snapshots/$set/SNAPSHOT.json")" -lt \
		"$(jq .home.stored_bytes "store/snapshots/$set/SNAPSHOT.json")" ]'

# ---- its points ----
while IFS='|' read -r title filter kind why; do
	check "$title makes it no better" '
		says "$filter" && adopt 10 && said "$kind .*$why" &&
		set=$(sed "s/.* //" "$out") &&
		[ "$(jq ".flaws | length" "$set/SNAPSHOT.json")" = 2 ]'
done <<END
a database younger than the files|.points[0].at = "$(ago 300)"|point|older than the database
files far younger than the database|.points[0].at = "$(ago 7200)"|point|younger than the database
an order that nobody knows|.points[0].until = "$(ago 300)"|point|overlap
no database|del(.points[0])|part|names no point of it
no home|del(.points[1])|part|names no point of it
no encryption|.points[0].encrypted = false|encryption|without encryption
END
held=$(sets)
while IFS='|' read -r title filter why; do
	check "refused: $title" '
		says "$filter" && adopt 65 && said "$why" &&
		[ "$(sets)" = "$held" ]'
done <<END
a point of the future|.points[0].at = "$(ago -7200)"|still to come
an end of the future|.points[1].until = "$(ago -7200)"|still to come
a restore test of the future|.restore_tested_at = "$(ago -7200)"|still to come
one that is too old|.points[1].at = "$(ago 259200)"|2 d are taken
an end before its beginning|.points[1].until = "$(ago 900)"|before at
no points|.points = []|points: 0
no list of points|del(.points)|points: missing
a point without its time|del(.points[0].at)|at: missing
a time that is none|.points[0].at = "noon"|at:
a part that nobody knows|.points[0].part = "disk"|disk
a member that nobody knows|.points[1].tiem = 1|points.1.tiem
another document|.schema = "gonogo.proof/1"|gonogo.assertion/1
no provider|del(.provider)|provider: missing
an empty place|.points[0].place = ""|place: 0 bytes
a text without end|.provider = "x" * 2000|provider: 2000 bytes
an escape sequence|.points[0].id = "\\u001b[31m"|control characters
too many points|.points = [limit(1001; repeat(.points[0]))]|points: 1001
END
echo "no JSON" >said.json
check "refused: what is no JSON" 'adopt 65 && said "what it printed"'
: >said.json
check "refused: silence" 'adopt 65'
says
check "a command that fails is told with its words" '
	touch fails && adopt 74 && said "the filer is away" && rm fails'
check "one that hangs is ended, with all that it started" '
	touch hangs && sed "s/^timeout = .*/timeout = 1s/" "$conf" >brief.conf &&
	adopt 74 brief.conf && said "not done after 1 s" && rm hangs &&
	! grep -aq sleep "/proc/$(cat sleeper)/cmdline" 2>/dev/null'
check "one that never ends to speak is ended" '
	touch floods && adopt 65 && rm floods && [ "$(sets)" = "$held" ]'
check "without a command it is refused" '
	sed "/^\[adopt\]/,\$d" "$conf" >none.conf && adopt 64 none.conf &&
	said "set \[adopt\] prove" &&
	exits 10 gonogo-backup adopt -c none.conf --prove "$work/prove"'
check "so is a command that is none" '
	sed "s/^prove = .*/prove = \"half/" "$conf" >half.conf &&
	adopt 64 half.conf && said "\[adopt\] prove"'
check "the frame that is shipped tells that it is to be filled in" '
	exits 74 gonogo-backup adopt -c "$conf" \
		--prove "$here/templates/hooks/adopt-command" &&
	said "what backup of .* is there"'

# ---- what the audit and the report make of it ----
exits 0 gonogo-audit collect -c "$conf" --bundle bundle || bail "no bundle"
server=$(jq -r .licence.server_id bundle/facts.json)
version=$(jq -r .product.version bundle/facts.json)
mine=".server_id = \"$server\" | .version = \"$version\""
evidence() {
	says "$mine | ${1:-.}" && exits 10 gonogo-backup adopt -c "$conf" \
		--evidence bundle/backup
}
# judged POLICY: findings and report under [backup] POLICY.
judged() {
	printf '[backup]\n%b' "$1" >bundle/policy.conf
	now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
	run gonogo-audit judge --bundle bundle --as-of "$now" &&
		run gonogo-report decide --bundle bundle --as-of "$now" &&
		run gonogo-report render --bundle bundle --json
}
# finds RULE OUTCOME WORDS
finds() {
	jq -e --arg rule "$1" --arg outcome "$2" --arg words "$3" \
		'[.findings[] | select(.check == $rule)] | length == 1 and
		.[0].outcome == $outcome and
		(.[0].message + (.[0].why // "") | test($words))' \
		bundle/findings.json >"$out"
}
check "a policy that says nothing of it does not take it" '
	evidence && judged "" &&
	finds BACKUP-set-good fail "not verified by us" &&
	finds BACKUP-verified unknown "not verified by us" &&
	finds BACKUP-young pass ago && finds BACKUP-of-this-cluster pass this &&
	[ "$(jq -r .verdict bundle/verdict.json)" != GO ]'
check "one that takes it says that it was not verified" '
	judged "accept_asserted = yes\n" &&
	finds BACKUP-set-good pass "not verified by us; the policy takes" &&
	finds BACKUP-verified pass "not verified by us"'
check "the report says so, as a page and as text" '
	for page in report.html report.md; do
		grep -q "asserted by NetApp ONTAP 9.14, not verified by us" \
			"bundle/$page" || exit 1
	done && jq -e ".return.answer.text == \"Asserted, not verified by us\"" \
		bundle/report.json >"$out"'
check "a restore test that is too old is none" '
	judged "accept_asserted = yes\nrestore_test_max_age = 7d\n" &&
	finds BACKUP-verified fail "7 d is the limit"'
check "nor is one of which nobody tells" '
	evidence "del(.restore_tested_at)" &&
	judged "accept_asserted = yes\n" &&
	finds BACKUP-verified unknown "does not say when"'
check "what it lacks by its own words is not taken, either" '
	evidence ".points[0].at = \"$(ago 300)\"" &&
	judged "accept_asserted = yes\n" &&
	finds BACKUP-set-good fail "lacks 1 things" &&
	finds BACKUP-verified unknown "not verified by us"'
check "of a part alone there is no way back" '
	evidence "del(.points[0])" && judged "accept_asserted = yes\n" &&
	finds BACKUP-set-good fail "holds no database"'

# ---- they go as others do ----
check "old ones expire, for newer ones of their kind, never for ours" '
	rm -rf store && says && for i in 1 2 3; do adopt 10 || exit 1; done &&
	exits 0 gonogo-backup create -c "$conf" &&
	exits 0 gonogo-backup verify -c "$conf" &&
	exits 0 gonogo-backup expire -c "$conf" --keep-last 1 --keep-days 0 \
		--keep-verified 1 &&
	said "expire 000001-.*asserted; 2 newer ones are sound" &&
	said "keep   000003-.*asserted" && said "keep   000004-.*proved" &&
	[ "$(sets)" = 2 ]'
plan
