#!/bin/sh
# A set of the home alone, or of the database alone, is made without settings
# and without a cluster.  It says what it is not, and no audit takes it for a
# way back.
# shellcheck source=tests/e2e/lib.sh disable=SC2016,SC2034,SC2154
. "${0%/*}/lib.sh"

cluster_start --repos 3 --commits 8 --days 0 --requests 0 || bail "no cluster"
# As on a machine that knows nothing of the cluster.
export XDG_STATE_HOME="$work/nothing/state"
unset STATE_DIRECTORY

# ---- the home ----
check "a set of the home alone needs no settings and no cluster" '
	exits 0 gonogo-backup create --home "$SITE_SHARED" \
		--store "$work/homes" --mode hot --no-database --jobs 2 \
		--evidence "$work/evidence" &&
	set=$(sed "s/.* //" "$out")'
check "it is GOOD for what it set out to save, and says what it is not" '
	said "the database is not in this set" &&
	jq -e ".status == \"GOOD\" and .parts == [\"home\"] and
		(.database.kind | not) and .point_at != null" \
		"$set/SNAPSHOT.json" >/dev/null &&
	jq -e ".notes | any(test(\"rows and folders were not compared\"))" \
		"$set/EVIDENCE.json" >/dev/null'
check "nothing was left in a state folder" '[ ! -e "$work/nothing" ]'
check "list names it" '
	exits 0 gonogo-backup list --store "$work/homes" &&
	said "^ +the home alone"'
check "it verifies, deep" '
	exits 0 gonogo-backup verify --store "$work/homes" --level deep'
check "it is restored, and that proves it" '
	exits 0 gonogo-backup restore --store "$work/homes" --to "$work/back" &&
	jq -se "any(.level == \"restore\" and .outcome == \"passed\")" \
		"$work/homes"/verify/*.json >/dev/null'
check "every repository is whole" '
	for one in "$work"/back/data/repositories/*; do
		git -C "$one" fsck --connectivity-only --no-dangling || exit
	done >"$out" 2>"$err" && [ "$(ls "$work/back/data/repositories" |
		wc -l)" = "$(ls "$SITE_SHARED/data/repositories" | wc -l)" ]'
check "one repository alone comes back, too" '
	exits 0 gonogo-backup restore --store "$work/homes" \
		--to "$work/one" --repository 1 &&
	[ "$(ls "$work/one/data/repositories")" = 1 ]'
check "it has no database to restore" '
	exits 64 gonogo-backup restore --store "$work/homes" \
		--database "postgresql://postgres@/new?host=$SITE_SOCKET" &&
	said "holds no database" && said "^hint: --to"'

# ---- the database ----
GONOGO_DATABASE_PASSWORD=$(cat "$SITE_PASSWORDS/gonogo_backup")
export GONOGO_DATABASE_PASSWORD
check "a set of the database alone" '
	exits 0 gonogo-backup create --database "$SITE_URL_BACKUP" \
		--store "$work/databases" --no-home &&
	set=$(sed "s/.* //" "$out") &&
	jq -e ".status == \"GOOD\" and .parts == [\"database\"] and
		(.home.path | not) and .database.rows > 0" \
		"$set/SNAPSHOT.json" >/dev/null'
check "list names it, and it verifies" '
	exits 0 gonogo-backup list --store "$work/databases" &&
	said "^ +the database alone" &&
	exits 0 gonogo-backup verify --store "$work/databases" --level full'
unset GONOGO_DATABASE_PASSWORD
check "it has no home to restore" '
	exits 64 gonogo-backup restore --store "$work/databases" \
		--to "$work/no" && said "holds no home" && [ ! -e "$work/no" ]'
check "its database comes back" '
	exits 0 gonogo-backup restore --store "$work/databases" \
		--database "postgresql://postgres@/restored?host=$SITE_SOCKET"'

# ---- what is asked for by mistake ----
refused() {
	pattern=$1
	shift
	exits 64 gonogo-backup create "$@" && said "$pattern" &&
		said "^hint: " && [ ! -e "$work/other" ]
}
check "neither of the two" '
	refused "nothing to save" --store "$work/other" --no-home --no-database'
check "a home, and not a word of the database" '
	refused "\[database\] url is not set" \
		--home "$SITE_SHARED" --store "$work/other" &&
	said "^hint: --database URL, or --no-database"'
check "a password in the URL" '
	refused "password has no place" --no-home --store "$work/other" \
		--database "postgresql://gonogo:secret@/bitbucket"'
check "both words for one thing" '
	exits 64 gonogo-backup create --home "$SITE_SHARED" --no-home &&
	said "exclude each other" && exits 64 gonogo-backup create \
		--database "$SITE_URL_BACKUP" --no-database &&
	said "exclude each other"'
check "a plan of the home alone" '
	exits 0 gonogo-backup create --home "$SITE_SHARED" \
		--store "$work/other" --no-database --plan &&
	said "^  save   every file" && ! said "^  dump" &&
	[ ! -e "$work/other" ]'

# ---- the audit ----
STATE_DIRECTORY=$work/state
export STATE_DIRECTORY
check "a GOOD set of the home alone is no way back" '
	exits 0 gonogo-audit collect -c "$conf" --bundle "$work/bundle" &&
	mkdir -p "$work/bundle/backup" &&
	cp "$work/evidence/snapshot.json" "$work/bundle/backup/" &&
	exits 0 gonogo-audit judge --bundle "$work/bundle" &&
	jq -e ".findings[] | select(.check == \"BACKUP-set-good\") |
		.outcome == \"fail\" and (.message | test(\"holds no database\"))" \
		"$work/bundle/findings.json" >"$out"'
plan
