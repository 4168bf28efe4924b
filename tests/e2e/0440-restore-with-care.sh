#!/bin/sh
# A restore takes empty places only, says what is in its way before it writes,
# brings one repository with what it borrows, and never leaves half a home that
# could be taken for a whole one.
# shellcheck source=tests/e2e/lib.sh disable=SC2016,SC2034,SC2154
. "${0%/*}/lib.sh"

cluster_start --repos 6 --commits 15 --days 1 --requests 500 --seed 7 ||
	bail "the cluster"
home=$SITE_SHARED store=$work/store
fork=$(grep -l . "$home"/data/repositories/*/objects/info/alternates | head -n 1)
fork=${fork%/objects/*} fork=${fork##*/}
lender=$(sed -n 's|.*/\([0-9]*\)/objects$|\1|p' \
	"$home/data/repositories/$fork/objects/info/alternates")
config=$home/data/repositories/$fork/repository-config
name=$(git config -f "$config" bitbucket.project)/$(git config -f "$config" \
	bitbucket.repository)
# A big file in a repository, and one elsewhere.
head -c 2000000 /dev/urandom | git -c safe.directory='*' \
	-C "$home/data/repositories/$lender" hash-object -w --stdin >"$out" || bail
head -c 2000000 /dev/urandom >"$home/data/attachments/big"
# A folder that no row knows, a program that runs as its owner.
cp -a "$home/data/repositories/$lender" "$home/data/repositories/4711"
cp /bin/true "$home/config/helper" && chmod 6755 "$home/config/helper"
exits 0 gonogo backup create -c "$conf" || bail "create"
set=$store/snapshots/$(ls "$store/snapshots")
GONOGO_DATABASE_PASSWORD=$(cat "$SITE_PASSWORDS/bitbucket")
export GONOGO_DATABASE_PASSWORD

back() { run gonogo backup restore --store "$store" "$@"; }
# refused CODE TEXT ARGUMENTS...: with that answer, and nothing is written.
refused() {
	code=$1 text=$2
	shift 2
	back "$@" && [ "$status" = "$code" ] && said "$text" &&
		[ "$(grep -c '^gonogo-backup restore: [^h]' "$err")" = 1 ] &&
		[ ! -e "$work/new" ]
}
database() { psql -Xq "$SITE_URL_POSTGRES" "$@"; }
url() { echo "postgresql://bitbucket@/$1?host=$SITE_SOCKET"; }

# ---- what is in the way is said before anything is written ----

check "nothing to restore" 'refused 64 "^hint: --to DIR"'
check "no store" '
	run gonogo backup restore --to "$work/new" && [ "$status" = 64 ] &&
	said "^hint: name it with --store"'
check "no such set" 'refused 64 "no set .99" --to "$work/new" 99'
check "an occupied folder" '
	mkdir -p "$work/full" && echo mine >"$work/full/file" &&
	refused 64 "not empty, and nothing is overwritten" --to "$work/full" &&
	[ "$(ls -A "$work/full")" = file ]'
check "a file where the folder is to be" '
	refused 64 "full/file is not a folder" --to "$work/full/file" &&
	[ "$(cat "$work/full/file")" = mine ]'
check "a database with something in it" '
	refused 64 "is not empty: it holds" --to "$work/new" \
		--database "$SITE_URL_BITBUCKET"'
check "a database that is not there, and may not be made" '
	refused 64 "^hint: CREATE DATABASE nowhere" --to "$work/new" \
		--database "$(url nowhere)"'
check "a wrong password" '
	GONOGO_DATABASE_PASSWORD=wrong refused 69 "password" --to "$work/new" \
		--database "$(url bitbucket)"'
check "a server that is not there" '
	refused 69 "hint:|No such file" --to "$work/new" \
		--database "postgresql://bitbucket@/x?host=$work/none"'
check "no such repository" '
	refused 64 "holds no repository NO/thing" --to "$work/new" \
		--repository NO/thing'

# ---- one repository ----

check "a fork comes by its name, with the one it borrows from, alone" '
	back --to "$work/one" --repository "$name" && [ "$status" = 0 ] &&
	[ "$(ls "$work/one" "$work/one/data/repositories" | tr "\n" " ")" = \
		"$(printf "%s\n" "$work/one:" data "" "$work/one/data/repositories:" \
		$(printf "%s\n" "$fork" "$lender" | sort) | tr "\n" " ")" ]'
check "its big file comes, too, and no other" '
	[ "$(find "$work/one" -type f -size +1024k | wc -l)" = 1 ]'
check "it borrows from the place where that now is" '
	[ "$(cat "$work/one/data/repositories/$fork/objects/info/alternates")" = \
		"$work/one/data/repositories/$lender/objects" ]'
check "git finds all of it, the old home out of reach" '
	mv "$home" "$home.away" &&
	run git -c safe.directory="*" -C "$work/one/data/repositories/$fork" \
		fsck --full --strict --no-dangling
	mv "$home.away" "$home" && [ "$status" = 0 ]'
check "one that borrows nothing comes alone, by its number" '
	back --to "$work/lender" --repository "$lender" && [ "$status" = 0 ] &&
	[ "$(ls "$work/lender/data/repositories")" = "$lender" ]'
