#!/bin/sh
# The demonstration site is what the tests that stand on it take it for: rows,
# repositories and logs agree, the same seed gives the same bytes, passwords
# mean something, and a writer at work leaves it all in agreement.
# shellcheck source=tests/e2e/lib.sh disable=SC2016,SC2034
. "${0%/*}/lib.sh"
site=$here/tests/site/site
agrees=$here/tests/site/agrees
one=$work/one
twin=$work/twin

for dir in "$one" "$twin"; do
	at_end "'$site' stop '$dir' 2>/dev/null"
	exits 0 "$site" make "$dir" --repos 6 --commits 20 --days 1 \
		--requests 1500 --seed 7 --large-objects 1 || bail "site make"
done
eval "$("$site" env "$twin")"
twin_url=$SITE_URL_BACKUP
eval "$("$site" env "$one")"
PGPASSWORD=$(cat "$SITE_PASSWORDS/gonogo_backup")
export PGPASSWORD
store=$SITE_SHARED/data/repositories

sql() {
	psql -X -At -v ON_ERROR_STOP=1 -d "${2-$SITE_URL_BACKUP}" -c "$1"
}
as() {
	PGPASSWORD=$(cat "$SITE_PASSWORDS/$1") psql -X -At -d "$2" -c "$3"
}
is() {
	[ "$1" = "$2" ] || { echo "# $1, not $2" && false; }
}

# All rows and all files of a site, without the name of its folder.
everything() {
	(cd "$1" && find shared node-* ! -name alternates -printf \
		'%P %y %m %n %l\n' | sort &&
		find shared node-* -type f ! -name alternates \
			-exec sha256sum {} + | sort -k2)
	PGPASSWORD=$(cat "$1/passwords/bitbucket") pg_dump \
		-d "postgresql://bitbucket@/bitbucket?host=$(cat "$1/socket")" |
		sed "/^.*restrict /d; s|$1|DIR|g"
}
everything "$one" >all.one
everything "$twin" >all.twin

check "the same seed gives the same files and rows" '
	exits 0 diff all.one all.twin && [ "$(wc -l <all.one)" -gt 1000 ]'
check "another seed gives other commits" '
	exits 0 /usr/bin/python3 -B "$here/tests/site/make.py" "$work/other" \
		--repos 1 --days 0 --nodes 1 --seed 8 &&
	! cmp -s "$store/1/packed-refs" \
		"$work/other/shared/data/repositories/1/packed-refs"'
check "rows and repositories agree" '
	exits 0 "$agrees" "$SITE_SHARED" "$SITE_URL_BACKUP"'

# Kinds of things that a backup meets, each there at least once.
check "packs, loose objects, packed refs and annotated tags" '
	[ -n "$(find "$store/1/objects/pack" -name "*.pack")" ] &&
	[ -n "$(find "$store/1/objects" -path "*/??/*" -type f)" ] &&
	grep -q "^^" "$store/1/packed-refs" && [ -d "$store/1/stash-refs" ]'
check "two forks that borrow by an absolute path, one repository empty" '
	is "$(sql "SELECT count(*) FROM sta_repo_origin")" 2 &&
	is "$(cat "$store"/*/objects/info/alternates | sort -u)" \
		"$store/1/objects" &&
	is "$(git --git-dir="$store/4" for-each-ref | wc -l)" 0 &&
	is "$(sql "SELECT id FROM repository WHERE is_archived")" 5'
check "open, merged and declined pull requests, one from a fork" '
	is "$(sql "SELECT string_agg(DISTINCT pr_state::text, NULL)
	    FROM sta_pull_request")" 012 &&
	is "$(sql "SELECT count(*) FROM sta_pull_request
	    WHERE from_repository_id <> to_repository_id")" 1'
check "a name that is not UTF-8, links, modes, old times" '
	find "$SITE_SHARED" -print0 | tr "\n\0" " \n" >names &&
	! iconv -f UTF-8 names >/dev/null 2>&1 &&
	[ -n "$(find "$SITE_SHARED" -type f -links +1)" ] &&
	[ -n "$(find "$SITE_SHARED" -type l)" ] &&
	[ -n "$(find "$SITE_SHARED" -perm 604 ! -newermt 2026-08-01)" ]'
check "a bytea with NULs, a json column, a large object, upper case names" '
	is "$(sql "SELECT position(decode('"'00'"', '"'hex'"') IN parameters) > 0
	    FROM bb_clusteredjob LIMIT 1")" t &&
	is "$(sql "SELECT details_json->>'"'ms'"' FROM bb_alert")" 5200 &&
	is "$(sql "SELECT count(*) FROM pg_largeobject_metadata")" 1 &&
	is "$(sql "SELECT count(*) FROM \"AO_C77861_AUDIT_ENTITY\"")" 2000'

