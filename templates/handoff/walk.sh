#!/bin/sh
# Walks a rolling upgrade node by node, and asks the gate before each step.
#
#     walk.sh ACTIONS BUNDLE TRUST SETTINGS [PHASE]
#
# ACTIONS is a file of shell functions that do what the gate lets through:
#     upgrade_begin          upgrade mode on; nothing where it is on
#     upgrade_node NODE TO   NODE leaves, gets version TO, and starts
#     upgrade_end            finalise; nothing where that is done
# Each may be called again after a break.  rest.sh and ssh.sh lie beside this.
#
# Run again after any stop, it goes on where it stopped: the gate's ledger knows.
# GATE_PAUSE seconds lie between two questions of one step [30], and GATE_TRIES
# are asked at most [60].  GATE_ACCEPT=--accept-conditional lets warnings pass.
# Ends with 0, or with the gate's code and its advice on standard error.
set -u

[ $# -ge 4 ] || {
	sed -n 's/^#     walk/usage: walk/p' "$0" >&2
	exit 64
}
actions=$1 bundle=$2 trust=$3 settings=$4 phase=${5:-next}
pause=${GATE_PAUSE:-30} tries=${GATE_TRIES:-60} left=${GATE_TRIES:-60}

# shellcheck source=templates/handoff/rest.sh
. "$actions"

of() { printf '%s\n' "$answer" | jq -r "$1"; }
stop() {
	echo "stopped at $(of '.phase // "the first question"'):" >&2
	of '.reasons[]? | "  " + .text' >&2
	of '.safe_next | select(.) | "safe: " + .' >&2
	exit "$1"
}
# The step was let through; a broken act is no reason to cancel anything.
act() {
	"$@" || {
		echo "failed: $*" >&2
		echo "safe: mend it, then run this again; do not cancel" >&2
		exit 74
	}
}

while :; do
	# shellcheck disable=SC2086 # one option, or none
	answer=$(gonogo report gate --bundle "$bundle" --trust "$trust" \
		-c "$settings" --phase "$phase" --json ${GATE_ACCEPT:-})
	code=$?
	case $code in
	0) ;;
	60 | 69 | 75) # later, unreachable, busy
		left=$((left - 1))
		[ "$left" -gt 0 ] || stop "$code"
		sleep "$pause"
		continue
		;;
	*) stop "$code" ;;
	esac
	left=$tries
	echo "go: $(of .phase)" >&2
	case $(of .phase) in
	open) act upgrade_begin ;;
	node-drain:*) act upgrade_node "$(of .node)" "$(of .target)" ;;
	finalize) act upgrade_end ;;
	esac
	phase=$(of '.then // empty')
	[ -n "$phase" ] || exit 0
done
