#!/bin/sh
# Whatever is changed, cut, lost or added in a store is found by `verify` and
# named; an untouched set passes at every level; only whole sets are listed.
# shellcheck source=tests/e2e/lib.sh disable=SC2016,SC2034,SC2154
. "${0%/*}/lib.sh"

cluster_start --repos 6 --commits 15 --days 1 --requests 500 --seed 4 ||
	bail "the cluster"
store=$work/store
exits 0 gonogo-backup create -c "$conf" || bail "create"
id=$(cut -d ' ' -f 1 "$out")
set=snapshots/$id

verify() { gonogo-backup verify --store "$@"; }

# ---- what is sound passes ----

for level in quick full deep; do
	check "an untouched set passes: $level" '
		exits 0 verify "$store" --level "$level" --evidence "$work/$level" &&
		said "^passed $id: $level" &&
		jq -e --arg level "$level" --arg sum "$(sha256sum \
			<"$store/$set/SNAPSHOT.json" | cut -d " " -f 1)" "
			.schema == \"gonogo.proof/1\" and .level == \$level and
			.outcome == \"passed\" and .snapshot_sha256 == \$sum" \
			"$work/$level/proof.json" >/dev/null'
done
check "deep has looked into every repository" '
	[ "$(jq .repositories "$work/deep/proof.json")" = \
		"$(jq .home.repositories "$store/$set/SNAPSHOT.json")" ] &&
	[ "$(jq .repositories "$work/deep/proof.json")" -ge 6 ]'
check "verifying a part of a set is no proof" '
	before=$(ls "$store/verify") &&
	exits 0 verify "$store" --level deep --repository 1 &&
	[ "$before" = "$(ls "$store/verify")" ]'
check "nothing of the scratch is left" '
	[ -z "$(find "${TMPDIR:-/tmp}" -maxdepth 1 -newer "$conf" \
		-name "gonogo-verify-*")" ]'

# ---- what is harmed is found ----

# copy: a store of its own, to be harmed, in $bad.
bad=$work/bad
copy() { rm -rf "$bad" && cp -a "$store" "$bad"; }

# flip FILE: changes one bit in its middle.
flip() {
	at=$(($(stat -c %s "$1") / 2))
	byte=$(od -An -tu1 -j "$at" -N 1 "$1" | tr -d ' ')
	chmod u+w "$1"
	# shellcheck disable=SC2059
	printf "\\$(printf %03o $((byte ^ 1)))" |
		dd of="$1" bs=1 seek="$at" conv=notrunc status=none
}
# found LEVEL NAME: verify refuses the store, and says NAME.
found() {
	run verify "$bad" --level "$1" &&
		{ [ "$status" = 20 ] || [ "$status" = 65 ]; } && said "$2"
}
first() { (cd "$store" && find "$@" -type f | sort | head -n 1); }

object=$(first objects)
segment=$(first segments)
dumped=$(awk -F '\t' '{ print "objects/" substr($1, 1, 2) "/" $1 \
	($2 == "-" ? "" : $2); exit }' "$store/$set/db/FILES.tsv")
if [ -z "$object" ] || [ -z "$segment" ] || [ ! -f "$store/$dumped" ]; then
	bail "the store lacks a kind of file"
fi

for file in "$object" "$segment" "$dumped"; do
	check "one bit of ${file%%/*}/ is found: ${file##*/}" '
		copy && flip "$bad/$file" && found full "${file##*/}"'
done
for name in MANIFEST.zst OBJECTS.tsv.zst FRAMES.tsv.zst SHA256SUMS \
	EVIDENCE.json SNAPSHOT.json SNAPSHOT.sha256 db/toc.dat db/FILES.tsv; do
	for level in quick full; do
		check "one bit of $name is found: $level" '
			copy && flip "$bad/$set/$name" &&
			found "$level" "$name"'
	done
done
for name in STORE.json restore.sh RESTORE.md; do
	check "one bit of $name is found" '
		copy && flip "$bad/$name" && found quick "$name"'
done

