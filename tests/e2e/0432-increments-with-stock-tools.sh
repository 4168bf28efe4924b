#!/bin/sh
# A set that rests on sets before it, and one with an object told by its
# difference from another, are verified and come back, with gonogo and with
# sh, tar, zstd and sha256sum alone.
# shellcheck source=tests/e2e/lib.sh disable=SC2016,SC2034,SC2154
. "${0%/*}/lib.sh"

listing=$here/tests/harness/listing
home=$work/home store=$work/store
git() { command git -c safe.directory='*' -c user.name=t -c user.email=t@t "$@"; }
# commits REPOSITORY N: as many new commits, loose.
commits() {
	(
		GIT_DIR=$home/data/repositories/$1
		export GIT_DIR
		i=0
		while [ "$i" -lt "$2" ]; do
			i=$((i + 1))
			blob=$(head -c 300 /dev/urandom | git hash-object -w --stdin)
			tree=$(printf '100644 blob %s\tfile\n' "$blob" | git mktree)
			parent=$(git rev-parse -q --verify refs/heads/main)
			git update-ref refs/heads/main "$(git commit-tree "$tree" \
				${parent:+-p "$parent"} -m "$i" </dev/null)" || exit 1
		done
	) 2>"$err" || bail "commits"
}
make_set() {
	exits 0 gonogo-backup create --home "$home" --store "$store" \
		--no-database || bail "create"
	sets=$((sets + 1))
	eval "set$sets=\$(cut -d ' ' -f 1 \"\$out\")"
	"$listing" "$home" >"$work/wanted.$sets"
}
sets=0
mkdir -p "$home/data/attachments" "$home/config"
for id in 1 2 3; do
	git init -q --bare -b main "$home/data/repositories/$id" || bail
	commits "$id" 20
done
echo "$home/data/repositories/1/objects" \
	>"$home/data/repositories/3/objects/info/alternates"
echo jdbc.url= >"$home/bitbucket.properties"
echo one >"$home/config/file"
echo two >"$home/config/goes"
head -c 3000000 /dev/urandom >"$home/data/attachments/base"
git -C "$home/data/repositories/2" gc -q || bail
# A repository with a big file, which the third will borrow.
head -c 2000000 /dev/urandom |
	git -C "$home/data/repositories/1" hash-object -w --stdin >"$out" || bail
make_set
sleep 3
commits 1 5
echo more >"$home/config/more"
rm "$home/config/goes"
{ cat "$home/data/attachments/base" && head -c 100000 /dev/urandom; } \
	>"$home/data/attachments/changes"
make_set
sleep 3
commits 1 3
git -C "$home/data/repositories/1" repack -adq || bail
chmod 0600 "$home/config/file"
make_set

check "the last set rests on those before it" '
	[ "$(zstd -dc "$store/snapshots/$set3/FRAMES.tsv.zst" | cut -f 1 |
		sed "s/-...\$//" | sort -u | wc -l)" -ge 2 ] &&
	exits 0 gonogo-backup list --store "$store" --json &&
	jq -e ".sets[0].new_bytes < .sets[2].new_bytes and
		.sets[0].stored_bytes > .sets[0].new_bytes" "$out" >jq.out'
sed -n "/^\`\`\`sh/,/^\`\`\`/p" "$store/RESTORE.md" | grep -v "^\`" |
	grep -v '^pg_restore' >commands
check "RESTORE.md shows commands" 'grep -q "^sh restore.sh" commands'
for n in 1 2 3; do
	eval "set=\$set$n"
	check "set $n verifies, deep" '
		exits 0 gonogo-backup verify --store "$store" --level deep "$set"'
	check "set $n comes back with gonogo" '
		exits 0 gonogo-backup restore --store "$store" --to "$work/with.$n" \
			"$set" && "$listing" "$work/with.$n" >got &&
		diff "$work/wanted.$n" got >"$out"'
	check "and by the commands of RESTORE.md, without it" '
		PATH=/usr/bin:/bin STORE=$store SET=$set TARGET=$work/without.$n \
			DUMP=$work/dump.$n exits 0 sh -eu commands &&
		said "holds no database" &&
		"$listing" "$work/without.$n" >got &&
		diff "$work/wanted.$n" got >"$out"'
done

# ---- one repository of the last, with the one it borrows from ----

# The home's copy of repository N, as it was; what it borrows is named anew.
as_it_was() { diff -r -x alternates "$home/data/repositories/$1" "$2/$1"; }

check "one repository with its lender, alone" '
	exits 0 gonogo-backup restore --store "$store" --to "$work/one" \
		--repository 3 "$set3" &&
	[ "$(ls "$work/one/data/repositories" | tr "\n" " ")" = "1 3 " ] &&
	as_it_was 1 "$work/one/data/repositories" &&
	as_it_was 3 "$work/one/data/repositories" &&
	[ "$work/one/data/repositories/1/objects" = \
	"$(cat "$work/one/data/repositories/3/objects/info/alternates")" ] &&
	run git -C "$work/one/data/repositories/3" fsck --full --strict &&
	[ "$status" = 0 ]'
