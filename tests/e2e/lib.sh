# Sourced by every scenario: a folder of its own, TAP, and helpers.
# On failure the folder stays, and command, status and output are shown.
# shellcheck shell=sh
set -u
here=$(CDPATH='' cd -- "$(dirname "$0")/../.." && pwd)
build=${GONOGO_BUILD:-$here/build}
PATH=$build:$PATH
export PATH
# The scenario's own folder is short: PostgreSQL sockets lie in it.
work=$(mktemp -d "${TMPDIR:-/tmp}/gng.XXXXXX") || exit 70
chmod 755 "$work"
cd "$work" || exit 70
export XDG_STATE_HOME="$work/state" STATE_DIRECTORY="$work/state"
count=0 failures=0 out=$work/.out err=$work/.err status=0

# at_end COMMAND: run it when the scenario leaves, last one first.
cleanups=:
at_end() { cleanups="$1; $cleanups"; }
leave() {
	code=$?
	trap - EXIT
	eval "$cleanups"
	if [ "$failures" = 0 ] && [ "$code" = 0 ]; then
		cd / && rm -rf "$work"
	else
		echo "# kept: $work"
	fi
	exit "$code"
}
trap leave EXIT
trap 'exit 130' INT TERM

# run COMMAND...: its stdout, stderr and status are kept for the checks.
run() {
	status=0
	"$@" >"$out" 2>"$err" </dev/null || status=$?
	return 0
}
exits() {
	wanted=$1
	shift
	run "$@"
	[ "$status" = "$wanted" ]
}
said() { grep -qE -- "$1" "$out" "$err"; }

# check "what it shows" 'shell words': one line of TAP.
check() {
	count=$((count + 1))
	if eval "$2"; then
		echo "ok $count - $1"
	else
		failures=$((failures + 1))
		echo "not ok $count - $1"
		echo "# command: $2" | tr '\n' ' '
		echo
		echo "# last status: $status"
		sed 's/^/# out: /' "$out" 2>/dev/null | tail -n 30
		sed 's/^/# err: /' "$err" 2>/dev/null | tail -n 30
	fi
}
bail() {
	echo "Bail out! ${1:-the scenario could not be set up}"
	sed 's/^/# err: /' "$err" 2>/dev/null | tail -n 30
	failures=1
	exit 70
}
# The scenario's last word.
plan() {
	echo "1..$count"
	[ "$failures" = 0 ]
}

. "$here/tests/harness/cluster.sh"
