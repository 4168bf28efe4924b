# Actions of walk.sh by the REST API of rolling upgrades.
#
#     BITBUCKET_URL          as users know it, or a node's own address
#     BITBUCKET_CURL         file for `curl --config`, mode 0600:
#                            user = "svc-upgrade:password"
#     BITBUCKET_NODE_UPGRADE command NODE VERSION that stops, upgrades and
#                            starts one node; the API can't do that
# shellcheck shell=sh

zdu() { # METHOD PATH
	curl -sSf -m 60 --config "$BITBUCKET_CURL" -X "$1" \
		-H 'Content-Type: application/json' "$BITBUCKET_URL/rest/zdu/$2"
}
zdu_state() { zdu GET cluster | jq -er .state; }

upgrade_begin() {
	case $(zdu_state) in
	STABLE) zdu POST start >/dev/null ;;
	READY_TO_UPGRADE | MIXED) ;;
	*) return 1 ;;
	esac
}
upgrade_node() {
	# What is there and ACTIVE already, a run before this one did.
	zdu GET cluster | jq -e --arg node "$1" --arg to "$2" '.nodes |
		any(.name == $node and .version == $to and .state == "ACTIVE")
		' >/dev/null && return 0
	$BITBUCKET_NODE_UPGRADE "$1" "$2"
}
upgrade_end() {
	case $(zdu_state) in
	READY_TO_RUN_UPGRADE_TASKS) zdu POST approve >/dev/null ;;
	UPGRADE_TASKS_FAILED) zdu POST retryUpgrade >/dev/null ;;
	RUNNING_UPGRADE_TASKS | STABLE) ;;
	*) return 1 ;;
	esac
}
