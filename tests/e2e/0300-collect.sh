#!/bin/sh
# A collection is whole, the same facts come out of it every time, it holds no
# secret, and a changed byte is noticed; what is silent is named.
# shellcheck source=tests/e2e/lib.sh disable=SC2016,SC2034,SC2154
. "${0%/*}/lib.sh"
cluster_start --repos 6 --commits 10 --days 1 --requests 300 ||
	bail "no cluster"
simctl forget >/dev/null

facts() { jq -r "$1" "${2:-bundle}/facts.json"; }
# unseen FOLDER NAME PATTERN: the facts say why NAME was not seen.
unseen() {
	facts ".unseen[] | select(.what == \"$2\") | .why" "$1" |
		grep -qE -- "$3"
}
# with KEY=VALUE...: writes other.conf, the settings with lines replaced.
with() {
	cp "$conf" other.conf
	for change in "$@"; do
		sed -i "s|^${change%%=*} = .*|${change%%=*} = ${change#*=}|" \
			other.conf
	done
}
is() { [ "$1" = "$2" ] || { echo "# $1, not $2" && false; }; }

check "a collection prints its folder" '
	exits 0 gonogo-audit collect -c "$conf" --bundle bundle &&
	is "$(cat "$out")" bundle'
check "only what is not there is unseen" '
	is "$(facts "[.unseen[].what] | sort | join(\" \")")" \
		"backup capacity logs node.machine"'
check "every reply has its hash" '
	find bundle/raw -name "*.meta.json" -exec jq -r \
		"select(.file) | .sha256 + \"  bundle/\" + .file" {} + >sums &&
	[ "$(wc -l <sums)" -ge 40 ] && exits 0 sha256sum -c --quiet sums'
