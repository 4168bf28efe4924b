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
for n in 1 2 3; do
	eval "set=\$set$n"
	check "set $n verifies, deep" '
		exits 0 gonogo-backup verify --store "$store" --level deep "$set"'
	check "set $n comes back with gonogo" '
		exits 0 gonogo-backup restore --store "$store" --to "$work/with.$n" \
			"$set" && "$listing" "$work/with.$n" >got &&
		diff "$work/wanted.$n" got >"$out"'
	check "and without it" '
		PATH=/usr/bin:/bin exits 0 sh "$store/restore.sh" \
			"$store/snapshots/$set" "$work/without.$n" &&
		"$listing" "$work/without.$n" >got &&
		diff "$work/wanted.$n" got >"$out"'
done
check "one repository of the last by the line of RESTORE.md" '
	grep -q "tail -c +.*| head -c .*| zstd -dc | tar -x" "$store/RESTORE.md" &&
	mkdir "$work/one" && cd "$store" &&
	zstd -dc "snapshots/$set3/FRAMES.tsv.zst" | grep "repository/1\$" |
	while read -r segment offset length rest; do
		tail -c +$((offset + 1)) "segments/$segment.tar.zst" |
			head -c "$length" | zstd -dc | tar -x -C "$work/one"
	done && cd "$work" &&
	diff -r "$home/data/repositories/1" "$work/one/data/repositories/1" >"$out"'

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