check "it reads nothing of other repositories" '
	exits 0 env "ASAN_OPTIONS=${ASAN_OPTIONS:-}:detect_leaks=0" \
		strace -f -qq -e trace=openat2 -o calls gonogo-backup restore \
		--store "$store" --to "$work/traced" --repository 2 "$set3" &&
	zstd -dc "$store/snapshots/$set3/FRAMES.tsv.zst" |
		grep "repository/2\$" | cut -f 1 | sort -u >mine &&
	sed -n "s|.*\"segments/\(.*\).tar.zst\".*|\1|p" calls | sort -u |
		diff - mine >"$out" && ! grep "\"objects/" calls'
# by_hand N FOLDER: the lines of RESTORE.md, as somebody at a shell goes on.
line() { grep -F "$1" "$store/RESTORE.md" | sed 's/^ *//'; }
for_one() { line "$1" | sed "s|\(repositor[a-z]*/\)42|\1$2|"; }
by_hand() (
	mkdir -p "$2" && cd "$store" && SET=$set3 && tab=$(printf '\t')
	cut_out=$(line 'tail -c +$((OFFSET + 1))' | sed "s|/some/folder|$2|")
	[ "$SET" != "" ] && [ "$cut_out" != "" ] || exit 1
	eval "$(for_one 'FRAMES.tsv.zst" | grep' "$1")" |
		while IFS=$tab read -r SEGMENT OFFSET LENGTH rest; do
			: "$SEGMENT $OFFSET $LENGTH $rest"
			eval "$cut_out" || exit
		done || exit
	eval "$(for_one 'OBJECTS.tsv.zst" | grep' "$1")" |
		while IFS=$tab read -r sha suffix base mode uid gid mtime path; do
			: "$base $mode $uid $gid $mtime"
			[ "$suffix" = - ] || exit
			chmod u+w "$2/$path" &&
				cat "objects/$(printf %.2s "$sha")/$sha" >"$2/$path" || exit
		done
)
check "by the lines that RESTORE.md shows, with nothing of ours" '
	PATH=/usr/bin:/bin by_hand 3 "$work/hand" >"$out" 2>"$err" &&
	as_it_was 3 "$work/hand/data/repositories" >"$out" &&
	PATH=/usr/bin:/bin by_hand 1 "$work/hand" >"$out" 2>"$err" &&
	as_it_was 1 "$work/hand/data/repositories" >"$out" &&
	[ -n "$(find "$work/hand/data/repositories/1" -size +1024k -type f)" ]'
check "and by restore.sh" '
	PATH=/usr/bin:/bin REPOSITORY=3 exits 0 sh "$store/restore.sh" \
		"$store/snapshots/$set3" "$work/one.sh" &&
	as_it_was 1 "$work/one.sh/data/repositories" &&
	as_it_was 3 "$work/one.sh/data/repositories"'

# ---- an object told by its difference from another ----

"$here/tests/harness/hostile" "$store" "$set3" delta "$work" || bail "delta"
delta=$(cd "$store" && find objects -name '*.pfd')
base=$(cd "$store" && sha256sum "$home/data/attachments/base" |
	sed 's|^\(..\)\([^ ]*\).*|objects/\1/\1\2|')
check "it takes little room" '
	[ "$(stat -c %s "$store/$delta")" -lt 200000 ]'
check "the set verifies; what was stored is read, and what it is when plain" '
	exits 0 gonogo-backup verify --store "$store" "$set3"'
check "it comes back with gonogo" '
	exits 0 gonogo-backup restore --store "$store" --to "$work/delta" "$set3" &&
	"$listing" "$work/delta" >got && diff "$work/wanted.3" got >"$out"'
check "and with stock zstd" '
	PATH=/usr/bin:/bin exits 0 sh "$store/restore.sh" \
		"$store/snapshots/$set3" "$work/delta.sh" &&
	"$listing" "$work/delta.sh" >got && diff "$work/wanted.3" got >"$out"'
check "by hand, too, as RESTORE.md says" '
	grep -q "zstd -dc --long=31 --patch-from=" "$store/RESTORE.md" &&
	zstd -dcq --long=31 --patch-from="$store/$base" "$store/$delta" |
		cmp - "$home/data/attachments/changes"'
cp -p "$store/$base" kept
chmod u+w "$store/$base"
printf X | dd of="$store/$base" bs=1 seek=99 conv=notrunc status=none
check "a harmed base is named, with all sets that use it" '
	exits 20 gonogo-backup verify --store "$store" "$set3" &&
	said "$base: checksum.*in set $set1, $set2, $set3"'
check "so is the object that rests on it, which is not restored" '
	said "$delta: " && run gonogo-backup restore --store "$store" \
		--to "$work/no" --path data/attachments/changes "$set3" &&
	[ "$status" = 65 ] && said "$delta"'
rm "$store/$base"
check "and one that is lost" '
	exits 20 gonogo-backup verify --store "$store" "$set3" --level quick &&
	said "$base: it is not there"'
plan
