#!/bin/sh
# Homes that are not the cluster's: a Mesh node's is saved with the same care,
# and covers what the shared home does not hold; of a mirror's what it needs is
# saved.  What nobody covers makes the cluster's set DEGRADED, by name.
# shellcheck source=tests/e2e/lib.sh disable=SC2016,SC2034,SC2154
. "${0%/*}/lib.sh"

cluster_start --repos 4 --commits 10 --days 0 --requests 0 || bail "no cluster"
database() {
	PGPASSWORD=$(cat "$SITE_PASSWORDS/bitbucket") psql -XAtq \
		-v ON_ERROR_STOP=1 -d "$SITE_URL_BITBUCKET" -c "$1"
}
newest() { find store/snapshots -mindepth 1 -maxdepth 1 | sort | tail -n 1; }
record() { echo "$(newest)/$1.json"; }
create() { code=$1 && shift && exits "$code" gonogo-backup create "$@"; }

# A whole fork network moves to Mesh, as the product does it.
fork=$(database "SELECT repository_id FROM sta_repo_origin ORDER BY 1 LIMIT 1")
hierarchy=$(database "SELECT hierarchy_id FROM repository WHERE id = $fork")
moved=$(database "SELECT id FROM repository WHERE hierarchy_id = '$hierarchy'
	ORDER BY id")
[ "$(echo "$moved" | wc -l)" -ge 2 ] || bail "no fork"
node=$work/mesh
repos=$node/store/data/005e/$hierarchy/repos
mkdir -p "$repos" "$node/config" "$node/log" "$node/tmp"
for id in $moved; do
	mv "$SITE_SHARED/data/repositories/$id" "$repos/$id"
	borrowed=$repos/$id/objects/info/alternates
	[ ! -e "$borrowed" ] || sed -i "s|.*/data/repositories/|$repos/|" "$borrowed"
done
database "UPDATE repository SET partition_id = 94
	WHERE hierarchy_id = '$hierarchy'"
(umask 077 && echo "control plane" >"$node/config/control-plane.pem")
echo "node.id = 1" >"$node/mesh.properties"
echo noise >"$node/log/mesh.log"
: >"$node/.lock"
refs() { git -C "$1" for-each-ref; }

# ---- uncovered ----
check "what lies on Mesh and nobody covers makes the set DEGRADED, by name" '
	create 10 -c "$conf" &&
	for id in $moved; do
		jq -e ".status == \"DEGRADED\" and any(.flaws[];
			.kind == \"mesh\" and (.subject | startswith(\"$id \")))" \
			"$(record SNAPSHOT)" >/dev/null || exit 1
	done &&
	[ "$(jq ".flaws | length" "$(record SNAPSHOT)")" = \
		"$(echo "$moved" | wc -l)" ]'
check "the audit names each of them" '
	exits 0 gonogo-audit collect -c "$conf" --bundle bundle &&
	create 10 -c "$conf" --evidence bundle/backup &&
	run gonogo-audit judge --bundle bundle &&
	jq -e ".findings[] | select(.check == \"BACKUP-set-good\") |
		[.evidence[].observed] | any(test(\"^mesh $fork \"))" \
		bundle/findings.json >"$out"'

# ---- a Mesh node ----
check "a Mesh node is saved into the same store" '
	create 0 -c "$conf" --mesh-node "$node" &&
	jq -e ".status == \"GOOD\" and .parts == [\"mesh-node\"] and
		.node != null and .home.repositories >= 2 and
		(has(\"database\") | not)" "$(record SNAPSHOT)" >/dev/null &&
	jq -e "all(.repositories[]; .result == \"proved\" and
		.hierarchy == \"$hierarchy\")" "$(record EVIDENCE)" >/dev/null'
check "the forks borrow from what is in the set" '
	jq -e "any(.repositories[]; .id == \"$fork\" and
		(.alternates | length) > 0)" "$(record EVIDENCE)" >/dev/null'
check "its repositories are whole, for git, too" '
	exits 0 gonogo-backup verify -c "$conf" --level deep &&
	jq -e ".repositories >= 2 and .outcome == \"passed\"" \
		store/verify/*.json >/dev/null'
for id in $moved; do refs "$repos/$id"; done >before
check "it comes back: repositories, keys with their modes, nothing passing" '
	exits 0 gonogo-backup restore -c "$conf" --to back && said "Mesh node" &&
	for id in $moved; do refs "back/store/data/005e/$hierarchy/repos/$id"
	done >after && diff before after &&
	[ "$(stat -c %a back/config/control-plane.pem)" = 600 ] &&
	cmp back/config/control-plane.pem "$node/config/control-plane.pem" &&
	cmp back/mesh.properties "$node/mesh.properties" &&
	[ ! -e back/log ] && [ ! -e back/.lock ] &&
	git -C "back/store/data/005e/$hierarchy/repos/$fork" fsck \
		--connectivity-only --no-dangling >"$out" 2>&1'
check "the forks borrow from the restored ones" '
	grep -q "^$work/back/store/data/005e/$hierarchy/repos/" \
		"back/store/data/005e/$hierarchy/repos/$fork/objects/info/alternates"'
check "one of them comes back alone, with what it borrows" '
	exits 0 gonogo-backup restore -c "$conf" --to one --repository "$fork" &&
	git -C "one/store/data/005e/$hierarchy/repos/$fork" fsck \
		--connectivity-only --no-dangling >"$out" 2>&1'
check "stock tools bring it back, too" '
	exits 0 sh store/restore.sh "$(newest)" stock &&
	for id in $moved; do
		[ -f "stock/store/data/005e/$hierarchy/repos/$id/HEAD" ] || exit 1
	done'
check "the next set of the node rests on it" '
	create 0 -c "$conf" --mesh-node "$node" &&
	[ "$(jq .home.new_bytes "$(record SNAPSHOT)")" -lt 2000 ]'
check "it is no drill, and no way back" '
	exits 64 gonogo-backup drill -c "$conf" --here && said "is of a mirror or"'
check "the list tells what it is" '
	exits 0 gonogo-backup list -c "$conf" && said "^    of a Mesh node"'

# ---- covered ----
to_data_store() {
	database "INSERT INTO bb_data_store (id, ds_path, ds_uuid)
		VALUES (7, '/srv/store-7', 'u');
		UPDATE repository SET partition_id = NULL, store_id = 7
		WHERE id = $fork"
}
check "now the cluster's set is GOOD, and says which set has the rest" '
	create 0 -c "$conf" && jq -e ".status == \"GOOD\"" \
		"$(record SNAPSHOT)" >/dev/null &&
	for id in $moved; do
		jq -e "any(.check.elsewhere[]; startswith(\"$id \") and
			test(\"set 0000.*before the point\"))" \
			"$(record EVIDENCE)" >/dev/null || exit 1
	done'
check "sets of the cluster rest on those of the cluster" '
	create 0 -c "$conf" &&
	[ "$(jq .home.new_bytes "$(record SNAPSHOT)")" -lt 20000 ] &&
	exits 0 gonogo-backup verify -c "$conf" --level deep'
check "one that the node has not is named" '
	mv "$repos/$fork" gone && create 0 -c "$conf" --mesh-node "$node" &&
	create 10 -c "$conf" && said "mesh $fork " &&
	[ "$(jq ".flaws | length" "$(record SNAPSHOT)")" = 1 ] &&
	mv gone "$repos/$fork"'
# elsewhere HIERARCHY BEFORE PARTITION: its repositories say so, too.
elsewhere() {
	there=$node/store/data/$3/$1/repos
	for id in $moved; do
		sed -i "s/$2/$1/" "$there/$id/repository-config" || return 1
		borrowed=$there/$id/objects/info/alternates
		[ ! -e "$borrowed" ] ||
			sed -i "s|.*/repos/|$there/|" "$borrowed" || return 1
	done
}
check "one that borrows from where nothing lies is no whole one" '
	mkdir -p "$node/store/data/005f" &&
	mv "$repos" "$node/store/data/005f/" &&
	mkdir -p "$node/store/data/005f/$hierarchy" &&
	mv "$node/store/data/005f/repos" "$node/store/data/005f/$hierarchy/" &&
	create 10 -c "$conf" --mesh-node "$node" && said "repository $fork"
	mv "$node/store/data/005f/$hierarchy/repos" \
		"$node/store/data/005e/$hierarchy/" && said "repository $fork"'
check "one of another hierarchy, which is of another cluster, covers nothing" '
	mkdir -p "$node/store/data/005f" &&
	mv "$node/store/data/005e/$hierarchy" \
		"$node/store/data/005f/0123456789abcdef0123" &&
	elsewhere 0123456789abcdef0123 "$hierarchy" 005f &&
	create 0 -c "$conf" --mesh-node "$node" && create 10 -c "$conf" &&
	said "mesh $fork "
	mv "$node/store/data/005f/0123456789abcdef0123" \
		"$node/store/data/005e/$hierarchy" &&
	elsewhere "$hierarchy" 0123456789abcdef0123 005e &&
	said "mesh $fork "'
check "a set that is not as it was written covers nothing" '
	create 0 -c "$conf" --mesh-node "$node" &&
	sed -i "s/proved/prooved/" "$(record EVIDENCE)" &&
	create 10 -c "$conf" && said "covers nothing" && said "mesh $fork "'
check "one that lies in a data store is named" '
	create 0 -c "$conf" --mesh-node "$node" &&
	to_data_store && create 10 -c "$conf" && said "data-store $fork .*data store"'
check "a home that is none is told" '
	create 64 -c "$conf" --mesh-node "$SITE_SHARED" &&
	said "not a Mesh node" && said "^hint: "'
check "options that do not go with it are usage errors" '
	create 64 -c "$conf" --mesh-node "$node" --mode sealed &&
	create 64 -c "$conf" --mesh-node "$node" --mirror "$node" &&
	create 64 -c "$conf" --mesh-node "$node" --no-home &&
	create 64 -c "$conf" --mirror "$node" --home "$node"'
check "two writers at a time do not meet" '
	git -C "$repos/$fork" update-ref refs/heads/new HEAD &&
	create 0 --store "$work/other" --mesh-node "$node" &&
	exits 0 gonogo-backup restore --store other --to second &&
	git -C "second/store/data/005e/$hierarchy/repos/$fork" rev-parse -q \
		--verify refs/heads/new >"$out"'

# ---- a mirror ----
mirror=$work/mirror
mkdir -p "$mirror/shared/config" "$mirror/shared/data/repositories/1" \
	"$mirror/shared/data" "$mirror/caches" "$mirror/log" "$mirror/conf"
(umask 077 && echo key >"$mirror/shared/config/ssh-server-keys.pem")
echo "plugin.mirroring.upstream.url = https://up" \
	>"$mirror/shared/bitbucket.properties"
echo h2 >"$mirror/shared/data/db.mv.db"
echo cert >"$mirror/shared/config/mirror.p12"
echo "<Server/>" >"$mirror/conf/server.xml"
echo x >"$mirror/shared/data/repositories/1/HEAD"
echo x >"$mirror/caches/a"
check "of a mirror what it needs is saved, and said to be one" '
	create 0 --store "$work/mirrors" --mirror "$mirror" &&
	jq -e ".parts == [\"mirror\"] and .status == \"GOOD\"" \
		mirrors/snapshots/*/SNAPSHOT.json >/dev/null &&
	exits 0 gonogo-backup list --store mirrors && said "of a mirror"'
check "it comes back: keys, certificates, settings, H2, and no more" '
	exits 0 gonogo-backup restore --store mirrors --to mirrored &&
	said "home of a mirror" &&
	for file in shared/config/ssh-server-keys.pem shared/config/mirror.p12 \
		shared/bitbucket.properties shared/data/db.mv.db conf/server.xml
	do cmp "$mirror/$file" "mirrored/$file" || exit 1; done &&
	[ "$(stat -c %a mirrored/shared/config/ssh-server-keys.pem)" = 600 ] &&
	[ ! -e mirrored/caches ] && [ ! -e mirrored/log ] &&
	[ ! -e mirrored/shared/data/repositories ]'
check "that its H2 files may be of no one moment is said" '
	jq -e "any(.notes[]; test(\"H2\"))" mirrors/snapshots/*/EVIDENCE.json \
		>"$out"'
check "a folder that is no mirror is told" '
	create 64 --store "$work/mirrors" --mirror "$node" &&
	said "not a mirror" && said "^hint: "'
plan
