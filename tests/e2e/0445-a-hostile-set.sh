#!/bin/sh
# A set made to harm, whose records all agree: what a restore brings stays in
# its folder, is no device, and is no more than the set says; what is refused
# leaves no home that starts.
# shellcheck source=tests/e2e/lib.sh disable=SC2016,SC2034,SC2154
. "${0%/*}/lib.sh"

home=$work/home
for repository in 1 2; do
	mkdir -p "$home/data/repositories/$repository"
	git init -q --bare "$home/data/repositories/$repository" || bail
done
echo jdbc.url= >"$home/bitbucket.properties"
mkdir -p "$home/config" "$home/data/attachments"
echo text >"$home/config/file"
head -c 2000000 /dev/urandom >"$home/data/attachments/big"
exits 0 gonogo-backup create --home "$home" --store "$work/good" \
	--no-database || bail "create"
set=$(ls "$work/good/snapshots")

# made HARM: a hostile store, and a folder that it wants something of.
made() {
	rm -rf "$work/bad" "$work/to" "$work/outside" &&
		mkdir "$work/outside" && echo secret >"$work/outside/secret" &&
		cp -a "$work/good" "$work/bad" &&
		"$here/tests/harness/hostile" "$work/bad" "$set" "$1" \
			"$work/outside" &&
		(cd "$work/bad" && sha256sum --quiet -c \
			"snapshots/$set/SNAPSHOT.sha256" "snapshots/$set/SHA256SUMS")
}
# unharmed: nothing came out, and nothing that starts came in.
unharmed() {
	[ "$(ls "$work/outside")" = secret ] && [ ! -e "$work/caught" ] &&
		[ "$(stat -c %h "$work/outside/secret")" = 1 ] &&
		[ ! -e "$work/to/bitbucket.properties" ] &&
		[ -z "$(find "$work/to" \( -type b -o -type c -o -type p \) \
			2>/dev/null)" ] && [ ! -e "$work/to/data/caught" ] &&
		{ [ ! -e "$work/to" ] || [ -e "$work/to/.gonogo-incomplete" ]; }
}

check "a set that is only made anew comes back" '
	made nothing && exits 0 gonogo-backup verify --store "$work/bad" &&
	exits 0 gonogo-backup restore --store "$work/bad" --to "$work/to" &&
	[ "$(cat "$work/to/data/harmless")" = harm ]'
while read -r harm code says; do
	check "refused: $harm" '
		made "$harm" && exits "$code" gonogo-backup restore \
			--store "$work/bad" --to "$work/to" &&
		said "$says" && unharmed'
done <<END
above 65 leaves the place of a restore
dots 65 leaves the place of a restore
absolute 65 leaves the place of a restore
hard-link 65 leaves the place of a restore
elsewhere 65 leaves the place of a restore
twice 65 two entries of this name
device 65 kind: .device
device-in-tar 65 not in its segment
link-in-tar 65 not in its segment
bomb 65 longer than the manifest says
huge 65 more than its record says
promise 65 not the .* that its index says
record 65 more than its record says
END
check "what verify finds wrong with them it says" '
	for harm in above hard-link device device-in-tar bomb promise; do
		made "$harm" && exits 20 gonogo-backup verify --store "$work/bad" ||
			return 1
	done'
check "a link is made when all files are there, so nothing goes through it" '
	made through-a-link
	run gonogo-backup restore --store "$work/bad" --to "$work/to"
	[ "$status" != 0 ] && unharmed'
check "restore.sh does not write where a link or a list leads it" '
	made nothing && cd "$work/bad/snapshots/$set" && chmod u+w . OBJECTS.tsv.zst &&
	zstd -dc OBJECTS.tsv.zst >"$work/list" &&
	sed "s|data/attachments/big|../outside/secret|" "$work/list" |
		zstd -q -f -o OBJECTS.tsv.zst && cd "$work/bad" &&
	find . -path "./objects/*" -type f -o -path "./segments/*" -type f -o \
		-path "./snapshots/$set/*" -type f ! -name "SNAPSHOT*" ! -name SHA256SUMS |
		sed "s|^\./||" | xargs sha256sum >"snapshots/$set/SHA256SUMS" &&
	cd "$work" && exits 65 sh "$work/bad/restore.sh" \
		"$work/bad/snapshots/$set" "$work/to" &&
	said "outside/secret leads elsewhere" &&
	[ "$(cat "$work/outside/secret")" = secret ] &&
	[ ! -e "$work/to/bitbucket.properties" ]'
if strace -qqq -o /dev/null true 2>"$err"; then
	check "a system that can not open a name without following links is told" '
		rm -rf "$work/to" &&
		ASAN_OPTIONS=${ASAN_OPTIONS:-}:detect_leaks=0 run strace -f \
			-qqq -o /dev/null -e trace=openat2 \
			-e inject=openat2:error=ENOSYS gonogo-backup restore \
			--store "$work/good" --to "$work/to" && [ "$status" = 74 ] &&
		said "openat2" && said "^hint:.*restore.sh" &&
		[ ! -e "$work/to/config" ]'
else
	echo "# not shown: this system does not let strace look"
fi
plan
