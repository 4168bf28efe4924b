#!/bin/sh
# Restores a backup set without gonogo: needs sh, tar, zstd, sha256sum, awk.
#
#     sh restore.sh SET-FOLDER HOME [DUMP]
#
#   SET-FOLDER  snapshots/<set> in this store
#   HOME        a new or empty folder that becomes the shared home
#   DUMP        a new or empty folder for the database, for pg_restore -Fd;
#               of a physical copy: the server's data folder
#
# ALSO=DIR in the environment restores files from outside the home below DIR.
# REPOSITORY=42 restores that one alone, with those it borrows objects from.
# RESTORE.md beside this script tells what comes before and after.
set -eu
LC_ALL=C
export LC_ALL
umask 077
tab=$(printf '\t')

die() {
	echo "restore.sh: $*" >&2
	exit 65
}
if [ $# -lt 2 ] || [ $# -gt 3 ]; then
	sed -n '2,14s/^# \{0,1\}//p' "$0" >&2
	exit 64
fi
for program in tar zstd sha256sum awk; do
	command -v "$program" >/dev/null || die "$program is not installed"
done
store=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
set=$(CDPATH='' cd -- "$1" && pwd)
# vacant FOLDER: is made, and its absolute path printed.
vacant() {
	mkdir -p -- "$1"
	[ -z "$(ls -A -- "$1")" ] || die "$1 is not empty"
	CDPATH='' cd -- "$1" && pwd
}
home=$(vacant "$2")
dump=
[ $# -lt 3 ] || dump=$(vacant "$3")
also=
[ -z "${ALSO:-}" ] || also=$(vacant "$ALSO")
home_real=$(readlink -f -- "$home")
also_real=
[ -z "$also" ] || also_real=$(readlink -f -- "$also")
[ -e "$set/SNAPSHOT.json" ] || die "$1 is no backup set"

echo "checking every stored byte"
(cd -- "$store" && sha256sum --quiet -c "$set/SNAPSHOT.sha256" &&
	sha256sum --quiet -c "$set/SHA256SUMS") ||
	die "the set is not as it was stored; nothing was restored"

marker=$home/.gonogo-incomplete
: >"$marker"

# frames GROUPS: the lines whose group matches the pattern.
frames() {
	zstd -dc <"$set/FRAMES.tsv.zst" |
		while IFS=$tab read -r segment offset length kind group; do
			# shellcheck disable=SC2254 # $1 is a pattern
			case $group in
			$1) echo "$segment $offset $length $kind" ;;
			esac
		done
}
# lay GROUPS TARGET: extracts those frames, all by one tar.
lay() {
	[ -n "$(frames "$1" | head -n 1)" ] || return 0
	frames "$1" |
		while read -r segment offset length kind; do
			: "$kind"
			tail -c "+$((offset + 1))" "$store/segments/$segment.tar.zst" |
				head -c "$length"
		done | { zstd -dcq || echo "$1" >>"$marker"; } |
		tar -x -p --numeric-owner --acls --xattrs -C "$2" -f - ||
		die "$1: not restored"
	# Where a frame ends too early tar sees the end of an archive.
	[ ! -s "$marker" ] || die "$1: a segment can't be read"
}
# pour SHA256 SUFFIX [BASE]: the plain bytes of an object.
pour() {
	object=$store/objects/$(printf '%.2s' "$1")/$1
	case $2 in
	.zst) zstd -dcq --sparse <"$object.zst" ;;
	.pfd) # how it differs from another object
		zstd -dcq --long=31 --patch-from="$store/objects/$(
			printf '%.2s' "$3"
		)/$3" "$object.pfd" ;;
	*) cat <"$object" ;;
	esac
}

# place_of ID: its folder; on a Mesh node it lies deeper.
place_of() {
	for one in "$home/data/repositories/$1" \
		"$home"/store/data/*/*/repos/"$1"; do
		if [ -d "$one" ]; then
			printf '%s\n' "$one"
			return
		fi
	done
	return 1
}
# lay_repository ID: with those it borrows from; adds them to $laid.
laid=
lay_repository() {
	case " $laid " in
	*" $1 "*) return ;;
	esac
	laid="$laid $1"
	lay "repository/$1" "$home"
	list=$(place_of "$1") || die "the set has no repository $1"
	list=$list/objects/info/alternates
	[ -f "$list" ] || return 0
	lenders=$(sed -n 's|^/.*/\([0-9]*\)/objects$|\1|p' "$list")
	for lender in $lenders; do
		lay_repository "$lender"
	done
}
# chosen: of the lines of big files, those of what was laid.
chosen() {
	awk -F '\t' -v laid="$laid" 'BEGIN { n = split(laid, id, " ") }
		n == 0 { print }
		{ for (i = 1; i <= n; i++)
			if ($8 ~ "^(data/repositories|store/data/[0-9a-f]+/" \
				"[0-9a-f]+/repos)/" id[i] "/") print }'
}

echo "restoring small files"
if [ -n "${REPOSITORY:-}" ]; then
	lay_repository "$REPOSITORY"
else
	lay 'repository/*' "$home"
	lay 'files/*' "$home"
	lay 'folders' "$home"
	[ -z "$also" ] || lay 'also/*' "$also"
