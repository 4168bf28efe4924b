#!/bin/sh
# The simulated cluster keeps what is known of the product: states, tokens,
# permissions, pages; and each fault harms in its own way.
# shellcheck source=tests/e2e/lib.sh disable=SC2016,SC2034,SC2154,SC2317
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
token=none cancel=none stale=none

# ---- the instance ----
check 'a node says RUNNING to anybody' '
	answers 200 - GET "$SIM_NODE_2/status" && holds ".state == \"RUNNING\""'
check 'nothing is outside the context path' '
	answers 404 - GET "${SIM_NODE_1%/bitbucket}/status"'
check 'the version is told without a login, in strings' '
	answers 200 - GET "$SIM_URL/rest/api/1.0/application-properties" &&
	holds ". == {version: \"9.4.22\", buildNumber: \"9004022\",
		buildDate: .buildDate, displayName: \"Bitbucket\"}"'
check 'the manifest is XML unless JSON is asked for' '
	answers 200 - GET "$SIM_URL/rest/applinks/1.0/manifest" &&
	grep -q "<version>9.4.22</version>" "$out" &&
	answers 200 - GET "$SIM_URL/rest/applinks/1.0/manifest" \
		-H "Accept: application/json" && holds ".version == \"9.4.22\""'
check 'three members, one of them local' '
	answers 200 admin GET "$SIM_NODE_2/rest/api/latest/admin/cluster" &&
	holds ".running and (.nodes | length == 3) and
		([.nodes[] | select(.local)] == [.localNode]) and
		.localNode.name == \"bb-node-2\""'
check 'the balancer takes the nodes in turn' '
	for i in 1 2 3; do
		ask admin GET "$rest/admin/cluster"
		text .localNode.name
	done | sort -u | wc -l | grep -qx 3'
