# Sourced by the scenarios of the simulated cluster: one that runs, and words
# for asking it.
# shellcheck shell=sh source=tests/e2e/lib.sh disable=SC2016,SC2034,SC2154
. "${0%/*}/lib.sh"

# ask USER METHOD URL [CURL OPTIONS]: the body is in $out, the headers in
# ./head, the code in $code; $status is curl's own.
ask() {
	who=$1 how=$2 where=$3
	shift 3
	[ "$who" = - ] || set -- -u "$who:$who" "$@"
	[ "$how" = HEAD ] && set -- -I "$@"
	status=0
	: >"$out"
	code=$(curl -sS --noproxy '*' -m 5 -o "$out" -D head \
		-w '%{http_code}' -X "$how" "$@" "$where" 2>"$err") || status=$?
}
# answers CODE USER METHOD URL [CURL OPTIONS]
answers() {
	expected=$1
	shift
	ask "$@"
	[ "$status" = 0 ] && [ "$code" = "$expected" ]
}
# breaks CURL_STATUS USER METHOD URL [CURL OPTIONS]
breaks() {
	expected=$1
	shift
	ask "$@"
	[ "$status" = "$expected" ]
}
# holds JQ_PREDICATE: of the last body.
holds() { jq -e "$1" "$out" >/dev/null 2>"$err"; }
text() { jq -r "$1" "$out"; }
told() { simctl "$@" >"$out" 2>"$err"; }
eventually() { told wait "$1" 30; }

umask 077
echo admin >password
sim_start --admin-password-file password || bail "no simulator"
rest=$SIM_URL/rest/api/latest
upm=$SIM_URL/rest/plugins/1.0
mvc=$SIM_NODE_1/mvc
shop=$SIM_MARKETPLACE/rest/2
token=none cancel=none stale=none
lock() {
	answers 202 admin POST "$mvc/maintenance/lock" &&
		token=$(text .unlockToken)
}
unlock() { answers 200 admin DELETE "$mvc/maintenance/lock?token=$token"; }
date_off() { # SECONDS from our clock, by the last answer
	stamp=$(sed -n "s/^[Dd]ate: //p" head | tr -d '\r')
	off=$(($(date -d "$stamp" +%s) - $(date +%s) - $1))
	[ "$off" -ge -3 ] && [ "$off" -le 3 ]
}
