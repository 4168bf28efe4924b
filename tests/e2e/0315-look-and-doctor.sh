#!/bin/sh
# look tells a cluster's age and next step in seconds and without a login;
# doctor tells what is missing, and whom to ask for what.
# shellcheck source=tests/e2e/lib.sh disable=SC2016,SC2034,SC2154
. "${0%/*}/lib.sh"
cluster_start --repos 4 --commits 5 --days 14 --requests 200 ||
	bail "no cluster"
simctl forget >/dev/null

look() { jq -r "$1" "$out"; }
is() { [ "$1" = "$2" ] || { echo "# $1, not $2" && false; }; }

# ---- look ----
check "look at a URL: version, newest, end of life, rolling, next commands" '
	exits 0 gonogo-audit look "$SIM_URL" &&
	said "^Bitbucket 9\.4\.22, RUNNING" && said "9\.4\.23, released 2026-" &&
	said "end of life +2026-12-03" && said "bug-fix step" &&
	is "$(grep -c "^  gonogo " "$out")" 3 && [ "$(wc -l <"$out")" -le 15 ]'
check "it neither logs in nor asks more than twice" '
	is "$(simctl journal "[.[] | select(.user)] | length")" 0 &&
	[ "$(simctl journal length)" -le 2 ]'
check "look as JSON" '
	exits 0 gonogo-audit look --json "$SIM_URL" &&
	is "$(look "[.schema, .version, .newest, .rolling, .listed] | @csv")" \
		"\"gonogo.look/1\",\"9.4.22\",\"9.4.23\",true,true"'
check "look at a node that is starting" '
	simctl fault "{\"kind\":\"status\",\"status\":503,\"path\":\"/status\"}" \
		>/dev/null &&
	exits 0 gonogo-audit look "$SIM_NODE_1" && said "state unknown"'
simctl clear >/dev/null
check "look at a home, a log folder and one pressed log" '
	exits 0 gonogo-audit look --json "$work/site/node-1" &&
	is "$(look .version)" 9.4.22 &&
	exits 0 gonogo-audit look --json "$work/site/node-1/log" &&
	is "$(look .version)" 9.4.22 && log=$(look .seen) &&
	exits 0 gonogo-audit look --json "${log##* in }" &&
	is "$(look .version)" 9.4.22'
check "look at a support zip" '
	mkdir -p zip/log && zcat "${log##* in }" >zip/log/atlassian-bitbucket.log &&
	(cd zip && /usr/bin/python3 -m zipfile -c ../support.zip log) &&
	exits 0 gonogo-audit look --json support.zip && is "$(look .version)" 9.4.22'
check "no Bitbucket there: one clear error each" '
	exits 65 gonogo-audit look "$SITE_SHARED" && said "no start of Bitbucket" &&
	exits 74 gonogo-audit look nowhere && said "nowhere" &&
	exits 69 gonogo-audit look http://127.0.0.1:9 && said "refused" &&
	exits 69 gonogo-audit look "$SIM_MARKETPLACE" &&
	exits 64 gonogo-audit look && said "URL"'

# ---- doctor ----
as_owner() {
	PGPASSWORD=$(cat "$SITE_PASSWORDS/bitbucket") psql -qX \
		-v ON_ERROR_STOP=1 -d "$SITE_URL_BITBUCKET" "$@"
}
# as_auditor: other.conf asks the database as the role for audits.
as_auditor() {
	sed "s|gonogo_backup|gonogo_audit|" "$conf" >other.conf
}
simctl forget >/dev/null
check "doctor: all suffices, in ten lines" '
	exits 0 gonogo-audit doctor -c "$conf" &&
	is "$(grep -c "^ok " "$out")" "$(wc -l <"$out")" &&
	[ "$(wc -l <"$out")" -le 10 ] && said "system administrator"'
check "doctor only reads" '
	is "$(simctl journal "[.[].method] | unique | join(\" \")")" GET &&
	[ ! -e "$work/state" ]'

# doctor_as USER: with that user of the simulator, whose password is its name.
doctor_as() {
	(umask 077 && echo "$1" >"$1.password")
	sed "s|^user = .*|user = $1|
		/^\[cluster\]/,/^\[/s|^password_file = .*|password_file = $1.password|" \
		"$conf" >other.conf
	run gonogo-audit doctor -c other.conf
}
check "doctor: an administrator lacks a right" '
	doctor_as auditor; is "$status" 64 &&
	said "^no +login +auditor is an administrator, but no system"'
check "doctor: a user lacks more" '
	doctor_as user; is "$status" 64 &&
	said "^no +login +user may log in, but is no administrator" &&
	said "^no +apps " && said "^ok +database"'
check "doctor: a wrong password" '
	doctor_as stranger; is "$status" 69 && said "^no +login .*401"'
check "each waits as long as the settings say, and no longer" '
	sed "s|^user = .*|&\ntimeout = 1s|" "$conf" >other.conf &&
	simctl fault "{\"kind\":\"timeout\",\"path\":\"/status\"}" \
		>/dev/null &&
	run gonogo-audit doctor -c other.conf && simctl clear >/dev/null &&
	is "$status" 69 && said "timed out after 1[0-9]{3} milliseconds" &&
	simctl fault "{\"kind\":\"timeout\",\"path\":\"/rest/zdu\"}" \
		>/dev/null &&
	run gonogo-audit collect -c other.conf --bundle late &&
	simctl clear >/dev/null &&
	jq -r .error late/raw/*/*.meta.json | grep "/rest/zdu" |
		grep -qE "timed out after 1[0-9]{3} milliseconds"'
check "doctor: a node is silent" '
	simctl node "{\"node\":\"bb-node-3\",\"action\":\"crash\"}" >/dev/null &&
	exits 69 gonogo-audit doctor -c "$conf" && said "^no +nodes +bb-node-3: "'
check "doctor: the auditors role may read what is asked for" '
	as_auditor && run gonogo-audit doctor -c other.conf &&
	said "^ok +rights"'
check "doctor: a missing grant is named" '
	as_owner -c "REVOKE SELECT ON plugin_state FROM gonogo_audit" &&
	run gonogo-audit doctor -c other.conf && is "$status" 69 &&
	said "^no +rights +the login can.t read plugin_state$"'
check "doctor: a home that is not a home, a state folder out of reach" '
	sed "s|^shared = .*|shared = $work/zip|; s|^dir = .*|dir = /proc/x|" \
		"$conf" >other.conf &&
	run gonogo-audit doctor -c other.conf &&
	said "^no +home" && said "^no +state"'

# ---- grants ----
check "the least rights, and what each missing one costs" '
	exits 0 gonogo-audit doctor -c "$conf" --grants &&
	said "GRANT SELECT ON plugin_state TO gonogo_audit;" &&
	grep -A1 "ON plugin_state" "$out" | grep -q APPS-enabled-agrees &&
	grep -A1 "System Administrator" "$out" | grep -q CLUSTER- &&
	! grep -E "^.{80}" "$out" | grep -v "$work"'
check "the printed grants suffice" '
	grep "^  GRANT SELECT" "$out" >grants.sql && as_auditor &&
	as_owner -c "REVOKE ALL ON ALL TABLES IN SCHEMA public
		FROM gonogo_audit" -f grants.sql &&
	exits 0 gonogo-audit collect -c other.conf --bundle granted &&
	is "$(jq -r "[.unseen[].what | select(startswith(\"database\"))] | length" \
		granted/facts.json)" 0'
plan
