#!/bin/sh
# [backup] rate and --rate: the home is read no faster than somebody asked for.
# shellcheck source=tests/e2e/lib.sh disable=SC2016,SC2034,SC2154
. "${0%/*}/lib.sh"

home=$work/home
mkdir -p "$home/data/repositories" "$home/config" "$home/data/git-lfs/storage"
echo "setup.displayName=x" >"$home/bitbucket.properties"
head -c 3000000 /dev/urandom >"$home/data/git-lfs/storage/big"

# Whole seconds of a backup with OPTIONS.
seconds() {
	begun=$(date +%s)
	gonogo-backup create --home "$home" --mode hot --no-database "$@" \
		>"$out" 2>"$err" || return
	took=$(($(date +%s) - begun))
}

check "a backup of 3 MB at 1 MiB a second takes 2 s and more" '
	seconds --store "$work/one" --rate 1M && [ "$took" -ge 2 ]'
check "the settings say it as well, and the option is stronger" '
	printf "[backup]\nrate = 1M\n" >"$work/gonogo.conf" &&
	seconds -c "$work/gonogo.conf" --store "$work/two" &&
	[ "$took" -ge 2 ] &&
	printf "[backup]\nrate = 1K\n" >"$work/gonogo.conf" &&
	seconds -c "$work/gonogo.conf" --store "$work/three" --rate 0'
check "what is no rate is refused" '
	exits 64 gonogo-backup create --home "$home" --store "$work/four" \
		--no-database --rate fast && said "rate fast: no size"'
plan
