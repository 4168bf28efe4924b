#!/bin/sh
# Whatever a home holds comes back as it was: odd names, links, holes, rights,
# attributes; with gonogo and without it.  What is half of something does not.
# shellcheck source=tests/e2e/lib.sh disable=SC2016,SC2034,SC2154
. "${0%/*}/lib.sh"

cluster_start --repos 3 --days 1 >"$err" 2>&1 || bail "the cluster"
listing=$here/tests/harness/listing
home=$SITE_SHARED
repository=$(find "$home/data/repositories" -mindepth 1 -maxdepth 1 |
	sort | head -n 1)
odd=$home/data/attachments/odd
mkdir -p "$odd/empty" "$odd/ deep/er" "$work/install/conf"

# Names.
newline=$(printf 'a\nb\n.')
printf 1 >"$odd/${newline%.}"
printf 2 >"$odd/$(printf 'not-utf8-\377\376')"
printf 3 >"$odd/ümlaut and space"
printf 4 >"$odd/-rf"
printf 5 >"$odd/back\\slash\$(touch owned)"
printf 6 >"$odd/ deep/er/$(printf '%0200d' 7)"
head -c 3000000 /dev/urandom >"$odd/$(printf 'big\nname\351 ')"
# Contents: empty, of the border's size, with holes, that shrink or do not.
: >"$odd/nothing"
head -c 1048576 /dev/urandom >"$odd/border"
head -c 1048577 /dev/urandom >"$odd/behind-the-border"
head -c 4000000 /dev/zero | tr '\0' x >"$odd/shrinks"
truncate -s 64M "$odd/holes" &&
	printf end | dd of="$odd/holes" bs=1 seek=67000000 conv=notrunc 2>"$err"
# Links.
ln -s ../nowhere "$odd/dangling"
ln -s border "$odd/link"
ln "$odd/border" "$odd/border.again"
ln "$odd/behind-the-border" "$odd/behind.again"
# Attributes, as far as the file system has them; then rights and times.
setfattr -n user.gonogo -v kept "$odd/border" "$odd/shrinks" 2>"$err"
setfacl -m u:12345:r "$odd/border" "$odd/shrinks" 2>"$err"
setfacl -d -m u:12345:rx "$odd/ deep" 2>"$err"
chmod 0400 "$odd/nothing"
chmod 4755 "$odd/-rf"
touch -d '1999-12-31 23:59:59.123456789 UTC' "$odd/shrinks" "$odd/border"
touch -h -d '2001-02-03 04:05:06.5 UTC' "$odd/link"
touch -d '1970-11-05 06:00:00.5 UTC' "$odd/empty" "$odd/ deep"
chmod 0555 "$odd/empty"
# Half of something, and caches.
touch "$repository/HEAD.lock" "$repository/gc.pid" \
	"$repository/refs/heads/x.lock" "$repository/objects/pack/tmp_pack_abc" \
	"$home/.lock"
mkdir -p "$repository/objects/tmp_objdir-incoming-abc" "$home/caches/x" \
	"$home/search/data"
touch "$repository/objects/tmp_objdir-incoming-abc/x" "$home/caches/x/y" \
	"$home/search/data/z"
# From elsewhere.
echo JVM=1 >"$work/install/conf/setenv.sh"
head -c 2000000 /dev/urandom >"$work/install/keystore"
mkfifo "$work/install/pipe"

"$listing" "$home" >before || bail "the listing"
check "it is saved, and what is no file is told" '
	exits 0 gonogo backup create -c "$conf" --also "$work/install" &&
	jq -e ".left_out == [\"pipe\"]" "$work"/store/snapshots/*/EVIDENCE.json'
set=$(ls "$work/store/snapshots")
check "every byte is read back" '
	exits 0 gonogo backup verify -c "$conf" --level deep'
check "segments are tar and zstd for everybody" '
	for one in "$work"/store/segments/*.tar.zst; do
		zstd -qt "$one" && tar --zstd -tf "$one" >names &&
		LC_ALL=C.UTF-8 bsdtar -tf "$one" >names.bsd &&
		[ "$(wc -l <names)" -gt 0 ] || return 1
	done'
check "no name of UTF-8 makes tar warn" '
	! find "$work/store/segments" -name "*.zst" -exec tar --zstd -tf {} \; 2>&1 |
	grep -v -e hdrcharset -e not-utf8 -e big | grep -q "^tar:"'
check "gonogo brings it back" '
	exits 0 gonogo backup restore -s "$work/store" --to "$work/with" \
		--allow-setuid'
check "as it was" '
	"$listing" "$work/with" >after && diff before after >"$out"'
check "setuid bits come back only when they are asked for" '
	exits 0 gonogo backup restore -s "$work/store" --to "$work/tame" &&
	[ "$(stat -c %a "$work/tame/data/attachments/odd/-rf")" = 755 ]'
check "holes are holes again" '
	[ "$(du -k "$work/with/data/attachments/odd/holes" | cut -f1)" -lt 8192 ]'
check "restore.sh brings it back" '
	exits 0 env ALSO="$work/elsewhere" sh "$work/store/restore.sh" \
		"$work/store/snapshots/$set" "$work/without"'
check "as it was" '
	"$listing" "$work/without" >after && diff before after >"$out"'
check "files from elsewhere are where they were, below another folder" '
	(cd "$work/install" && find . -type f -exec sha256sum {} + | sort) >wanted &&
	(cd "$work/elsewhere$work/install" &&
		find . -type f -exec sha256sum {} + | sort) >got && cmp wanted got'
if [ "$(id -u)" = 0 ]; then
	chmod -R a+rX "$work/store"
	mkdir "$work/user" && chown nobody "$work/user"
	"$listing" "$home" --plain >before
	check "a user who is not root can run restore.sh" '
		run runuser -u nobody -- sh "$work/store/restore.sh" \
			"$work/store/snapshots/$set" "$work/user/home" &&
		[ "$status" = 0 ] &&
		"$listing" "$work/user/home" --plain >after &&
		diff before after >"$out"'
fi
plan
