#!/bin/sh
# Whatever goes wrong with whatever is asked, the answer is never GO: each
# request that collect makes is spoiled in each way, one at a time; then the
# database, the home and the node's own look.
# shellcheck source=tests/e2e/lib.sh disable=SC2016,SC2034,SC2154,SC2317
. "${0%/*}/lib.sh"
site_start --repos 4 --commits 5 --days 0 || bail "no site"
(umask 077 && echo planted-admin-5Rt9 >"$work/admin-password")
printf '[backup]\nrequired = no\n' >policy.conf
# With two Mesh nodes, so that each list of the answers has entries.
cat >mesh.json <<'END'
{"mesh": {"migration": null, "nodes": [
 {"id": "1", "name": "mesh-1", "rpcId": "m1", "rpcUrl": "http://mesh-1:7777",
  "state": "AVAILABLE"},
 {"id": "2", "name": "mesh-2", "rpcId": "m2", "rpcUrl": "http://mesh-2:7777",
  "state": "AVAILABLE"}]}}
END
jq -s '.[0] * .[1]' "$here/tests/site/cluster.json" mesh.json >cluster.json

kinds='refuse reset cut timeout drip empty truncated wrong-type wrong-shape
	html empty-lists other-host skew 401 403 404 429 500 503'
# Pairs that are spared, and why each leaves the answer as true as it was.
cat >spared <<'END'
/mvc/maintenance/lock 404 it is what an unlocked cluster answers
/rest/api/latest/migration/mesh/summary 404 it is what "no migration" is
/status empty-lists it has no list: nothing changes
/rest/api/latest/admin/license empty-lists it has no list
/rest/api/latest/application-properties empty-lists it has no list
/rest/plugins/1.0/pac-status empty-lists it has no list
/rest/api/latest/admin/rate-limit/settings empty-lists it has no list
/mvc/maintenance/lock other-host the same answer: neither is locked
/status other-host the same answer: both are RUNNING
/rest/plugins/1.0/pac-status other-host the same answer: both reach it
/rest/api/latest/migration/mesh/summary other-host the same: none is under way
/rest/troubleshooting/1.0/lastRun other-host the same checks, all healthy
/rest/troubleshooting/1.0/pre-upgrade/info other-host the same list of versions
/rest/api/latest/admin/rate-limit/settings other-host the same setting
/rest/plugins/1.0/product-updates other-host the same list of versions
/rest/auditing/1.0/events other-host CANNOT BE TOLD: no event names its instance
/rest/mirroring/latest/mirrorServers other-host CANNOT BE TOLD: docs/sources.md#rest
END
workers=9

# answer CONF: the exit code of the verdict on the cluster as it is now.
answer() {
	rm -rf bundle
	gonogo-audit collect -c "$1" --bundle bundle >/dev/null 2>&1 && {
		gonogo-audit logs -c "$1" --bundle bundle >/dev/null 2>&1
		gonogo-audit judge --bundle bundle \
			--policy "$work/policy.conf" >/dev/null 2>&1 &&
		gonogo-report decide --bundle bundle \
			--policy "$work/policy.conf" >/dev/null 2>&1
	}
	echo $?
}
# start NAME: a simulator and settings of its own, in a folder of its own.
start() {
	mkdir -p "$root/$1" && cd "$root/$1" || return 1
	work=$root/$1
	cp "$root/admin-password" "$root/policy.conf" .
	sim_start --state "$root/cluster.json" \
		--version "$SITE_VERSION" \
		--admin-password-file "$work/admin-password" || return 1
	cluster_settings | sed "s|^user = .*|&\ntimeout = 2s|
		s|^url = postgresql:.*|url = $SITE_URL_AUDIT|
		s|gonogo_backup|gonogo_audit|" >conf
}
root=$work

# apart COMMAND...: in a shell of its own, whose simulator ends with it.
apart() (
	at_end() {
		cleanup=$1
		trap 'eval "$cleanup"' EXIT
	}
	failures=0
	"$@"
)

# ---- what is asked: the matrix is made of it ----
# plain: paths below the context, without query and without a slash at the end.
plain() { sed 's|^/bitbucket/|/|; s|?.*||; s|\(.\)/$|\1|' | sort -u; }
look() {
	start first && answer conf >"$root/unharmed" &&
		jq -r '(.request | sub("GET [a-z]+://[^/]+"; "") | sub("[?].*"; "")) +
			" " + .what' bundle/raw/bitbucket/*.meta.json \
			bundle/raw/apps/*.meta.json | plain |
		sed 's|/ | |' >"$root/asked" &&
		simctl journal '.[].path' | plain >"$root/journal"
}
apart look || bail "no simulator"
cut -d' ' -f1 asked | sort -u >paths
grep ' node\.' asked | cut -d' ' -f1 >of-nodes
# A wrong list that looks right shows where another answer contradicts it.
cat >>asked <<'END'
/rest/plugins/1.0/product-updates apps.compatibility
/rest/api/latest/admin/git/mesh/nodes mesh.connectivity
END
check "unharmed it is a GO" '[ "$(cat unharmed)" = 0 ]'
check "what was asked stands in the bundle, and what stands there was asked" '
	[ "$(wc -l <paths)" -ge 18 ] && diff paths journal >&2'