check 'the licence comes with its secret and its days left' '
	answers 200 auditor GET "$rest/admin/license" &&
	holds ".license and .numberOfDaysBeforeMaintenanceExpiry > 100 and
		.status.serverId == .serverId and (has(\"dataCenter\") | not)"'
check 'without a licence there is 404' '
	told world "{\"license\": null}" &&
	answers 404 admin GET "$rest/admin/license"'
told world '{"license": {"serverId": "BDXV-4K2M-9QWE-77AA"}}'
check 'an unknown path is 404, a wrong method 405' '
	answers 404 admin GET "$rest/no/such" && holds ".errors[0].message" &&
	answers 405 admin DELETE "$rest/admin/cluster"'

# ---- who may ----
check 'no login and a wrong one are 401' '
	answers 401 - GET "$rest/admin/cluster" && holds ".errors[0].context == null" &&
	answers 401 admin GET "$rest/admin/cluster" -u admin:wrong &&
	holds ".errors[0].exceptionName | test(\"IncorrectPassword\")"'
check 'a missing permission is 401 on admin resources' '
	answers 401 user GET "$rest/admin/license" &&
	answers 401 auditor GET "$rest/admin/cluster" &&
	answers 401 nobody GET "$SIM_URL/dashboard" &&
	answers 200 user GET "$SIM_URL/dashboard"'
check 'a Bearer token reads projects but never as an administrator' '
	answers 200 - GET "$rest/projects" -H "Authorization: Bearer admin-token" &&
	answers 401 - GET "$rest/admin/cluster" \
		-H "Authorization: Bearer admin-token" &&
	holds ".errors[0].message | test(\"permission: ADMIN\")"'
check 'a secure session, when it is asked for, is missed' '
	told world "{\"security\": {\"websudo\": true}}" &&
	answers 401 admin GET "$upm/" -H "Accept: application/json" &&
	holds ".subCode == \"upm.websudo.error\"" &&
	answers 200 admin HEAD "$upm/?os_authType=basic" &&
	grep -qi "^upm-token: [0-9a-f]" head'
check 'Basic can be switched off' '
	told world "{\"security\": {\"websudo\": false, \"basic_auth\": false}}" &&
	answers 401 admin GET "$rest/admin/cluster" &&
	holds ".errors[0].message | test(\"Basic auth\")"'
told world '{"security": {"basic_auth": true}}'

# ---- maintenance ----
check 'there is no lock at first' '
	answers 404 admin GET "$mvc/maintenance/lock" &&
	answers 404 admin GET "$mvc/maintenance" &&
	answers 404 admin DELETE "$mvc/maintenance/lock?token=x" &&
	answers 409 admin POST "$mvc/admin/backups?external=true" \
		-H "X-Atlassian-Maintenance-Token: x"'
check 'only a system administrator locks' '
	answers 401 auditor POST "$mvc/maintenance/lock"'
check 'locking is accepted and gives a token' '
	answers 202 backup POST "$mvc/maintenance/lock" &&
	token=$(text .unlockToken) && [ "${#token}" = 40 ] &&
	holds ".owner == {name: \"backup\", displayName: \"Backup Service\"}"'
check 'a second lock is refused, whoever asks' '
	answers 409 admin POST "$SIM_NODE_2/mvc/maintenance/lock" &&
	holds ".errors[0].message"'
check 'the whole cluster says so, with status 200' '
	answers 200 - GET "$SIM_NODE_3/status" &&
	holds ".state == \"MAINTENANCE\"" &&
	answers 200 admin GET "$SIM_NODE_3/mvc/maintenance/lock" &&
	holds ".owner.name == \"backup\""'
check 'users get the maintenance page' '
	answers 503 user GET "$SIM_URL/dashboard" &&
	answers 503 user GET "$rest/projects" && grep -q "<html" "$out" &&
	grep -qi "^content-type: text/html" head'
check 'locked without a task nothing is latched' '
	answers 200 admin GET "$mvc/maintenance" \
		-H "X-Atlassian-Maintenance-Token: $token" &&
	holds ". == {\"db-state\": \"AVAILABLE\", \"scm-state\": \"AVAILABLE\"}"'
check 'a backup needs the right token' '
	answers 409 admin POST "$mvc/admin/backups?external=true" &&
	answers 409 admin GET "$mvc/maintenance" \
		-H "X-Atlassian-Maintenance-Token: wrong"'
start_backup() {
	answers 202 admin POST "$mvc/admin/backups?external=true" \
		-H "X-Atlassian-Maintenance-Token: $token" &&
		cancel=$(text .cancelToken) && [ "$cancel" = "$(text .id)" ]
}
poll() {
	answers 200 admin GET "$mvc/maintenance" \
		-H "X-Atlassian-Maintenance-Token: $token"
}
until_drained() {
	for _ in $(seq 50); do
		poll || return 1
		holds '."scm-state" == "DRAINED" and ."db-state" == "DRAINED"' &&
			return
		sleep 0.05
	done
	return 1
}
progress() {
	answers "$1" admin POST \
		"$mvc/admin/backups/progress/client?token=$token&percentage=$2"
}
check 'the drain is latched first, operation by operation' '
	told maintenance "{\"git_drain_ms\": 60000, \"git_operations\": 9}" &&
	start_backup && poll &&
	holds ".\"scm-state\" == \"LATCHED\" and .task.state == \"RUNNING\" and
		.task.type == \"BACKUP\" and .task.progress.percentage < 30" &&
	[ "$(simctl state .maintenance.git_operations)" -gt 0 ]'
check 'and drained in the end' '
	told maintenance "{\"git_drain_ms\": 50}" && until_drained && holds ".task.state == \"RUNNING\"" &&
	[ "$(simctl state .maintenance.git_operations)" = 0 ]'
check 'a second backup meanwhile is refused' '! start_backup && [ "$code" = 409 ]'
check 'progress is reported with the unlock token' '
	progress 202 50 && poll && holds ".task.progress.percentage == 50" &&
	progress 400 101 &&
	answers 409 admin POST \
	"$mvc/admin/backups/progress/client?token=$cancel&percentage=60"'
check '100 ends the task and lets go' '
	progress 202 100 && poll &&
	holds ".task.state == \"SUCCESSFUL\" and .\"scm-state\" == \"AVAILABLE\""'
check 'unlocking takes the token' '
	answers 409 admin DELETE "$mvc/maintenance/lock?token=$cancel" &&
	answers 409 admin DELETE "$mvc/maintenance/lock" &&
	answers 200 admin DELETE "$mvc/maintenance/lock?token=$token" &&
	answers 404 admin DELETE "$mvc/maintenance/lock?token=$token" &&
	answers 404 admin GET "$mvc/maintenance" &&
	answers 200 user GET "$SIM_URL/dashboard"'
lock() {
	answers 202 admin POST "$mvc/maintenance/lock" &&
		token=$(text .unlockToken)
}
unlock() { answers 200 admin DELETE "$mvc/maintenance/lock?token=$token"; }
told maintenance '{"git_drain_ms": 20, "database_drain_ms": 10}'
check 'unlocked before 100, the task stays behind and blocks the next' '
	lock && start_backup && until_drained && unlock &&
	answers 200 admin GET "$mvc/maintenance" &&
	holds ".task.state == \"RUNNING\"" && stale=$cancel &&
	lock && ! start_backup && [ "$code" = 409 ]'
check 'its own token cancels it; the lock is not released by that' '
	answers 409 admin POST "$mvc/maintenance?token=wrong" &&
	answers 202 admin POST "$mvc/maintenance?token=$stale" &&
	answers 200 admin GET "$mvc/maintenance/lock" && start_backup'
check 'cancelling a task of this lock leaves it CANCELED' '
	answers 202 admin POST "$mvc/maintenance?token=$cancel" && poll &&
	holds ".task.state == \"CANCELED\"" &&
	answers 404 admin POST "$mvc/maintenance?token=$cancel" && unlock'
check 'a task fails on command' '
	lock && start_backup && told maintenance "{\"action\": \"fail\"}" &&
	poll && holds ".task.state == \"FAILED\"" && unlock &&
	told maintenance "{\"fail_after_ms\": 40}" && lock && start_backup &&
	sleep 0.1 && poll && holds ".task.state == \"FAILED\"" && unlock'
check 'without external=true Bitbucket writes a backup itself' '
	lock && answers 202 admin POST "$mvc/admin/backups" \
		-H "X-Atlassian-Maintenance-Token: $token" && holds .id &&
	poll && holds ".task.type == \"BACKUP\""'
check 'the console breaks a lock that nobody holds a token of' '
	told maintenance "{\"action\": \"break\"}" &&
	answers 404 admin GET "$mvc/maintenance/lock"'
check 'locks, unlocks and the time between are counted' '
	told state .maintenance && holds ".locks == .unlocks and .locks == 6 and
		.locked_ms > 0 and (.locked | not)"'
check 'the newer page tells the same' '
	lock && answers 200 admin GET "$SIM_NODE_2/system/maintenance" &&
	holds ".\"db-state\"" && unlock'

# ---- rolling upgrade ----
zdu=$SIM_NODE_1/rest/zdu
state_is() { answers 200 admin GET "$zdu/cluster" && holds ".state == \"$1\""; }
back() {
	told node "{\"node\": \"$1\", \"action\": \"upgrade\",
		\"version\": \"$2\", \"drain_ms\": 10, \"stop_ms\": 10,
		\"down_ms\": 10, \"start_ms\": 10}"
}
check 'a cluster is STABLE with the mode off' '
	state_is STABLE && holds ".upgradeModeEnabled == false and
	.originalVersion == \"9.4.22\" and (.nodes | map(.state) == [\"ACTIVE\",
	\"ACTIVE\", \"ACTIVE\"]) and .nodes[0].buildNumber == \"9004022\""'
check 'a plain administrator has no part in it' '
	answers 401 - GET "$zdu/cluster" && answers 403 auditor GET "$zdu/cluster"'
check 'each step starts from its own state only' '
	answers 409 admin POST "$zdu/cancel" && answers 409 admin POST "$zdu/approve" &&
	answers 409 admin POST "$zdu/retryUpgrade"'
check 'a node of another version may not join with the mode off' '
	back bb-node-2 9.4.23 && eventually ".nodes[1].state == \"ERROR\"" &&
	answers 500 - GET "$SIM_NODE_2/status" && holds ".state == \"ERROR\"" &&
	answers 503 admin GET "$SIM_NODE_2/rest/zdu/cluster"'
back bb-node-2 9.4.22 && eventually '.nodes[1].state == "ACTIVE"'
check 'the mode is switched on and off, also by the old paths' '
	answers 200 admin POST "$zdu/cluster/start" &&
	holds ".state == \"READY_TO_UPGRADE\" and .upgradeModeEnabled" &&
	answers 409 admin POST "$zdu/start" && answers 200 admin POST "$zdu/cancel" &&
	state_is STABLE && answers 200 admin POST "$zdu/start"'
old=$(simctl state '.nodes[0].id')
walk() { # NUMBER of the node: through its upgrade
	back "bb-node-$1" 9.4.23 && eventually ".nodes[$1 - 1] |
		.version == \"9.4.23\" and .state == \"ACTIVE\""
}
check 'a draining node finishes its tasks, then it is gone' '
	zdu=$SIM_NODE_2/rest/zdu &&
	told node "{\"node\": \"bb-node-1\", \"action\": \"stop\",
		\"drain_ms\": 1500, \"stop_ms\": 10}" &&
	answers 200 admin GET "$zdu/nodes/$old" &&
	holds ".state == \"DRAINING\" and .tasksTotal > 0" &&
	eventually ".nodes[0].state == \"OFFLINE\"" &&
	breaks 7 - GET "$SIM_NODE_1/status" &&
	answers 200 admin GET "$zdu/nodes/$old" && holds ".state == \"OFFLINE\""'
check 'and comes back under a new id, the old one listed as OFFLINE' '
	told node "{\"node\": \"bb-node-1\", \"action\": \"start\",
		\"version\": \"9.4.23\"}" &&
	eventually ".nodes[0].state == \"ACTIVE\"" && state_is MIXED &&
	holds "[.nodes[] | select(.name == \"bb-node-1\") | .state] ==
		[\"ACTIVE\", \"OFFLINE\"] and (.nodes | length == 4)" &&
	[ "$(simctl state ".nodes[0].id")" != "$old" ] &&
	answers 200 admin GET "$SIM_NODE_2/rest/api/latest/admin/cluster" &&
	holds "[.nodes[].buildVersion] == [\"9.4.23\", \"9.4.22\", \"9.4.22\"]"'
check 'a mixed cluster neither cancels nor finalises' '
	answers 409 admin POST "$zdu/cancel" && answers 409 admin POST "$zdu/approve"'
check 'an older bug-fix or another line may not join' '
	back bb-node-3 9.5.2 && eventually ".nodes[2].state == \"ERROR\"" &&
	back bb-node-3 9.4.22 && eventually ".nodes[2].state == \"ACTIVE\""'
check 'with every node on the target it waits for approval' '
	walk 2 && walk 3 && state_is READY_TO_RUN_UPGRADE_TASKS &&
	holds ".originalVersion == \"9.4.22\" and .hasFinalizationTasks"'
check 'finalisation can fail, and be tried again' '
	told zdu "{\"fails\": true, \"finalise_ms\": 150}" &&
	answers 200 admin POST "$zdu/approve" &&
	holds ".state == \"RUNNING_UPGRADE_TASKS\"" && sleep 0.25 &&
	state_is UPGRADE_TASKS_FAILED && answers 409 admin POST "$zdu/approve" &&
	answers 200 admin POST "$zdu/retryUpgrade" && sleep 0.25 &&
	state_is STABLE'
check 'the end forgets former lives and the mode' '
	holds "(.nodes | length == 3) and .originalVersion == \"9.4.23\" and
		.upgradeModeEnabled == false" &&
	answers 404 admin GET "$zdu/nodes/$old"'
check 'GET /state tells of the node that answers' '
	answers 200 admin GET "$zdu/state" && holds ".state == \"STABLE\" and
		.buildInfo.local and .buildInfo.version == \"9.4.23\""'
check 'what is not clustered is refused' '
	told world "{\"license\": {\"dataCenter\": false}}" &&
	answers 403 admin GET "$zdu/cluster"'
told world '{"license": {"dataCenter": true}}'
for n in 1 2 3; do told node "{\"node\": \"bb-node-$n\", \"version\": \"9.4.22\"}"; done

# ---- nodes ----
check 'a crashed node is missing at once; the others go on' '
	told node "{\"node\": \"bb-node-3\", \"action\": \"crash\"}" &&
	breaks 7 - GET "$SIM_NODE_3/status" &&
	answers 200 admin GET "$rest/admin/cluster" && holds ".nodes | length == 2" &&
	answers 409 - POST "$SIM_CONTROL/control/node" \
		-d "{\"node\": \"bb-node-3\", \"action\": \"stop\"}"'
check 'while it starts only its status answers' '
	told node "{\"node\": \"bb-node-3\", \"action\": \"start\",
		\"start_ms\": 1500}" &&
	answers 503 - GET "$SIM_NODE_3/status" && holds ".state == \"STARTING\"" &&
	answers 503 admin GET "$SIM_NODE_3/rest/api/latest/admin/cluster" &&
	eventually ".nodes[2].state == \"ACTIVE\""'
date_off() { # SECONDS from our clock, by the last answer
	stamp=$(sed -n "s/^[Dd]ate: //p" head | tr -d '\r')
	off=$(($(date -d "$stamp" +%s) - $(date +%s) - $1))
	[ "$off" -ge -3 ] && [ "$off" -le 3 ]
}
check 'a node has a clock of its own' '
	told node "{\"node\": \"bb-node-2\", \"skew_s\": -900}" &&
	answers 200 - GET "$SIM_NODE_2/status" && date_off -900 &&
	answers 200 - GET "$SIM_NODE_1/status" && date_off 0'
check 'a member may say ERROR' '
	told node "{\"node\": \"bb-node-2\", \"status_error\": true}" &&
	answers 500 - GET "$SIM_NODE_2/status"'
told node '{"node": "bb-node-2", "status_error": false, "skew_s": 0}'

# ---- apps ----
type=application/vnd.atl.plugins
check 'the list of apps is the vendor type, with a token' '
	answers 200 admin GET "$upm/" -H "Accept: $type.installed+json" &&
	grep -qi "^content-type: $type.installed+json" head &&
	grep -qi "^upm-token:" head &&
	holds ".plugins | length == 7 and all(has(\"restartState\"))"'
check 'browsers get a page, other types 406' '
	answers 200 admin GET "$upm/" && grep -q "<html" "$out" &&
	answers 406 admin GET "$upm/" -H "Accept: application/xml"'
check 'one app is told with its modules' '
	answers 200 admin GET "$upm/com.example.bb.checks-key" \
		-H "Accept: $type.plugin+json" &&
	holds ".modules == [] and .version == \"3.2.1\"" &&
	answers 404 admin GET "$upm/no.such-key" -H "Accept: $type.plugin+json"'
check 'newer products are listed with their links' '
	answers 200 admin GET "$upm/product-updates" \
		-H "Accept: $type.product.updates+json" &&
	holds "(.versions | map(.version) | index(\"9.4.23\") and
		(index(\"9.4.22\") | not)) and .hostStatus.pacUnavailable == false"'
link=$(jq -r '.versions[] | select(.version == "9.4.23") | .links.self' "$out")
compatibility() {
	answers 200 admin GET "${SIM_URL%/bitbucket}$link" \
		-H "Accept: $type.compatibility+json, application/json;q=0.5"
}
lists='{c: .compatible, b: .updateRequired,
	a: .updateRequiredAfterProductUpdate, i: .incompatible, u: .unknown}
	| map_values(map(.key) | sort)'
check 'all user-installed apps suit the next bug-fix, disabled ones too' '
	compatibility && holds "$lists | (.c | length == 4) and
		.b == [] and .a == [] and .i == [] and .u == []"'
listing() { # KEY VERSIONS: the marketplace lists only this app
	told world "{\"marketplace\": {\"apps\": [{\"key\": \"$1\",
		\"data_center\": true, \"versions\": [$2]}]}}"
}
range() { echo "{\"version\": \"$1\", \"data_center\": [\"$2\", \"$3\"]}"; }
hooks=org.example.hooks
verdict() { # LETTER: of the app hooks
	compatibility && holds "$lists | .$1 | index(\"$hooks\")"
}
check 'a range includes its ends' '
	listing $hooks "$(range 11.4.0 9.4.23 9.4.23)" && verdict c'
check 'a version for both products is an update before' '
	listing $hooks "$(range 12.0.0 9.4.22 10.2.6),
		$(range 11.4.0 9.0.0 9.4.22)" && verdict b'
check 'a version for the target alone is an update after' '
	listing $hooks "$(range 12.0.0 9.4.23 10.2.6),
		$(range 11.4.0 9.0.0 9.4.22)" && verdict a'
check 'no version is incompatible; a Server range does not count' '
	listing $hooks "{\"version\": \"11.4.0\", \"server\": [\"9.0.0\", \"10.0.0\"]}" &&
	verdict i'
check 'what is not listed is unknown, as is what could not be looked up' '
	holds "$lists | .u | length == 3" &&
	listing $hooks "$(range 11.4.0 9.0.0 10.0.0)" &&
	told world "{\"marketplace\": {\"failing\": [\"$hooks\"]}}" && verdict u'
check 'a Marketplace time-out leaves apps out of every list' '
	told world "{\"marketplace\": {\"failing\": [], \"dropped\": [\"$hooks\"]}}" &&
	compatibility && holds "[.[] | arrays | .[].key] | length == 3 and
		(index(\"$hooks\") | not)"'
told world '{"marketplace": {"dropped": []}}'
check 'an unreachable Marketplace: five empty lists and 200' '
	told world "{\"marketplace\": {\"reachable\": false}}" && compatibility &&
	holds "[.compatible, .updateRequired, .updateRequiredAfterProductUpdate,
		.incompatible, .unknown] | add == []" &&
	answers 200 admin GET "$upm/pac-status" -H "Accept: $type.pac.status+json" &&
	holds ".reachable == false and .disabled == false" &&
	answers 200 admin GET "$upm/product-updates" \
		-H "Accept: $type.product.updates+json" &&
	holds ".versions == [] and .hostStatus.pacUnavailable"'
told world '{"marketplace": {"reachable": true}}'
check 'installing, updating, disabling and removing show at once' '
	told app "{\"action\": \"install\", \"key\": \"org.new\", \"name\": \"New\"}" &&
	told app "{\"action\": \"update\", \"key\": \"org.new\", \"version\": \"2.0\"}" &&
	told app "{\"action\": \"disable\", \"key\": \"org.new\"}" &&
	answers 200 admin GET "$upm/org.new-key" -H "Accept: application/json" &&
	holds ".version == \"2.0\" and .enabled == false and .userInstalled" &&
	told app "{\"action\": \"uninstall\", \"key\": \"org.new\"}" &&
	answers 404 admin GET "$upm/org.new-key" -H "Accept: application/json" &&
	! told app "{\"action\": \"update\", \"key\": \"org.new\", \"version\": \"3\"}"'
events=$SIM_URL/rest/auditing/1.0/events
check 'and leave events, newest first, in pages' '
	answers 200 admin GET "$events?limit=2" && holds "(.entities | length == 2) and
		.pagingInfo.lastPage == false and .pagingInfo.size == 2" &&
	seen=2 && until holds .pagingInfo.lastPage; do
		answers 200 admin GET "$(text .pagingInfo.nextPageLink)" &&
			seen=$((seen + $(text .pagingInfo.size))) || break
	done &&
	answers 200 admin GET "$events?limit=10000" &&
	[ "$(text ".entities | length")" = "$seen" ] && [ "$seen" -gt 7 ] &&
	holds "[.entities[].timestamp] | . == (sort | reverse)" &&
	holds "[.entities[].type.action] | index(\"Plugin uninstalled\") and
		index(\"System backup failed\")"'
check 'a window of time is obeyed' '
	day=$(date -u -d "5 days ago" +%Y-%m-%dT%H:%M:%SZ) &&
	answers 200 admin GET "$events?to=$day" &&
	holds "[.entities[].type.action] == [\"Plugin upgraded\"]" &&
	answers 200 admin GET "$events?from=$day" &&
	holds "[.entities[] | select(.affectedObjects[0].name ==
		\"Example Checks\")] == []"'

# ---- the Marketplace itself ----
shop=$SIM_MARKETPLACE/rest/2
check 'product versions carry build numbers' '
	answers 200 - GET "$shop/applications/bitbucket/versions?limit=3" &&
	holds "(._embedded.versions | length == 3) and ._links.next.href and
		.count == 8" &&
	answers 200 - GET "$shop/applications/bitbucket/versions/name/9.4.23" &&
	holds ".buildNumber == 9004023" &&
	answers 200 - GET "$shop/applications/bitbucket/versions/latest" &&
	holds ".version == \"10.2.6\""'
check 'a collection without entries gives its templates' '
	answers 200 - GET "$shop/addons/$hooks/versions?limit=0" &&
	holds "._embedded.versions == [] and ._links.byName.href"'
check 'versions of an app are selected by build' '
	listing $hooks "$(range 12.0.0 9.4.23 10.2.6),
		$(range 11.4.0 9.0.0 9.4.22)" &&
	answers 200 - GET "$shop/addons/$hooks/versions/latest?application=bitbucket&applicationBuild=9004022" &&
	holds ".name == \"11.4.0\" and .compatibilities[0].hosting.dataCenter ==
		{min: {build: 9000000, version: \"9.0.0\"},
		 max: {build: 9004022, version: \"9.4.22\"}}" &&
	answers 200 - GET "$shop/addons/$hooks?application=bitbucket&applicationBuild=9004023&withVersion=true" &&
	holds "._embedded.version.name == \"12.0.0\"" &&
	answers 404 - GET "$shop/addons/$hooks/versions/latest?applicationBuild=8000000" &&
	answers 404 - GET "$shop/addons/no.such.app"'

# ---- what stands beside ----
check 'mirrors come in pages' '
	told world "{\"mirrors\": [{\"id\": \"a\"}, {\"id\": \"b\"}, {\"id\": \"c\"}]}" &&
	mirrors=$SIM_URL/rest/mirroring/latest/mirrorServers &&
	answers 200 admin GET "$mirrors?limit=2" &&
	holds ".size == 2 and .isLastPage == false and .nextPageStart == 2" &&
	answers 200 admin GET "$mirrors?limit=2&start=2" &&
	holds ".isLastPage and .nextPageStart == null and .values[0].lastSeenDate" &&
	answers 200 admin GET "$mirrors/b" && answers 404 admin GET "$mirrors/x"'
check 'Mesh nodes come in the three forms that the documents allow' '
	told world "{\"mesh\": {\"nodes\": [{\"id\": \"1\", \"name\": \"mesh-1\",
		\"state\": \"OFFLINE\"}]}}" &&
	answers 200 admin GET "$rest/admin/git/mesh/nodes" &&
	holds ".[0].offline and .[0].lastSeenDate > 1700000000000" &&
	told world "{\"mesh\": {\"form\": \"page\"}}" &&
	answers 200 admin GET "$rest/admin/git/mesh/nodes" && holds ".values[0].id" &&
	told world "{\"mesh\": {\"form\": \"object\"}}" &&
	answers 200 admin GET "$rest/admin/git/mesh/nodes" && holds ".id == \"1\"" &&
	answers 200 admin GET "$rest/admin/git/mesh/diagnostics/connectivity" &&
	holds "(.reports | length == 3) and
		.reports[0].summaries[0].summary.reachable == false"'
check 'a Mesh migration is told, or 404' '
	answers 404 admin GET "$rest/migration/mesh/summary" &&
	told world "{\"mesh\": {\"migration\": {\"state\": \"RUNNING\", \"progress\": 40}}}" &&
	answers 200 admin GET "$rest/migration/mesh/summary" && holds ".progress == 40"'
tools=$SIM_URL/rest/troubleshooting/1.0
check 'health checks run at once and in the background' '
	answers 200 admin GET "$tools/check" &&
	holds ".statuses | length == 3 and all(.isHealthy == .healthy)" &&
	told world "{\"health_process_ms\": 60000}" &&
	answers 200 admin POST "$tools/check/process" && id=$(text .processId) &&
	answers 404 admin GET "$tools/check/process/$id/results" &&
	answers 400 admin GET "$tools/check/process/x/results" &&
	told world "{\"health_process_ms\": 0}" &&
	answers 200 admin POST "$tools/check/process" && id=$(text .processId) &&
	answers 200 admin GET "$tools/check/process/$id/results" &&
	holds ".statuses[0].completeKey" && answers 200 admin GET "$tools/lastRun" &&
	told world "{\"health_run\": null}" &&
	answers 204 admin GET "$tools/lastRun"'
check 'pre-upgrade data says which versions roll, or has none' '
	answers 200 admin GET "$tools/pre-upgrade/info?zdu=true" &&
	holds "[.versions[] | select(.isZduAvailable) | .shortName] == [\"9.4.23\"]" &&
	told world "{\"pre_upgrade\": {\"available\": false}}" &&
	answers 500 admin GET "$tools/pre-upgrade/info?zdu=true"'
check 'the banner is put up and taken down' '
	answers 204 admin GET "$rest/admin/banner" &&
	answers 204 admin PUT "$rest/admin/banner" \
		-d "{\"message\": \"Upgrade tonight\", \"enabled\": true}" &&
	answers 200 admin GET "$rest/admin/banner" && holds .enabled &&
	answers 204 admin DELETE "$rest/admin/banner"'

# ---- rate limit ----
check 'over the limit there is 429 and a time to wait' '
	told world "{\"rate_limit\": {\"enabled\": true, \"capacity\": 3,
		\"fill_rate\": 0}}" &&
	for i in 1 2 3; do
		answers 200 user GET "$SIM_NODE_1/rest/api/latest/projects" || break
	done && answers 429 user GET "$SIM_NODE_1/rest/api/latest/projects" &&
	grep -qi "^retry-after: [0-9]" head'
check 'each node and user has a bucket of its own, filled by time' '
	answers 200 user GET "$SIM_NODE_2/rest/api/latest/projects" &&
	answers 200 admin GET "$SIM_NODE_1/rest/api/latest/admin/rate-limit/settings" &&
	holds ".enabled and .defaultSettings.capacity == 3" &&
	told world "{\"rate_limit\": {\"fill_rate\": 1000}}" && sleep 0.1 &&
	answers 200 user GET "$SIM_NODE_1/rest/api/latest/projects"'
told world '{"rate_limit": {"enabled": false}}'

# ---- faults ----
target=$SIM_NODE_1/rest/api/latest/admin/license
spoil() { told clear && told fault "{\"path\": \"/rest/api\", $1}"; }
check 'refuse closes the port, or resets a request' '
	told fault "{\"kind\": \"refuse\", \"node\": \"bb-node-1\"}" &&
	breaks 7 admin GET "$target" && answers 200 - GET "$SIM_NODE_2/status" &&
	told clear && answers 200 admin GET "$target" &&
	spoil "\"kind\": \"refuse\"" && ask admin GET "$target" &&
	{ [ "$status" = 56 ] || [ "$status" = 52 ]; }'
check 'reset and cut break in the middle of the body' '
	spoil "\"kind\": \"reset\"" && breaks 56 admin GET "$target" &&
	[ -s "$out" ] && ! holds . && spoil "\"kind\": \"cut\"" &&
	breaks 18 admin GET "$target" && [ -s "$out" ] && ! holds .'
check 'lost acts without an answer, and so does a reset without a body' '
	told clear && told fault "{\"path\": \"/mvc\", \"kind\": \"lost\",
		\"count\": 1}" &&
	breaks 28 admin POST "$mvc/maintenance/lock" -m 0.3 &&
	answers 409 admin POST "$mvc/maintenance/lock" &&
	told maintenance "{\"action\": \"break\"}" && lock &&
	told fault "{\"path\": \"/mvc\", \"kind\": \"reset\", \"count\": 1}" &&
	! unlock && [ "$status" != 0 ] &&
	answers 404 admin GET "$mvc/maintenance/lock"'
check 'timeout never answers, drip only slowly' '
	spoil "\"kind\": \"timeout\"" && breaks 28 admin GET "$target" -m 0.3 &&
	[ ! -s "$out" ] && spoil "\"kind\": \"drip\", \"ms\": 200" &&
	breaks 28 admin GET "$target" -m 1 && [ -s "$out" ] &&
	spoil "\"kind\": \"drip\", \"ms\": 5, \"bytes\": 64" &&
	answers 200 admin GET "$target" && holds .serverId'
check 'every status comes with an error body' '
	for wanted in 401 403 404 429 500 503; do
		spoil "\"kind\": \"status\", \"status\": $wanted, \"retry_after_s\": 7" &&
			answers $wanted admin GET "$target" &&
			holds ".errors[0].message" &&
			grep -qi "^retry-after: 7" head || break
	done && [ "$code" = 503 ]'
check 'empty and truncated answers claim to be whole' '
	spoil "\"kind\": \"empty\"" && answers 200 admin GET "$target" &&
	[ ! -s "$out" ] && spoil "\"kind\": \"truncated\"" &&
	answers 200 admin GET "$target" && [ -s "$out" ] && ! holds .'
check 'wrong types, wrong shapes, HTML, empty lists' '
	spoil "\"kind\": \"wrong-type\"" &&
	answers 200 admin GET "$rest/admin/cluster" &&
	holds ".running == \"true\" and .localNode.address.port == \"5701\" and
		(.localNode.name | type == \"number\")" &&
	spoil "\"kind\": \"wrong-shape\"" && answers 200 admin GET "$target" &&
	holds "type == \"array\"" && spoil "\"kind\": \"html\"" &&
	answers 200 admin GET "$target" && grep -q "<html" "$out" &&
	spoil "\"kind\": \"empty-lists\"" &&
	answers 200 admin GET "$rest/admin/cluster" && holds ".nodes == [] and .running"'
check 'five empty lists with status 200 on command' '
	told clear &&
	told fault "{\"path\": \"/rest/plugins\", \"kind\": \"empty-lists\"}" &&
	compatibility && holds "[.[] | arrays] | length == 5 and add == []"'
check 'another host answers with its own identity' '
	spoil "\"kind\": \"other-host\"" && answers 200 admin GET "$target" &&
	holds ".serverId == \"BZZZ-0000-0000-0001\"" &&
	answers 200 - GET "$rest/application-properties" &&
	holds ".version == \"8.19.5\"" && answers 200 admin GET "$rest/admin/cluster" &&
	holds ".nodes | length == 1"'
check 'skew moves the date of some answers' '
	spoil "\"kind\": \"skew\", \"skew_s\": 600" &&
	answers 200 admin GET "$target" && date_off 600 &&
	answers 200 - GET "$SIM_NODE_1/status" && date_off 0'
check 'a fault skips, counts, and knows method, node and exact path' '
	told clear && told fault "{\"path\": \"/status\", \"exact\": true,
		\"method\": \"GET\", \"node\": \"bb-node-2\", \"kind\": \"html\",
		\"skip\": 1, \"count\": 2}" &&
	for i in 1 2 3 4; do
		ask - GET "$SIM_NODE_2/status"
		grep -c "<html" "$out"
	done | tr -d "\n" | grep -qx 0110 && answers 200 - GET "$SIM_NODE_1/status" &&
	holds .state'
check 'the Marketplace breaks, too' '
	told clear && told fault "{\"node\": \"marketplace\", \"kind\": \"status\",
		\"status\": 503}" && answers 503 - GET "$shop" && told clear &&
	answers 200 - GET "$shop"'
check 'a wish that makes no sense is refused' '
	! told fault "{\"kind\": \"no\"}" && ! told fault "no JSON" &&
	! told node "{\"node\": \"no\"}" && ! told app "{\"action\": \"eat\",
		\"key\": \"x\"}" && ! told no-such-verb'
check 'the journal knows who asked what, and keeps no token' '
	told forget && lock && unlock && told journal &&
	holds ". | map([.node, .method, .path, .user, .status]) ==
		[[\"bb-node-1\", \"POST\", \"/mvc/maintenance/lock\", \"admin\", 202],
		 [\"bb-node-1\", \"DELETE\", \"/mvc/maintenance/lock\", \"admin\", 200]]" &&
	! grep -q "$token" "$out" && told state && holds ".requests > 100" &&
	! grep -q "\"password\"" "$out"'

# ---- HTTPS, ports, leaving ----
certificate() { # NAME START END, as openssl ca wants its dates
	openssl req -new -newkey rsa:2048 -nodes -subj /CN=localhost \
		-keyout "$1.key" -out "$1.csr" 2>"$err" &&
		mkdir -p ca && : >ca/index && echo 01 >ca/serial &&
		openssl ca -batch -selfsign -config ca.conf -in "$1.csr" \
			-keyfile "$1.key" -out "$1.pem" -notext \
			-startdate "$2" -enddate "$3" >"$out" 2>"$err"
}
cat >ca.conf <<END
[ca]
default_ca = here
[here]
database = ca/index
serial = ca/serial
new_certs_dir = ca
default_md = sha256
policy = any
unique_subject = no
x509_extensions = names
[any]
commonName = supplied
[names]
subjectAltName = DNS:localhost,IP:127.0.0.1
basicConstraints = critical,CA:true
END
plain_pid=$sim_pid plain_port=${SIM_CONTROL##*:}
check 'HTTPS is served, and an expired certificate is seen as such' '
	certificate good 20200101000000Z 20991231000000Z &&
	certificate old 20200101000000Z 20210101000000Z &&
	sim_start --cert good.pem --key good.key --host localhost &&
	breaks 60 - GET "$SIM_NODE_1/status" &&
	answers 200 - GET "$SIM_NODE_1/status" --cacert good.pem &&
	answers 200 - GET "$SIM_CONTROL/control/state" &&
	sim_stop && sim_start --cert old.pem --key old.key --host localhost &&
	breaks 60 - GET "$SIM_NODE_1/status" --cacert old.pem &&
	said expired && sim_stop'
check 'a taken port and bad options end it with one clear line' '
	exits 74 bitbucket-sim --port "$plain_port" && said "port $plain_port: " &&
	exits 64 bitbucket-sim --version banana && said "not a version" &&
	exits 64 bitbucket-sim --cert good.pem && said "belong together" &&
	exits 74 bitbucket-sim --state none.json'
cat >state.json <<END
{"apps": [], "license": {"serverId": "MINE"}, "mirrors": null}
END
check 'a state file changes the world; context and nodes are options' '
	sim_start --state state.json --context "" --nodes 1 --version 8.9.3 &&
	answers 200 admin GET "$SIM_URL/rest/api/latest/admin/license" &&
	holds ".serverId == \"MINE\" and .expiryDate" &&
	answers 200 admin GET "$SIM_URL/rest/plugins/1.0/" \
		-H "Accept: application/json" && holds ".plugins == []" &&
	answers 403 admin GET "$SIM_URL/rest/zdu/cluster" &&
	answers 200 - GET "$SIM_URL/rest/api/latest/application-properties" &&
	holds ".version == \"8.9.3\"" && sim_stop'
cat >parent.sh <<'END'
bitbucket-sim --die-with-parent >orphan &
until [ -s orphan ]; do sleep 0.05; done
curl -s -d '{"kind": "timeout"}' "$(jq -r .control orphan)/control/fault"
curl -s "$(jq -r .url orphan)/status" >never &
sleep 0.2
END
is_gone() { # URL
	for _ in $(seq 100); do
		breaks 7 - GET "$1" && return
		sleep 0.05
	done
	return 1
}
check 'it ends with its parent, although a request still waits' '
	sh parent.sh >"$out" && is_gone "$(jq -r .control orphan)/control/state" &&
	[ ! -s never ]'
sim_pid=$plain_pid
plan