check "restore.sh brings the same without gonogo" '
	PATH=/usr/bin:/bin REPOSITORY=$fork run sh "$store/restore.sh" "$set" \
		"$work/one.sh" && [ "$status" = 0 ] &&
	run diff -r --no-dereference -x alternates "$work/one" "$work/one.sh" &&
	[ "$status" = 0 ] && [ "$work/one.sh/data/repositories/$lender/objects" = \
	"$(cat "$work/one.sh/data/repositories/$fork/objects/info/alternates")" ]'
check "and says when there is no such repository" '
	REPOSITORY=99999 exits 65 sh "$store/restore.sh" "$set" "$work/none" &&
	said "no repository 99999"'
check "a part of a set is no proof of it" '[ -z "$(ls "$store/verify")" ]'

# ---- a whole home ----

check "a home alone comes back" '
	back --to "$work/home" && [ "$status" = 0 ] &&
	[ -s "$work/home/bitbucket.properties" ] &&
	[ ! -e "$work/home/.gonogo-incomplete" ]'
check "what to do next is said: recovery, search, the folder without a row" '
	said "disaster.recovery=true" && said "set it to false" &&
	said "search index" && said "^ +4711 "'
check "and no word of a proof: no database was compared" '
	[ -z "$(ls "$store/verify")" ]'
check "no program runs as its owner unless that is asked for" '
	[ "$(stat -c %a "$work/home/config/helper")" = 755 ] &&
	back --to "$work/setuid" --allow-setuid && [ "$status" = 0 ] &&
	[ "$(stat -c %a "$work/setuid/config/helper")" = 6755 ]'
check "an empty folder that is there keeps its place" '
	mkdir "$work/there" && inode=$(stat -c %i "$work/there") &&
	back --to "$work/there" && [ "$status" = 0 ] &&
	[ "$(stat -c %i "$work/there")" = "$inode" ]'

# ---- half a home ----

# half FOLDER: it can't be taken for a home.
half() {
	[ -e "$1/.gonogo-incomplete" ] && [ ! -e "$1/bitbucket.properties" ]
}
object=$(zstd -dc "$set/OBJECTS.tsv.zst" | awk -F "\t" 'NR == 1 {
	print "objects/" substr($1, 1, 2) "/" $1 ($2 == "-" ? "" : $2) }')
[ -f "$store/$object" ] || bail "no big file in the home: $object"
object=$store/$object
cp "$object" "$work/kept"
mv "$object" "$object.aside" && mkfifo "$object"
check "kill -9 in the middle leaves half a home that shows it" '
	gonogo backup restore --store "$store" --to "$work/killed" 2>"$err" &
	pid=$!
	tries=200
	until find "$work/killed/data/repositories" -name HEAD 2>/dev/null |
		grep -q . && grep -q "pipe\|fifo\|wait_for_partner" \
		"/proc/$pid/wchan" 2>/dev/null; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || break
		sleep 0.05
	done
	kill -9 "$pid" && ! wait "$pid" 2>/dev/null; half "$work/killed"'
rm "$object" && mv "$object.aside" "$object"
check "which is not taken for an empty place" '
	refused 64 "not empty" --to "$work/killed"'

printf X | dd of="$object" bs=1 seek=9 conv=notrunc status=none
check "a harmed object stops it, by name; what is there shows that it is half" '
	back --to "$work/harmed" && [ "$status" = 65 ] &&
	said "$(basename "$object")" && half "$work/harmed"'
cp "$work/kept" "$object"
for record in SNAPSHOT.json MANIFEST.zst db/toc.dat db/TABLES.tsv; do
	cp "$set/$record" "$work/kept"
	printf ' ' | dd of="$set/$record" bs=1 \
		seek="$(($(stat -c %s "$set/$record") / 2))" conv=notrunc status=none
	check "a harmed record is not believed: $record" '
		refused 65 "$record|record of set" --to "$work/new"'
	cp "$work/kept" "$set/$record"
done
if mkdir -p "$work/small" &&
	mount -t tmpfs -o size=2m tmpfs "$work/small" 2>/dev/null; then
	at_end 'umount "$work/small"'
	check "a disk without room for it" '
		refused 74 "no space: the home needs" --to "$work/small/new" &&
		said "^hint: make room" && [ -z "$(ls "$work/small")" ]'
	check "one without an inode for each file" '
		mount -o remount,size=900m,nr_inodes=50 "$work/small" &&
		refused 74 "no space: the home needs up to [0-9]* files and folders" \
			--to "$work/small/new" &&
		said "^hint: " && [ -z "$(ls "$work/small")" ]'
	mount -o remount,nr_inodes=10000 "$work/small"
	check "the database needs next to none on its way" '
		database -c "CREATE DATABASE empty OWNER bitbucket" &&
		mount -o remount,size=2m "$work/small" &&
		TMPDIR=$work/small back --to "$work/new" \
			--database "$(url empty)" && [ "$status" = 0 ] &&
		[ -z "$(ls "$work/small")" ]'
else
	echo "# not shown: a full disk needs the right to mount a small one"
fi
plan
