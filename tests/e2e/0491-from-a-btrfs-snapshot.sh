#!/bin/sh
# A backup from a real snapshot: btrfs on a loop device, by the recipe that is
# shipped.  The next set rests on it, though the snapshot is another one.
# shellcheck source=tests/e2e/lib.sh disable=SC2016,SC2034,SC2154
. "${0%/*}/lib.sh"

hook=$here/templates/hooks/btrfs
may_mount() {
	command -v mkfs.btrfs btrfs >/dev/null && truncate -s 200M image &&
		mkfs.btrfs -q image >"$out" && mkdir disk &&
		mount -o loop image disk
}
if ! may_mount 2>"$err"; then
	echo "# not shown: it takes btrfs-progs and the right to mount"
	plan
	exit
fi
at_end 'umount "$work/disk"'

btrfs subvolume create disk/bitbucket >"$out" || bail "no subvolume"
mkdir disk/snapshots
home=$work/disk/bitbucket/shared
mkdir -p "$home/data/repositories" "$home/config"
echo "setup.displayName=Bitbucket" >"$home/bitbucket.properties"
GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a
GIT_COMMITTER_EMAIL=a@b
export GIT_AUTHOR_NAME GIT_AUTHOR_EMAIL GIT_COMMITTER_NAME GIT_COMMITTER_EMAIL
first=$home/data/repositories/1 fork=$home/data/repositories/2
git init -q --bare "$first"
git init -q --bare "$fork"
head -c 2000000 /dev/urandom >big
blob=$(git -C "$first" hash-object -w "$work/big")
tree=$(printf '100644 blob %s\tbig\n' "$blob" | git -C "$first" mktree)
commit=$(git -C "$first" commit-tree -m one "$tree")
git -C "$first" update-ref refs/heads/master "$commit"
git -C "$first" repack -adq
echo "$first/objects" >"$fork/objects/info/alternates"
git -C "$fork" update-ref refs/heads/master "$commit"
cat >gonogo.conf <<END
[home]
shared = $home
[store]
path = $work/store
[state]
dir = $work/state
[backup]
mode = snapshot
[snapshot]
create = $hook $work/disk/bitbucket $work/disk/snapshots
mount = $hook $work/disk/bitbucket $work/disk/snapshots
destroy = $hook $work/disk/bitbucket $work/disk/snapshots
END
size() { du -sck store/objects store/segments | sed -n 's/\ttotal$//p'; }
create() { gonogo-backup create -c gonogo.conf --no-database --json; }

check "a set is made from a snapshot, the fork with what it borrows" '
	exits 0 create && jq -e ".mode == \"snapshot\" and
		.status == \"GOOD\" and .home.repositories == 2" "$out" \
		>/dev/null'
check "no snapshot is left" '[ -z "$(ls disk/snapshots)" ]'
check "it is restored" '
	exits 0 gonogo-backup restore -c gonogo.conf --to back &&
	git -C back/data/repositories/2 cat-file -e "$commit:big"'
check "the next set rests on it, and adds next to nothing" '
	before=$(size) && exits 0 create && after=$(size) &&
	echo "# $((after - before)) KiB more" &&
	[ $((after - before)) -lt 200 ]'
check "a home that does not lie in the subvolume is told" '
	mkdir -p disk/elsewhere && sed "s|/disk/bitbucket |/disk/elsewhere |" \
		gonogo.conf >else.conf && exits 74 gonogo-backup create \
		-c else.conf --no-database && said "does not lie in"'
plan
