#!/bin/sh
# What gonogo asks of one node, where nobody installs a program: cores, memory,
# disk, system, Git, time zone, the limits and the Java of the running
# Bitbucket, and checksums of the files in its bin/ and conf/. It needs no root,
# changes nothing, asks no other machine, and reads no password.
#
#     sh node.sh HOME [INSTALL] >bb-1.tar      HOME is this node's own home,
#                                              INSTALL Bitbucket's programs
#     gonogo audit collect -c gonogo.conf --node bb-1=bb-1.tar
set -u
LC_ALL=C
export LC_ALL
home=${1:?usage: sh node.sh HOME [INSTALL] >node.tar}
install=${2-}
[ -d "$home" ] || {
	echo "node.sh: $home is no folder" >&2
	exit 64
}
umask 077
out=$(mktemp -d) || exit 74
trap 'rm -rf "$out"' EXIT
trap 'exit 130' INT TERM

uname -n >"$out/name"
date -u +%Y-%m-%dT%H:%M:%SZ >"$out/at"
uname -sr >"$out/kernel"
grep -c '^processor' /proc/cpuinfo >"$out/cores"
cat /proc/meminfo >"$out/meminfo"
cat /etc/os-release >"$out/os-release" 2>/dev/null
readlink /etc/localtime >"$out/zone"
git --version >"$out/git" 2>/dev/null
df -Pk "$home" | awk 'NR == 2 {print $4, $2}' >"$out/space"

# The process that runs this home; of others' processes nothing can be read.
pid=
for each in /proc/[0-9]*; do
	tr '\0' '\n' <"$each/cmdline" 2>/dev/null |
		grep -qxF -e "-Dbitbucket.home=$home" && pid=$each && break
done 2>/dev/null
if [ -n "$pid" ]; then
	cat "$pid/limits" >"$out/limits" 2>/dev/null
	java=$(readlink "$pid/exe") &&
		cat "${java%/*}/../release" >"$out/release" 2>/dev/null
else
	echo "no process with -Dbitbucket.home=$home could be seen here" \
		>"$out/no-process"
fi

if [ -n "$install" ]; then
	cd "$install" || exit 64
	for each in bin/* conf/*; do
		[ -f "$each" ] && [ ! -L "$each" ] &&
			[ "$(wc -c <"$each")" -le 1048576 ] &&
			sha256sum "$each"
	done >"$out/install"
fi
# Written last: without it the look broke off.
echo end >"$out/end"
cd "$out" && tar -cf - ./*