# The server.
check "it listens on one short socket only" '
	is "$(sql "SHOW listen_addresses")" "" && [ "${#SITE_SOCKET}" -lt 60 ]'
check "a wrong password is refused" '
	PGPASSWORD=wrong exits 2 psql -d "$SITE_URL_BACKUP" -c "" &&
	said "password authentication failed"'
check "the backup role reads everything and writes nothing" '
	exits 0 as gonogo_backup "$SITE_URL_BACKUP" "TABLE plugin_setting" &&
	exits 1 as gonogo_backup "$SITE_URL_BACKUP" "DELETE FROM plugin_setting"'
check "the audit role cannot read the secrets of other systems" '
	exits 0 as gonogo_audit "$SITE_URL_AUDIT" "TABLE repository" &&
	exits 1 as gonogo_audit "$SITE_URL_AUDIT" "TABLE plugin_setting"'

# The logs.
for node in $SITE_NODE_HOMES; do
	zcat -f "$node"/log/atlassian-bitbucket-access*
done >access
for node in $SITE_NODE_HOMES; do
	zcat -f "$node"/log/atlassian-bitbucket-2* \
		"$node"/log/atlassian-bitbucket.log
done >application
check "every line of an access log has its thirteen fields" '
	[ "$(wc -l <access)" -gt 1000 ] &&
	is "$(awk -F " [|] | [|]$" "NF != 14" access | wc -l)" 0'
check "every answer has its request" '
	awk -F " [|] " "{ print substr(\$3, 1, 1), substr(\$3, 2) }" access |
		sort -u >ids &&
	sed -n "s/^i //p" ids >in && sed -n "s/^o //p" ids >answered &&
	[ "$(wc -l <answered)" -gt 500 ] && is "$(comm -13 in answered)" ""'
check "the application log names requests of the access log" '
	grep -o " @[0-9A-Z]*x[0-9x]* " application | tr -d " " | sort -u >named &&
	[ -s named ] && is "$(comm -23 named in)" ""'
check "audit logs are JSON, a line an event" '
	is "$(cat "$SITE_DIR"/node-*/log/audit/* | jq -r .node | sort -u |
		wc -l)" "$SITE_NODES"'

# The writer.
check "a writer at work leaves rows and repositories in agreement" '
	exits 0 "$site" write "$one" --count 40 --churn && said "^40 acts" &&
	[ "$(cut -f3 "$one/writes.tsv" | sort -u | wc -l)" -gt 5 ] &&
	exits 0 "$agrees" "$SITE_SHARED" "$SITE_URL_BACKUP"'
check "a writer ends when it is told to" '
	{ "$site" write "$one" --until "$work/enough" >"$work/written" & } &&
	sleep 1 && touch enough && wait $! && grep -q acts "$work/written"'

# A check that cannot fail shows nothing: the twin is harmed and must say so.
harmed() {
	PGPASSWORD=$(cat "$twin/passwords/gonogo_backup") run "$agrees" \
		"$twin/shared" "$twin_url"
	[ "$status" != 0 ] && said "$1"
}
check "a lost repository, object, ref or fork link is noticed" '
	cd "$twin/shared/data/repositories" &&
	mv 5 77 && rm -r 1/stash-refs 2/objects/info/alternates &&
	rm -f 3/objects/pack/*.pack &&
	harmed "5: a row, no folder" && said "77: a folder, no row" &&
	said "1: stash-refs/pull-requests/" && said "2: does not borrow" &&
	said "3: git fsck fails" && said "3: .* of .* commits"; cd "$work"'
check "a refused question is no agreement" '
	! PGPASSWORD=wrong exits 0 "$agrees" "$SITE_SHARED" "$SITE_URL_BACKUP"'

check "a stopped site leaves no server and no socket, and starts again" '
	exits 0 "$site" stop "$one" && [ ! -e "$SITE_SOCKET" ] &&
	exits 0 "$site" start "$one" && eval "$("$site" env "$one")" &&
	is "$(sql "SELECT count(*) > 5 FROM repository")" t &&
	exits 0 "$site" stop "$one"'
check "a folder in use and a wrong option are refused, nothing is left" '
	exits 1 "$site" make "$one" && said "is not empty" &&
	exits 64 "$site" make "$work/bad" --repos 0 && [ -z "$(ls bad)" ]'
plan
