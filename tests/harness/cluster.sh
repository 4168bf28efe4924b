# The demonstration cluster: homes and database of tests/site, the simulator's
# answers, and the settings that name both.  Sourced by scenarios and the demo,
# with the source tree in $here, a folder of their own in $work, the programs
# in $PATH, and at_end.
# shellcheck shell=sh disable=SC2154

# sim_start OPTIONS...: a simulated cluster that ends with its caller; sets
# SIM_URL (the balancer's), SIM_NODE_1 ..., SIM_MARKETPLACE and SIM_CONTROL.
# Call it in the script's own shell, not inside ( ) or a pipe.
sim_start() {
	rm -f "$work/.sim" # the one before may have said its URLs there
	bitbucket-sim --die-with-parent "$@" \
		>"$work/.sim" 2>"$work/.sim.err" &
	sim_pid=$!
	at_end "sim_stop"
	tries=200
	until [ -s "$work/.sim" ]; do
		tries=$((tries - 1))
		if [ "$tries" = 0 ] || ! kill -0 "$sim_pid" 2>/dev/null; then
			cat "$work/.sim.err" >&2
			return 1
		fi
		sleep 0.02
	done
	eval "$(jq -r '@sh "SIM_URL=\(.url) SIM_CONTROL=\(.control)",
		@sh "SIM_MARKETPLACE=\(.marketplace)", (.nodes | to_entries[] |
		"SIM_NODE_\(.key + 1)=" + @sh "\(.value.url)")' "$work/.sim")"
	export SIM_URL SIM_CONTROL SIM_MARKETPLACE
}
sim_stop() {
	kill "$sim_pid" 2>/dev/null
	wait "$sim_pid" 2>/dev/null && return
	failures=$((${failures:-0} + 1))
	echo "not ok - the simulator ended badly"
	sed 's/^/# sim: /' "$work/.sim.err"
}
# simctl VERB [ARGUMENT]: the running simulator is told or asked.
simctl() { "$here/tests/sim/simctl" "$SIM_CONTROL" "$@"; }

# site_start OPTIONS...: homes, repositories and database in $work/site; sets
# the SITE_ variables.
site_start() {
	at_end "'$here/tests/site/site' stop '$work/site'"
	"$here/tests/site/site" make "$work/site" "$@" || return 1
	eval "$("$here/tests/site/site" env "$work/site")"
}

# cluster_start OPTIONS...: a site made with OPTIONS, a simulator that agrees
# with it, and settings that name both, in $conf.
cluster_start() {
	site_start "$@" || return 1
	(umask 077 && echo planted-admin-5Rt9 >"$work/admin-password")
	sim_start --state "$here/tests/site/cluster.json" \
		--version "$SITE_VERSION" \
		--admin-password-file "$work/admin-password" || return 1
	conf=$work/gonogo.conf
	cluster_settings >"$conf"
}

# Writes two days of each node's log up to now, as the site's own are of its
# own present, and names them as [logs] paths does.
cluster_logs() {
	for cluster_node in $SITE_NODE_NAMES; do
		mkdir -p "$work/logs/$cluster_node" || return 1
		/usr/bin/python3 -c 'import sys, time
now = int(time.time())
for at in range(now - 172800, now, 600):
    print(time.strftime("%Y-%m-%d %H:%M:%S,118", time.gmtime(at)),
          "INFO  [Caesium-1-3]  c.a.c.d.DbCachingRemoteDirectory",
          "INCREMENTAL synchronisation for directory [ 32771 ] starting")
' >"$work/logs/$cluster_node/atlassian-bitbucket.log"
		printf '%s=%s; ' "$cluster_node" "$work/logs/$cluster_node"
	done
}
# What only people can say of the demonstration cluster's upgrade.
cluster_answers() {
	for question in NOTES-read FREEZE-announced CLUSTER-balancer \
		CONFIG-carried-over; do
		printf '[%s]\nanswer = yes\nby = the administrator\nat = %s\n' \
			"$question" "$(date -u +%Y-%m-%dT%H:%M:%SZ)"
		echo 'target = 9.4.23'
	done >"$work/answers.conf"
}
# The settings of the running site and simulator, hot backups, no lock.
cluster_settings() {
	cluster_answers
	cat <<-END
		[cluster]
		name = demo
		url = $SIM_URL
		nodes = $(jq -r '[.nodes[] | "\(.name)=\(.url)"] | join("; ")' "$work/.sim")
		user = admin
		password_file = $work/admin-password
		[home]
		shared = $SITE_SHARED
		[database]
		url = $SITE_URL_BACKUP
		password_file = $SITE_PASSWORDS/gonogo_backup
		[logs]
		paths = $(cluster_logs)
		zone = UTC
		[store]
		path = $work/store
		[state]
		dir = $work/state
		[target]
		version = 9.4.23
		answers = $work/answers.conf
		[backup]
		mode = hot
	END
}
