#!/bin/sh
# A backup from a real snapshot of a logical volume, by the recipe that is
# shipped: ext4 on a volume group of one loop device.  Where the kernel has no
# device mapper, the recipe's own steps are shown against stand-ins.
# shellcheck source=tests/e2e/lib.sh disable=SC2016,SC2034,SC2154
. "${0%/*}/lib.sh"

hook=$here/templates/hooks/lvm
group=gng${work##*.}
volume=$group/bitbucket

# LVM is shown this one device alone; no other disk is looked at.
may_lvm() {
	[ "$(id -u)" = 0 ] && command -v lvcreate losetup mkfs.ext4 >/dev/null &&
		grep -q device-mapper /proc/misc && truncate -s 400M image &&
		loop=$(losetup --find --show image) || return 1
	at_end 'losetup -d "$loop"'
	mkdir lvm && export LVM_SYSTEM_DIR="$work/lvm" &&
		export LVM_SUPPRESS_FD_WARNINGS=1 && cat >lvm/lvm.conf <<-END
			devices {
				filter = [ "a|^$loop\$|", "r|.*|" ]
				use_devicesfile = 0
			}
			activation { udev_sync = 0 udev_rules = 0 }
		END
	vgcreate -q "$group" "$loop" >"$out" || return 1
	at_end 'vgremove -q -f "$group" >/dev/null'
	lvcreate -q -L 160M -n bitbucket "$group" >"$out" &&
		mkfs.ext4 -q "/dev/$volume" && mkdir disk &&
		mount "/dev/$volume" disk || return 1
	at_end 'umount "$work/disk"'
}

make_home() {
	mkdir -p "$1/data/repositories" "$1/config"
	echo "setup.displayName=Bitbucket" >"$1/bitbucket.properties"
	git init -q --bare "$1/data/repositories/1"
	blob=$(echo one | git -C "$1/data/repositories/1" hash-object -w --stdin)
	tree=$(printf '100644 blob %s\tone\n' "$blob" |
		git -C "$1/data/repositories/1" mktree)
	commit=$(git -C "$1/data/repositories/1" -c user.name=a -c user.email=a@b \
		commit-tree -m one "$tree")
	git -C "$1/data/repositories/1" update-ref refs/heads/master "$commit"
}
settings() {
	cat >gonogo.conf <<-END
		[home]
		shared = $work/disk/shared
		[store]
		path = $work/store
		[state]
		dir = $work/state
		[backup]
		mode = snapshot
		[snapshot]
		create = $hook $volume $1
		mount = $hook $volume $1
		destroy = $hook $volume $1
	END
}
create() { gonogo-backup create -c gonogo.conf --no-database --json; }

if may_lvm 2>"$err"; then
	make_home "$work/disk/shared"
	settings 80M
	check "a set is made from a snapshot of the volume" '
		exits 0 create && jq -e ".mode == \"snapshot\" and
			.status == \"GOOD\" and .home.repositories == 1" \
			"$out" >/dev/null'
	check "nothing is left of it, mounted or not" '
		[ "$(lvs --noheadings -o lv_name "$group" | wc -l)" = 1 ] &&
		! grep -q " $work/state/snapshots" /proc/self/mounts &&
		[ -z "$(ls state/snapshots)" ]'
	check "it is restored" '
		exits 0 gonogo-backup restore -c gonogo.conf --to back &&
		git -C back/data/repositories/1 cat-file -e "$commit:one"'
	check "one without room in its group is told" '
		settings 900M && exits 74 create && said "\[snapshot\] create"'
	plan
	exit
fi
echo "# not shown on a real volume: it takes root, lvm2 and a device mapper"

# ---- the recipe's own steps ----
make_home "$work/disk/shared"
mkdir bin
for name in lvcreate lvremove findmnt mount umount mountpoint; do
	cat >"bin/$name" <<-'END'
		#!/bin/sh
		work=$(CDPATH='' cd -- "$(dirname "$0")/.." && pwd)
		name=$(basename "$0")
		echo "$name $*" >>"$work/calls"
		case "$name $*" in
		"findmnt "*FSTYPE*) cat "$work/fstype" ;;
		findmnt*) echo "$work/disk" ;;
		lvcreate*) [ ! -e "$work/full" ] || { echo "no room" >&2; exit 5; } ;;
		mount*) for last; do :; done
			cp -a "$work/disk/." "$last/" ;;
		umount*) for last; do :; done
			find "$last" -mindepth 1 -delete ;;
		mountpoint*) for last; do :; done
			[ -n "$(ls -A "$last")" ] ;;
		esac
	END
	chmod 755 "bin/$name"
done
PATH=$work/bin:$PATH
settings 20M
echo ext4 >fstype
check "made, mounted read-only without its journal, unmounted" '
	exits 0 create && jq -e ".status == \"GOOD\"" "$out" >/dev/null &&
	grep -qE "^lvcreate -q -s -L 20M -n gonogo-[^ ]* $volume$" calls &&
	grep -qE "^mount -o ro,noload /dev/$group/gonogo-[^ ]* $work/state/" calls &&
	grep -q "^umount $work/state/snapshots/gonogo-" calls &&
	[ -z "$(ls state/snapshots)" ]'
check "an XFS is mounted beside its twin" '
	rm calls && echo xfs >fstype && exits 0 create &&
	grep -q "^mount -o ro,nouuid,norecovery " calls'
check "a thin volume needs no room" '
	rm calls && settings thin && exits 0 create &&
	grep -qE "^lvcreate -q -s -kn -n gonogo-[^ ]* $volume$" calls'
check "a group that is full is told" '
	touch full && exits 74 create && said "no room" &&
	[ -z "$(ls state/snapshots)" ] && rm full'
check "a home that does not lie on the volume is told" '
	mkdir elsewhere && cp -a disk/shared elsewhere/ &&
	sed -i "s|/disk/shared|/elsewhere/shared|" gonogo.conf &&
	exits 74 create && said "does not lie in"'
plan
