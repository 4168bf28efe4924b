#!/bin/sh
# Whatever goes wrong with whatever a required rule rests on, the answer is
# never GO: each such request is spoiled in each way, one at a time; then the
# database and the home.
# shellcheck source=tests/e2e/lib.sh disable=SC2016,SC2034,SC2154
. "${0%/*}/lib.sh"
site_start --repos 4 --commits 5 --days 0 || bail "no site"
(umask 077 && echo planted-admin-5Rt9 >"$work/admin-password")
printf '[backup]\nrequired = no\n' >policy.conf

kinds='refuse reset cut timeout drip empty truncated wrong-type wrong-shape
	html empty-lists other-host skew 401 403 404 429 500 503'
# Each path, and the kinds that leave its answer as true as it was: it has no
# list or nothing else to spoil, it tells nothing of who answers, or 404 is
# what it says when all is well.
cat >paths <<'END'
/mvc/maintenance/lock other-host 404
/rest/api/latest/admin/cluster
/rest/api/latest/admin/git/mesh/nodes wrong-type empty-lists other-host
/rest/api/latest/admin/license empty-lists
/rest/api/latest/application-properties empty-lists
/rest/api/latest/migration/mesh/summary other-host 404
/rest/mirroring/latest/mirrorServers other-host
/rest/plugins/1.0/pac-status empty-lists other-host
/rest/plugins/1.0/product-updates
/rest/plugins/1.0
/rest/zdu/cluster
/status empty-lists other-host
END
workers=6

# answer CONF: the exit code of the verdict on the cluster as it is now.
answer() {
	rm -rf bundle
	gonogo-audit collect -c "$1" --bundle bundle >/dev/null 2>&1 &&
		gonogo-audit judge --bundle bundle \
			--policy "$work/policy.conf" >/dev/null 2>&1 &&
		gonogo-report decide --bundle bundle \
			--policy "$work/policy.conf" >/dev/null 2>&1
	echo $?
}
# start NAME: a simulator and settings of its own, in a folder of its own.
start() {
	mkdir -p "$root/$1" && cd "$root/$1" || return 1
	work=$root/$1
	cp "$root/admin-password" "$root/policy.conf" .
	sim_start --state "$here/tests/site/cluster.json" \
		--version "$SITE_VERSION" \
		--admin-password-file "$work/admin-password" || return 1
	cluster_settings | sed "s|^user = .*|&\ntimeout = 3s|" >conf
}
root=$work

# harm PATH KIND: the code of the answer while PATH is spoiled so.
harm() {
	case $2 in
	[0-9]*) fault='"kind":"status","status":'$2 ;;
	*) fault='"kind":"'$2'","ms":4000' ;;
	esac
	# A count, so that "refuse" closes no port but cuts this one request.
	simctl fault "{$fault,\"path\":\"$1\",\"count\":1000}" >/dev/null ||
		echo "no such fault: $1 $2"
	answer conf
	simctl clear >/dev/null
}
# work_on N: every path whose turn is the Nth worker's, in each kind.
work_on() (
	at_end() {
		cleanup=$1
		trap 'eval "$cleanup"' EXIT
	}
	failures=0
	start "worker-$1" || exit 70
	answer conf >unharmed
	cp -R bundle unharmed-bundle
	awk -v n="$1" -v of="$workers" 'NR % of == n % of' "$root/paths" |
		while read -r path spared; do
			for kind in $kinds; do
				case " $spared " in *" $kind "*) continue ;; esac
				echo "$path $kind $(harm "$path" "$kind")"
			done
		done >lines
	answer conf >>unharmed
)
n=0 pids=
while [ "$n" -lt "$workers" ]; do
	n=$((n + 1))
	work_on "$n" &
	pids="$pids $!"
done
for pid in $pids; do
	wait "$pid" || bail "a worker ended badly"
done
cat worker-*/lines >lines
asked=$(grep -c . lines)
gos=$(grep -cE ' 0$|no such' lines)
grep -E ' 0$|no such' lines | sed 's/^/# /'
spared=$(awk '{ n += NF - 1 } END { print n }' paths)
echo "# $asked faults of requests, $gos of them a GO; $spared leave the answer true"
for each in worker-*; do
	grep -qx 0 "$each/unharmed" ||
		jq -r '.findings[] | select(.outcome == "unknown") |
			"# " + .key + ": " + .why' \
			"$each/unharmed-bundle/findings.json"
done
check "unharmed it is a GO, before and after" '
	[ "$(sort worker-*/unharmed | uniq -c | tr -s " ")" = \
		" $((2 * workers)) 0" ]'
check "$asked faults of requests: none is a GO" '
	[ "$gos" = 0 ] && [ "$asked" -ge 200 ]'

# ---- database and home ----
start last || bail "no simulator"
work=$root
echo wrong >wrong && chmod 600 wrong
mkdir empty-home
ruin() { sed "$1" conf >ruined; }
while IFS='|' read -r what change; do
	check "$what is no GO" '
		ruin "$change" && ! cmp -s conf ruined &&
		[ "$(answer ruined)" != 0 ]'
done <<END
a database that refuses|s/^url = postgresql:.*/url = postgresql:\/\/x@127.0.0.1:9\/x/
another database|s/@\/bitbucket?/@\/postgres?/
a wrong password of the database|/^\[database\]/,/^\[/s/^password_file = .*/password_file = wrong/
no database in the settings|/^\[database\]/,/^\[store/{/^url\|^password/d}
a home that is none|s/^shared = .*/shared = empty-home/
no home in the settings|/^shared = /d
no nodes in the settings|/^nodes = /d
no target|/^version = /d
END
plan