for file in "$object" "$segment" "$dumped" "$set/MANIFEST.zst" \
	"$set/db/toc.dat"; do
	check "a file cut short is found, by a quick look, too: $file" '
		copy && truncate -s -1 "$bad/$file" &&
		found quick "${file##*/}"'
	check "a lost file is found: $file" '
		copy && rm "$bad/$file" && found quick "${file##*/}"'
done
check "a file of the dump that grew is found by a quick look" '
	copy && echo >>"$bad/$dumped" && found quick "${dumped##*/}: checksum"'
check "a file that came into the set is found" '
	copy && echo more >"$bad/$set/more" && found quick "$set/more"'
check "also beside the dump" '
	copy && echo more >"$bad/$set/db/9999.dat" && found quick db/9999.dat'
check "records changed together with their checksums are found by the root" '
	copy && flip "$bad/$set/db/toc.dat" && (cd "$bad" &&
	sha256sum "$set/db/toc.dat" >line &&
	sed -i "\\|  $set/db/toc.dat\$|{r line
d}" "$set/SHA256SUMS" &&
	sum=$(sha256sum <"$set/SHA256SUMS" | cut -d " " -f 1) &&
	sed -i "s/\"sums_sha256\": \"[0-9a-f]*\"/\"sums_sha256\": \"$sum\"/" \
		"$set/SNAPSHOT.json" &&
	sha256sum "$set/SNAPSHOT.json" >"$set/SNAPSHOT.sha256" &&
	sha256sum --quiet -c "$set/SNAPSHOT.sha256" "$set/SHA256SUMS") &&
	exits 20 verify "$bad" --level quick && said "add up to its root" &&
	! said checksum'
check "the flaw of a segment names the repositories it holds" '
	copy && flip "$bad/$segment" && exits 20 verify "$bad" &&
	said "it holds parts of .*repository [0-9]+ \\([^)]*/[^)]*\\).*; in set $id"'
check "the proof of a failure is kept, and list tells it" '
	exits 20 verify "$bad" --evidence "$work/failed" &&
	[ "$(jq -r .outcome "$work/failed/proof.json")" = failed ] &&
	[ "$(jq ".flaws | length" "$work/failed/proof.json")" -gt 0 ] &&
	exits 0 gonogo-backup list --store "$bad" && said FAILED'

# ---- the list ----

mkdir -p "$store/snapshots/000009-20260101T000000Z/db"
check "half a set is not listed" '
	exits 0 gonogo-backup list --store "$store" && said "^$id " &&
	! said 000009 &&
	! grep -qE "^.{81}" "$out"'
exits 0 gonogo-backup create -c "$conf" || bail "the second set"
second=$(cut -d ' ' -f 1 "$out")
check "sets are listed newest first, as a document, too" '
	exits 0 gonogo-backup list -c "$conf" --json &&
	jq -e --arg a "$second" --arg b "$id" ".schema == \"gonogo.sets/1\" and
		[.sets[].id] == [\$a, \$b] and .sets[1].proof_outcome == \"passed\" and
		.sets[0].proof_level == null and .sets[1].new_bytes > 0 and
		.sets[0].new_bytes < .sets[1].new_bytes and
		.sets[0].bytes > 0 and .sets[0].status == \"GOOD\"" "$out" >/dev/null'
check "a quick look later takes nothing from what a full one proved" '
	exits 0 verify "$store" 1 --level quick &&
	exits 0 gonogo-backup list -c "$conf" --json &&
	[ "$(jq -r ".sets[1].proof_level" "$out")" = deep ] &&
	exits 0 gonogo-backup list -c "$conf" && said "^$id GOOD .* deep [0-9]"'
check "both sets verify, by id and by number" '
	exits 0 verify "$store" "$id" && exits 0 verify "$store" 1 &&
	exits 0 verify "$store" latest && said "^passed $second"'
check "a set before this one that was written anew is found by the chain" '
	copy && (cd "$bad" &&
	sed -i "s/\"mode\": \"hot\"/\"mode\": \"sealed\"/" "$set/SNAPSHOT.json" &&
	sha256sum "$set/SNAPSHOT.json" >"$set/SNAPSHOT.sha256") &&
	exits 20 verify "$bad" --level quick && said "chain $id"'