check "each spared pair is one of a request that is made" '
	! cut -d" " -f1 spared | grep -vxFf paths >&2'

# ---- what may go wrong: WHAT|COMMAND that brings it about ----
# Each path on all nodes, and what each node is asked on one of them alone.
{ cat paths && sed 's/$/ bb-node-2/' of-nodes; } | while read -r path node; do
	for kind in $kinds; do
		grep -q "^$path $kind " spared ||
			echo "$kind at $path $node|request $kind $path $node"
	done
done >requests
cat >others <<'END'
a database that refuses|database 127.0.0.1:9/x
a server that never answers|database "127.0.0.1:$(cat $root/silent-port)/x"
a server that is no PostgreSQL|database "${SIM_URL#http://}"
another database|settings "s/^\(url = postgresql:.*\)bitbucket?/\1postgres?/"
a role that there is not|settings "s/gonogo_audit@/nobody@/"
a wrong password of the database|login "password_file = wrong"
no password of the database|login ""
no database in the settings|settings "/^\[database\]/,/^\[store/{/^url\|^password/d}"
a home that is none|settings "s|^shared = .*|shared = $work/empty-home|"
a home that is not there|settings "s|^shared = .*|shared = $work/nowhere|"
a home without properties|home bitbucket.properties gone
a home with empty properties|home bitbucket.properties empty
a home with a folder for properties|home bitbucket.properties a_folder
a home without repositories|home data/repositories gone
a home with a file for repositories|home data/repositories a_file
a home without apps|home plugins/installed-plugins gone
a home with a file for apps|home plugins/installed-plugins a_file
no home in the settings|settings "/^shared = /d"
a local home that is not there|settings "s|^shared = .*|&\nlocal = bb-node-1=$work/nowhere|"
half a look at a node|node_file "head -c 300"
a look at a node of days ago|node_file "sed s/20..-/2019-/"
a look at a node that is still to come|node_file "sed s/20..-/2099-/"
a look at a node's home that is full|node_file "sed s/free_bytes.:.*,/free_bytes\":1,/"
a look at a node that there is not|settings "s|^shared = .*|&\nnode_files = bb-node-9=$work/gone.tar|"
a local home of a node that there is not|settings "s|^shared = .*|&\nlocal = bb-node-9=$work|"
no nodes in the settings|settings "/^nodes = /d"
no target|settings "/^version = /d"
no logs in the settings|settings "/^paths = /d"
logs that are not there|settings "s|^paths = .*|paths = $work/nowhere|"
logs of two nodes alone|settings "s|^\(paths = [^;]*;[^;]*;\).*|\1|"
logs of another zone|settings "s|^zone = .*|zone = Pacific/Pago_Pago|"
logs of days ago|logs "s/^20../2019/"
logs without times|logs "s/^[-0-9]* [0-9:,]* /at noon /"
a log that is half rotated|half_rotated
a log that is UTF-16|logs "1s/^/\xff\xfe/"
END
cat requests others >faults

# request KIND PATH [NODE]: PATH alone is spoiled so.
request() {
	case $1 in
	[0-9]*) fault='"kind":"status","status":'$1 ;;
	*) fault='"kind":"'$1'","ms":4000' ;;
	esac
	[ -z "${3-}" ] || fault="$fault,\"node\":\"$3\""
	# A count, so that "refuse" closes no port but cuts this one request.
	simctl fault "{$fault,\"path\":\"$2\",\"exact\":true,\"count\":1000}" \
		>/dev/null
}
# Is each fault that was planted one that somebody ran into?
all_hit() { [ "$(simctl state '[.faults[].hits == 0] | any')" = false ]; }
# named PATH: what was asked there stands among what nobody answered.
named() {
	awk -v path="$1" '$1 == path { print $2 }' "$root/asked" >whats
	jq -r '.unseen[] | select(.kind == "unanswered").what' \
		bundle/facts.json | sed 's/^node\.bb-node-[0-9]*\./node./' |
		grep -qxFf whats
}
# settings SED: other settings than those of a healthy cluster.
settings() { sed "$1" conf >ruined && ! cmp -s conf ruined; }
database() { settings "s#^url = postgresql:.*#url = postgresql://x@$1#"; }
login() { settings "/^\[database\]/,/^\[/s/^password_file = .*/$1/"; }
# home PATH COMMAND: another home, in which COMMAND was done to PATH.
home() {
	rm -rf home && cp -R "$SITE_SHARED" home && [ -e "home/$1" ] &&
		"$2" "home/$1" && settings "s|^shared = .*|shared = $work/home|"
}
# logs SED: other logs of the second node.
logs() {
	rm -rf other-logs && cp -R "$work/logs" other-logs &&
		sed -i "$1" other-logs/bb-node-2/atlassian-bitbucket.log &&
		settings "s|$work/logs/|$work/other-logs/|g"
}
half_rotated() {
	rm -rf other-logs && cp -R "$work/logs" other-logs &&
		gzip -c other-logs/bb-node-2/atlassian-bitbucket.log |
		head -c 1000 >other-logs/bb-node-2/atlassian-bitbucket-1.log.gz &&
		settings "s|$work/logs/|$work/other-logs/|g"
}
# node_file COMMAND: what the first node told there, and COMMAND made of it.
node_file() {
	gonogo-audit node --home "$work" --out look.json &&
		$1 <look.json >node.json &&
		settings "s|^shared = .*|&\nnode_files = bb-node-1=$work/node.json|"
}
gone() { rm -rf "$1"; }
empty() { : >"$1"; }
a_file() { gone "$1" && : >"$1"; }
a_folder() { gone "$1" && mkdir "$1"; }

