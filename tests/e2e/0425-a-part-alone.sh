#!/bin/sh
# A part of a set is verified or restored alone, and nothing more is said of the
# whole than was looked at; what no set uses is told.
# shellcheck source=tests/e2e/lib.sh disable=SC2016,SC2034,SC2154
. "${0%/*}/lib.sh"

cluster_start --repos 6 --commits 15 --days 1 --requests 500 --seed 5 ||
	bail "the cluster"
store=$work/store home=$SITE_SHARED
head -c 2000000 /dev/urandom >"$home/data/attachments/big"
head -c 2000000 /dev/zero >"$home/data/attachments/pressed"
exits 0 gonogo-backup create -c "$conf" || bail "create"
id=$(cut -d ' ' -f 1 "$out")
set=$store/snapshots/$id
groups=$(zstd -dc "$set/FRAMES.tsv.zst" | cut -f 5 | sort -u | wc -l)
object=$(cd "$store" && sha256sum "$home/data/attachments/big" |
	sed 's|^\(..\)\([^ ]*\).*|objects/\1/\1\2|')
[ -f "$store/$object" ] || bail "no object of the big file"
name=$(git config -f "$home/data/repositories/1/repository-config" \
	bitbucket.project)/$(git config -f \
	"$home/data/repositories/1/repository-config" bitbucket.repository)

verify() { gonogo-backup verify --store "$@"; }
back() { run gonogo-backup restore --store "$store" "$@"; }

# ---- a sample ----

check "a sample says what it read, and claims no more of the whole" '
	exits 0 verify "$store" --sample 30% --seed 7 --evidence "$work/one" &&
	said "^passed $id: quick, and full of a sample alone: .*seed 7" &&
	jq -e --argjson all "$groups" ".level == \"quick\" and
		.sample.level == \"full\" and .sample.seed == 7 and
		.sample.share == \"30%\" and .sample.groups_of == \$all and
		.sample.groups < \$all and .sample.groups > 0 and
		.sample.objects < .sample.objects_of" "$work/one/proof.json" >"$out"'
check "the same seed chooses the same again, another one another" '
	for seed in 7 8 9 10; do
		exits 0 verify "$store" --sample 30% --seed $seed \
			--evidence "$work/seed" || return 1
		jq -c "[.bytes, .files]" "$work/seed/proof.json"
	done >counts &&
	[ "$(head -n 1 counts)" = "$(jq -c "[.bytes, .files]" \
		"$work/one/proof.json")" ] && [ "$(sort -u counts | wc -l)" -gt 1 ]'
check "a count is one, too; git looks into the chosen repositories alone" '
	exits 0 verify "$store" --level deep --sample 3 --seed 1 \
		--evidence "$work/three" &&
	jq -e ".sample.groups == 3 and .sample.level == \"deep\" and
		.repositories <= 3" "$work/three/proof.json" >"$out"'
check "the whole as a sample finds what a sample of the rest may not" '
	cp -a "$store" "$work/bad" && chmod u+w "$work/bad/$object" &&
	printf X | dd of="$work/bad/$object" bs=1 seek=9 conv=notrunc status=none &&
	exits 20 verify "$work/bad" --sample 100% &&
	said "$object: checksum" && said "files/[0-9]+; in set $id"'
for wrong in 0 0% 101% -3 some 2.5; do
	check "no share: $wrong" '
		exits 64 verify "$store" "--sample=$wrong" && said "10% or a count"'
done
check "a sample of what quick does not read is refused" '
	exits 64 verify "$store" --level quick --sample 10% && said "^hint:"'

# ---- some repositories ----

check "one repository is verified by its name, which is no proof" '
	before=$(ls "$store/verify") &&
	exits 0 verify "$store" --level deep --repository "$name" &&
	said "no proof of the set" && [ "$before" = "$(ls "$store/verify")" ]'
check "its flaws are found, those of the rest are not looked for" '
	exits 0 verify "$work/bad" --repository "$name"'
check "one that the set does not hold" '
	exits 64 verify "$store" --repository NO/thing && said "holds no repository"'
check "two repositories come back, alone" '
	back --to "$work/two" --repository 1 --repository 2 &&
	[ "$status" = 0 ] && [ "$(ls "$work/two")" = data ] &&
	[ -e "$work/two/data/repositories/1/HEAD" ] &&
	[ -e "$work/two/data/repositories/2/HEAD" ]'

# ---- some files ----

check "a folder by its path, and nothing else" '
	back --to "$work/folder" --path data/attachments && [ "$status" = 0 ] &&
	run diff -r "$home/data/attachments" "$work/folder/data/attachments" &&
	[ "$status" = 0 ] && [ "$(ls "$work/folder")" = data ] &&
	[ "$(ls "$work/folder/data")" = attachments ]'
check "a file; by stars" '
	back --to "$work/file" --path bitbucket.properties --path "data/*/b?g" &&
	[ "$status" = 0 ] && cmp "$work/file/bitbucket.properties" \
		"$home/bitbucket.properties" &&
	[ "$(cd "$work/file" && find . -type f | sort | tr "\n" " ")" = \
		"./bitbucket.properties ./data/attachments/big " ]'
check "a path that is not there is said, and nothing is written" '
	back --to "$work/none" --path data/nowhere && [ "$status" = 64 ] &&
	said "holds no data/nowhere" && [ ! -e "$work/none" ]'
check "jobs change nothing" '
	back --to "$work/one.job" --jobs 1 && [ "$status" = 0 ] &&
	back --to "$work/five.jobs" --jobs 5 && [ "$status" = 0 ] &&
	"$here/tests/harness/listing" "$work/one.job" |
		grep -v alternates >before &&
	"$here/tests/harness/listing" "$work/five.jobs" |
		grep -v alternates >after && diff before after >"$out"'

# ---- the store against its sets ----

check "what no set uses is said, and is no flaw" '
	mkdir -p "$store/objects/00" &&
	echo lost >"$store/objects/00/00$(printf "%062d" 0)" &&
	exits 0 verify "$store" --level quick && said "no set uses objects/00/00" &&
	said "1 stored files, 5 bytes, are used by no set"'
check "a file that is nothing of ours is named" '
	ln -s /etc/passwd "$store/segments/odd" &&
	exits 0 verify "$store" --level quick &&
	said "segments/odd: neither an object nor a segment"'
plan