fi

echo "restoring big files"
zstd -dc <"$set/OBJECTS.tsv.zst" | chosen |
	while IFS=$tab read -r sha suffix base mode uid gid mtime path; do
		: "$uid $gid"
		# The dot keeps a newline at a name's end.
		path=$(printf '%b.' "$path")
		path=${path%.}
		case $path in
		/*) [ -n "$also" ] || continue
			path=$also$path ;;
		*) path=$home/$path ;;
		esac
		[ -f "$path" ] || die "$path: no place for it"
		# Neither dots nor a link lead out of where things are restored.
		real=$(readlink -f -- "$path" && echo .)
		case $real in
		"$home_real"/* | "${also_real:-$home_real}"/*) ;;
		*) die "$path leads elsewhere" ;;
		esac
		# git's packs are read-only, which stops all users but root.
		chmod u+w -- "$path"
		pour "$sha" "$suffix" "$base" >"$path"
		chmod "$mode" -- "$path"
		touch -d "@$mtime" -- "$path"
	done

# Forks name what they borrow from by its absolute path, which ends alike
# whatever the home was called.
export home
for list in "$home"/data/repositories/*/objects/info/alternates \
	"$home"/store/data/*/*/repos/*/objects/info/alternates; do
	[ -f "$list" ] || continue
	awk '/^\// && (match($0, /\/data\/repositories\/[0-9]+\/objects$/) ||
		match($0, /\/store\/data\/[0-9a-f]+\/[0-9a-f]+\/repos\/[0-9]+\/objects$/)) {
		$0 = ENVIRON["home"] substr($0, RSTART)
	} { print }' "$list" >"$marker.list"
	touch -r "$list" "$marker.list"
	[ -w "$list" ] || chmod u+w -- "$list"
	cat "$marker.list" >"$list"
	touch -r "$marker.list" "$list"
	rm -f "$marker.list"
done
# What a process of another day left behind would stop git.
for place in "$home/data/repositories" "$home/store/data"; do
	[ ! -d "$place" ] ||
		find "$place" -type f \( -name '*.lock' -o -name gc.pid \) \
			-exec rm -f {} +
done

if [ -n "$laid" ]; then
	rm -f "$home/.gonogo-incomplete"
	echo "restored:$laid in $home/data/repositories"
	exit
fi

# archive NAME: a tar archive of the server, from its parts.
archive() {
	while IFS=$tab read -r sha suffix bytes name; do
		: "$bytes"
		case $name in
		"$1".tar.*) ;;
		*) continue ;;
		esac
		case $suffix in
		.zst) zstd -dcq <"$store/objects/$(printf '%.2s' "$sha")/$sha.zst" ;;
		*) pour "$sha" "$suffix" ;;
		esac
	done <"$set/db/FILES.tsv"
}
# lay_server: the files of a database server, its WAL, where to stop.
lay_server() {
	chmod 700 "$dump"
	# Its links lead to where the old server had its tablespaces.
	archive base | tar -x -p -C "$dump" --exclude='pg_tblspc/*' -f - ||
		die "the data folder was not restored"
	while IFS=$tab read -r number folder; do
		: "$folder"
		mkdir -p "$dump.tablespaces/$number"
		archive "$number" | tar -x -p -C "$dump.tablespaces/$number" -f - ||
			die "a tablespace was not restored"
		ln -s "$dump.tablespaces/$number" "$dump/pg_tblspc/$number"
	done <"$set/db/TABLESPACES.tsv"
	while IFS=$tab read -r sha suffix bytes name; do
		case $name in
		*.tar.*) ;;
		*) pour "$sha" "$suffix" >"$dump/pg_wal/$name" ;;
		esac
	done <"$set/db/FILES.tsv"
	cp -- "$set/db/backup_manifest" "$dump/backup_manifest"
	point=$(sed -n 's|^  "lsn": "\([0-9A-F/]*\)".*|\1|p' "$set/SNAPSHOT.json")
	[ -n "$point" ] || die "the set tells no point to recover to"
	cat >>"$dump/postgresql.auto.conf" <<-END

		# Recovery to the point of the backup set; all WAL lies in pg_wal.
		restore_command = '/bin/false'
		recovery_target = ''
		recovery_target_name = ''
		recovery_target_time = ''
		recovery_target_xid = ''
		recovery_target_lsn = '$point'
		recovery_target_inclusive = off
		recovery_target_timeline = 'current'
		recovery_target_action = 'promote'
	END
	: >"$dump/recovery.signal"
}

if [ -n "$dump" ] && [ -e "$set/db/backup_manifest" ]; then
	echo "restoring the database server's files"
	lay_server
elif [ -n "$dump" ] && [ ! -e "$set/db/toc.dat" ]; then
	echo "the set holds no database for pg_restore"
elif [ -n "$dump" ]; then
	echo "restoring the database's dump"
	cp -- "$set/db/toc.dat" "$dump/toc.dat"
	while IFS=$tab read -r sha suffix bytes name; do
		: "$bytes"
		pour "$sha" "$suffix" >"$dump/$name"
	done <"$set/db/FILES.tsv"
fi

# Last, so that half a home can't start.
rm -f "$marker"
lay 'properties*' "$home"
echo "restored: $home"
