#!/bin/sh
# A hot set, taken while somebody pushes, comes back: with gonogo, and with the
# commands that the store's own RESTORE.md shows.
# shellcheck source=tests/e2e/lib.sh disable=SC2016,SC2034,SC2154
. "${0%/*}/lib.sh"

cluster_start --repos 6 --days 1 >"$err" 2>&1 || bail
owner=$(cat "$SITE_PASSWORDS/bitbucket")

# database NAME: an empty one of Bitbucket's role; sets url and checker.
database() {
	psql_super -c "CREATE DATABASE $1 OWNER bitbucket" || bail "no database"
	url="postgresql://bitbucket@/$1?host=$SITE_SOCKET"
	checker="postgresql://postgres@/$1?host=$SITE_SOCKET"
}
psql_super() {
	if [ "$(id -u)" = 0 ]; then
		(cd / && runuser -u postgres -- psql -Xq -h "$SITE_SOCKET" -d postgres "$@")
	else
		psql -Xq -U postgres -h "$SITE_SOCKET" -d postgres "$@"
	fi
}
# listing FOLDER: name, kind, mode, size of files, time, link of all that is
# saved; sorted.  What a restore changes on purpose is left out.
listing() {
	(cd "$1" && find . \( -name caches -o -name log -o -name tmp \
		-o -name export -o -path './plugins/.*' -o -path ./search/data \
		-o -path ./.lock -o -path './data/db.*' \) -prune -o \
		\( -type d -printf '%p d %m\n' -o -path '*/objects/info/alternates' \
		-o -printf '%p %y %m %s %T@ %l\n' \)) | sort
}
sums() {
	(cd "$1" && find . \( -name caches -o -name log -o -name tmp \
		-o -name export -o -path './plugins/.*' -o -path ./search/data \
		-o -path ./.lock -o -path './data/db.*' \) -prune -o -type f \
		! -path '*/objects/info/alternates' -print0 | sort -z |
		xargs -0 sha256sum)
}

# What comes back is a set that rests on another.
exits 0 gonogo backup create -c "$conf" || bail "the first set"
"$here/tests/site/site" write "$work/site" --seconds 2 >writer.log 2>&1 ||
	bail "the writer"
sleep 3
check "a hot set is GOOD" 'exits 0 gonogo backup create -c "$conf"'
check "it rests on the one before" '
	[ "$(zstd -dc "$work"/store/snapshots/000002-*/FRAMES.tsv.zst |
		cut -f 1 | sed "s/-...\$//" | sort -u | wc -l)" = 2 ]'
check "and every byte of it verifies" 'exits 0 gonogo backup verify -c "$conf" --level deep'
id=$(gonogo backup list -c "$conf" --json | jq -r '.sets[0].id')
listing "$SITE_SHARED" >before.list
sums "$SITE_SHARED" >before.sums

database back_with
check "gonogo restores home and database, and they are equal" '
	GONOGO_DATABASE_PASSWORD=$owner run gonogo backup restore --store "$work/store" \
		--to "$work/with" --database "$url" && [ "$status" = 0 ]'
check "files, modes, times and links are as they were" '
	listing "$work/with" >with.list && diff before.list with.list >"$out"'
check "every byte is as it was" '
	sums "$work/with" >with.sums && cmp before.sums with.sums'
check "rows, refs, forks and pull requests agree; git fsck --full is clean" '
	run "$here/tests/site/agrees" "$work/with" "$checker" && [ "$status" = 0 ]'
check "a restore that was compared is a proof" '
	gonogo backup list -c "$conf" | grep -q restore'
check "sequences go on where they stood" '
	[ "$(PGPASSWORD=$owner psql -XAtq "$url" -c "SELECT md5(string_agg(sequencename || last_value, chr(44) ORDER BY sequencename)) FROM pg_sequences")" = \
	"$(PGPASSWORD=$owner psql -XAtq "$SITE_URL_BITBUCKET" -c "SELECT md5(string_agg(sequencename || last_value, chr(44) ORDER BY sequencename)) FROM pg_sequences")" ]'
check "an occupied target is refused" '
	exits 64 gonogo backup restore --store "$work/store" --to "$work/with" && said "not empty"'

database back_without
sed -n "/^\`\`\`sh/,/^\`\`\`/p" "$work/store/RESTORE.md" | grep -v "^\`" >commands
check "RESTORE.md shows commands" '[ -s commands ]'
check "they restore it without gonogo" '
	PATH=/usr/bin:/bin PGPASSWORD=$owner STORE=$work/store SET=$id TARGET=$work/without \
	DUMP=$work/dump DATABASE=$url run sh -eu commands && [ "$status" = 0 ]'
check "files, modes, times and links are as they were" '
	listing "$work/without" >without.list && diff before.list without.list >"$out"'
check "every byte is as it was" '
	sums "$work/without" >without.sums && cmp before.sums without.sums'
check "rows, refs, forks and pull requests agree; git fsck --full is clean" '
	run "$here/tests/site/agrees" "$work/without" "$checker" && [ "$status" = 0 ]'
first=$(find "$work/store/objects" -type f | head -n 1)
printf X | dd of="$first" bs=1 conv=notrunc 2>"$err"
check "restore.sh writes nothing of a harmed set" '
	exits 65 sh "$work/store/restore.sh" "$work/store/snapshots/$id" "$work/harmed" &&
	[ -z "$(ls -A "$work/harmed")" ]'
check "verify names what was harmed" '
	exits 20 gonogo backup verify -c "$conf" && said "$(basename "$first")"'

"$here/tests/site/site" write "$work/site" --seconds 6 >writer.log 2>&1 &
writer=$!
rm -rf "$work/store"
check "a hot set while somebody pushes, repacks and prunes" 'exits 0 gonogo backup create -c "$conf"'
wait "$writer"
check "each of its repositories is whole" 'exits 0 gonogo backup verify -c "$conf" --level deep'
plan
