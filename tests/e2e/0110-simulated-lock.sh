#!/bin/sh
# The simulated cluster locks, drains and lets go as the product does.
# shellcheck source=tests/e2e/sim.sh disable=SC2016,SC2034,SC2154,SC2317
. "${0%/*}/sim.sh"

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
plan