# work_on N: every fault whose turn is the Nth worker's.
work_on() {
	start "worker-$1" || return 70
	answer conf >unharmed
	cp -R bundle unharmed-bundle
	echo wrong >wrong && chmod 600 wrong && mkdir empty-home
	awk -v n="$1" -v of="$workers" 'NR % of == n % of' "$root/faults" |
		while IFS='|' read -r what harm; do
			cp conf ruined
			code='not brought about'
			eval "$harm" && code=$(answer ruined)
			all_hit || code="$code, but nobody met it"
			case $harm$code in
			request*30)
				named "$(echo "$harm" | cut -d" " -f3)" ||
					code="$code, but it is not named" ;;
			esac
			echo "$what: $code"
			simctl clear >/dev/null
		done >lines
	answer conf >>unharmed
}
/usr/bin/python3 -c 'import socket, time
s = socket.create_server(("127.0.0.1", 0))
print(s.getsockname()[1], flush=True)
time.sleep(600)' >silent-port &
silent=$!
at_end 'kill $silent'
n=0 pids=
while [ "$n" -lt "$workers" ]; do
	n=$((n + 1))
	apart work_on "$n" &
	pids="$pids $!"
done
for pid in $pids; do
	wait "$pid" || bail "a worker ended badly"
done
cat worker-*/lines >lines
grep -vE ': (10|20|30|64|65|69|74)$' lines >bad
sed 's/^/# /' bad
for each in worker-*; do
	grep -qx 0 "$each/unharmed" ||
		jq -r '.findings[] | select(.outcome == "unknown") |
			"# " + .key + ": " + .why' \
			"$each/unharmed-bundle/findings.json"
done
check "before and after the faults it is a GO" '
	[ "$(sort worker-*/unharmed | uniq -c | tr -s " ")" = \
		" $((2 * workers)) 0" ]'
check "$(grep -c . requests) faults of $(grep -c . paths) requests, $(grep -c . \
	others) of settings, database and home: none is a GO" '
	! [ -s bad ] && [ "$(grep -c . lines)" = "$(grep -c . faults)" ] &&
	[ "$(grep -c . requests)" -ge 350 ]'
echo "# $(grep -c . spared) faults of requests are spared:"
sed 's/^/# /' spared

# ---- tables: one at a time, as all workers share the database ----
as_owner() {
	PGPASSWORD=$(cat "$SITE_PASSWORDS/bitbucket") psql -qX \
		-v ON_ERROR_STOP=1 -d "$SITE_URL_BITBUCKET" "$@" >/dev/null
}
# What the role for audits may read, and what is there.
takes() { as_owner -c "REVOKE SELECT ON $1 FROM gonogo_audit"; }
gives() { as_owner -c "GRANT SELECT ON $1 TO gonogo_audit"; }
away() { as_owner -c "ALTER TABLE $1 RENAME TO away"; }
back() { as_owner -c "ALTER TABLE away RENAME TO $1"; }
# held TABLE COMMAND...: while somebody holds it longer than anybody waits.
held() {
	as_owner -c BEGIN -c "LOCK TABLE $1" -c "SELECT pg_sleep(9)" &
	sleep 0.5
	shift
	"$@"
	code=$?
	wait $!
	return $code
}
start last || bail "no simulator"
work=$root
for table in repository sta_pull_request databasechangelog \
	databasechangeloglock bb_mesh_migration_queue app_property plugin_state \
	bb_data_store; do
	check "no right to read $table, and no such table: no GO" '
		takes $table && [ "$(answer conf)" = 30 ] && gives $table &&
		away $table && [ "$(answer conf)" = 30 ] && back $table'
done
check "a table that somebody holds is no GO" '
	[ "$(held plugin_state answer conf)" = 30 ]'
check "mended, it is a GO again" '[ "$(answer conf)" = 0 ]'
plan