check "so is one that has lost its record, also when it is asked for" '
	copy && rm "$bad/$set/SNAPSHOT.json" &&
	exits 20 verify "$bad" --level quick &&
	said "chain $id: SNAPSHOT.json: it is not there" &&
	exits 65 verify "$bad" "$id" && said "$id/SNAPSHOT.json: it is not there" &&
	exits 65 verify "$bad" 1'
check "the next run does not sweep it away, and expire moves nothing" '
	exits 65 gonogo-backup expire --store "$bad" --dry-run &&
	said "$id has lost its SNAPSHOT.json" &&
	exits 0 gonogo-backup create --home "$SITE_SHARED" --store "$bad" \
		--no-database && said "$id has lost its SNAPSHOT.json" &&
	[ -e "$bad/$set/MANIFEST.zst" ] && [ ! -e "$bad/snapshots/000009-"* ]'
check "the newest one, too" '
	copy && rm "$bad/snapshots/$second/SNAPSHOT.json" && exits 0 verify "$bad" &&
	said "warning: snapshots/$second/SNAPSHOT.json is not there"'
check "a set before this one that is gone is told, and takes nothing from it" '
	copy && rm -r "${bad:?}/$set" &&
	exits 0 verify "$bad" && said "warning: set $id"'
check "a proof that was harmed is told, and takes nothing from the set" '
	copy && flip "$bad/verify/000001-2.json" &&
	exits 0 verify "$bad" "$id" --level quick &&
	said "warning: .*verify/000001-2.json: .*proves nothing"'
check "so is one that is lost" '
	copy && rm "$bad/verify/000001-2.json" "$bad/verify/000001-2.sha256" &&
	exits 0 verify "$bad" "$id" --level quick && said "warning: .*000001-2.json"'
check "each kind of file, at both ends and within, with a database" '
	exits 0 env TMPDIR="$work" "$here/tests/torture/flip" --store "$store" \
		--places 100 --sample "${FLIPS:-46}" --seed "${SEED:-$$}" &&
	said ": 0 not found or not named" && said "db/FILES.tsv [1-9]" &&
	said "proof.json [1-9]" && said "trash [1-9]"'
sed 's/^/# /' "$out"

# ---- room to look into repositories ----

if mkdir -p "$work/small" &&
	mount -t tmpfs -o size=400k tmpfs "$work/small" 2>/dev/null; then
	at_end 'umount "$work/small"'
	check "without room for a deep look that is said before, and is no flaw" '
		TMPDIR=$work/small exits 74 verify "$store" --level deep &&
		said "TMPDIR is $work/small: no space" && ! said FAILED &&
		[ -z "$(ls -A "$work/small")" ]'
	check "nor is a disk that others fill while we look" '
		mount -o remount,size=40m "$work/small" &&
		exits 74 env MEDDLE_CALLS=write MEDDLE_BY=full MEDDLE_AT=3 \
			MEDDLE_PLACE="$work/small" TMPDIR="$work/small" \
			ASAN_OPTIONS="verify_asan_link_order=0:${ASAN_OPTIONS:-}" \
			LD_PRELOAD="$build/meddle.so" \
			gonogo-backup verify --store "$store" --level deep &&
		said "looking into repositories below $work/small: " &&
		said "No space left" && ! said "group repository" &&
		[ -z "$(ls -A "$work/small")" ]'
	check "nor one without an inode left" '
		mount -o remount,size=400m,nr_inodes=40 "$work/small" &&
		TMPDIR=$work/small exits 74 verify "$store" --level deep &&
		said "no space: .* files and folders" && ! said FAILED'
else
	echo "# not shown: a full disk needs the right to mount a small one"
fi
check "no set of that name, no store, no such level: one clear error each" '
	exits 64 verify "$store" 77 && said "no set .77" &&
	exits 64 verify "$work/site" && said "not a store" &&
	exits 64 verify "$store" --level half && said "quick, full and deep"'
plan