check "the facts are those of the site" '
	is "$(facts .home.repositories)" 6 &&
	is "$(facts .database.repositories)" 6 &&
	is "$(facts .home.rows_without_folder)" 0 &&
	is "$(facts .home.folders_without_row)" 0 &&
	is "$(facts .home.broken_alternates)" 0 &&
	is "$(facts .licence.server_id)" "$(facts .database.server_id)" &&
	is "$(facts "[.nodes[] | select(.status == \"RUNNING\" and .member and
		.state == \"ACTIVE\").name] | join(\" \")")" \
		"bb-node-1 bb-node-2 bb-node-3"'
check "each app has its jar, its state and its witness" '
	is "$(facts "[.apps[] | select(.jar_sha256 and .answered and
		.state == \"compatible\")] | length")" 4 &&
	jar=$(facts ".apps[] | select(.key == \"com.example.bb.sync\")
		.jar_sha256") &&
	sha256sum "$SITE_SHARED"/plugins/installed-plugins/*sync* |
		grep -q "^$jar "'
check "Bitbucket was only read" '
	is "$(simctl journal "[.[].method] | unique | join(\" \")")" GET'
check "policy and pack lie beside the replies" '
	cmp "$here/templates/policy.conf" bundle/policy.conf &&
	cmp "$here/audit/packs/bitbucket-versions.yaml" \
		bundle/packs/bitbucket-versions.yaml'

# The secrets that the site and the simulator were made with.
cut -f2 "$work/site/secrets.txt" >secrets
cat "$work/admin-password" >>secrets
simctl state '.world.license.license // empty' >>secrets
check "the secrets are there to be found" '
	[ "$(grep -c . secrets)" -ge 8 ] &&
	grep -rqFf secrets "$SITE_SHARED" &&
	grep -rqF "<hidden>" bundle/raw/bitbucket'
check "no secret lies in the bundle" '! grep -rFf secrets bundle'
check "no user is named in the audit events" '
	events=$(grep -l "\"audit.events\"" bundle/raw/bitbucket/*.meta.json) &&
	file=bundle/$(jq -r .file "$events") &&
	grep -q System "$file" && ! grep -qE "\"admin\"|192\.0\.2" "$file"'
check "with a key they have pseudonyms" '
	mkdir -p state/keys && (umask 077 && echo k3y >state/keys/pseudonym.key) &&
	exits 0 gonogo-audit collect -c "$conf" --bundle keyed &&
	facts ".audit_events[0].author" keyed | grep -qE "^user-[0-9a-f]{12}$"'

as_of=$(date -u -d '+1 minute' +%Y-%m-%dT%H:%M:%SZ)
mkdir one two
check "judged twice it gives the same bytes" '
	exits 0 gonogo-audit judge --bundle bundle --as-of "$as_of" --out one &&
	exits 0 gonogo-audit judge --bundle bundle --as-of "$as_of" --out two &&
	cmp one/findings.json two/findings.json && cmp one/facts.json two/facts.json &&
	cmp one/facts.json bundle/facts.json'

# harm NAME: a copy of the bundle that SHELL WORDS were run in.
while IFS='|' read -r harm says; do
	check "refused: $harm" '
		rm -rf bad && cp -R bundle bad && (cd bad && eval "$harm") &&
		exits 65 gonogo-audit judge --bundle bad --as-of "$as_of" --out one &&
		said "$says"'
done <<'END'
printf x >>raw/bitbucket/011.json|011.json: changed
rm raw/apps/001.json|apps/001.json
echo "{}" >raw/apps/900.json|no meta file names it
echo "{}" >raw/apps/001.meta.json|001.meta.json
rm -rf raw|raw
sed -i "s/9.4.23: /9.4.x: /" packs/bitbucket-versions.yaml|bitbucket-versions.yaml
END

simctl forget >/dev/null
mkdir tmp
check "the gate asks ten times at most and leaves nothing behind" '
	TMPDIR=$work/tmp exits 0 gonogo-audit collect -c "$conf" \
		--profile gate --out - &&
	jq -e ".schema == \"gonogo.facts/1\" and .cluster.zdu_state == \"STABLE\"
		and (.apps | length) == 4" "$out" >/dev/null &&
	[ "$(simctl journal length)" -le 10 ] && [ -z "$(ls tmp)" ]'
check "without a folder it lies below the state folder, named latest" '
	exits 0 gonogo-audit collect -c "$conf" &&
	[ "$(readlink -f "$work/state/bundles/latest")" = "$(cat "$out")" ] &&
	[ "$(stat -c %a "$(cat "$out")")" = 700 ]'
check "a folder with something in it is left alone" '
	exits 64 gonogo-audit collect -c "$conf" --bundle bundle &&
	said "not an empty folder"'

check "an earlier bundle gives the same facts again" '
	exits 0 gonogo-audit collect --from bundle --bundle again &&
	for b in bundle again; do
		facts "del(.sources) | tojson" "$b" >"$b.facts"
	done && cmp bundle.facts again.facts'
check "a home alone gives what it can" '
	exits 0 gonogo-audit collect --from "$SITE_SHARED" --bundle home &&
	is "$(facts .home.repositories home)" 6 && unseen home product "not asked"'
check "a folder of something else is refused" '
	exits 64 gonogo-audit collect --from tmp --bundle none &&
	said "neither a bundle"'

# ---- silence ----
with "password_file=$work/wrong"
(umask 077 && echo wrong-pass >wrong)
sed -i "/^\[database\]/,/^\[/s|^password_file = .*|password_file = $work/wrong|" \
	other.conf
check "wrong passwords: nothing is seen, and it is said why" '
	exits 0 gonogo-audit collect -c other.conf --bundle locked-out &&
	unseen locked-out cluster.zdu "401" &&
	unseen locked-out database.server "password" &&
	is "$(facts .cluster.zdu_state locked-out)" null &&
	is "$(facts .database.version locked-out)" null &&
	! grep -rF wrong-pass locked-out'
with "url=http://127.0.0.1:9"
sed -i "/^\[database\]/,/^\[/s|^url = .*|url = postgresql://x@127.0.0.1:9/x|" \
	other.conf
check "no balancer: a node speaks for the cluster" '
	exits 0 gonogo-audit collect -c other.conf --bundle no-balancer &&
	said "asking node bb-node-1 instead" &&
	is "$(facts .cluster.zdu_state no-balancer)" STABLE &&
	unseen no-balancer product "refused" &&
	unseen no-balancer database.server "refused"'
with "nodes=bb-node-1=$SIM_NODE_1; bb-node-2=$SIM_NODE_1"
check "a URL that leads to another node is noticed" '
	exits 0 gonogo-audit collect -c other.conf --bundle astray &&
	unseen astray node.bb-node-2.status "answered by node bb-node-1"'
simctl node '{"node":"bb-node-2","action":"crash"}' >/dev/null
check "a dead node is named" '
	exits 0 gonogo-audit collect -c "$conf" --bundle dead-node &&
	said "node.bb-node-2.status" &&
	is "$(facts ".nodes[1] | [.name, .status, .member] | @csv" dead-node)" \
		"\"bb-node-2\",,false"'
for node in 1 3; do
	simctl node "{\"node\":\"bb-node-$node\",\"action\":\"crash\"}" \
		>/dev/null
done
check "69 when nobody answers, and the bundle tells" '
	exits 69 gonogo-audit collect -c "$conf" --bundle nobody &&
	said "not one node" && unseen nobody cluster.zdu . &&
	is "$(facts .home.repositories nobody)" 6'
plan
