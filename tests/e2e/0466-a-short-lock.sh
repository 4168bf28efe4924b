#!/bin/sh
# How long a frozen backup locks users out depends on the looks that it takes
# under the lock, many at a time; and what ends that lock early makes the set a
# hot one, at any moment of it.
# shellcheck source=tests/e2e/lib.sh disable=SC2016,SC2034,SC2154
. "${0%/*}/lib.sh"

many=${REPOSITORIES:-300}
(umask 077 && echo password >password)
sim_start --admin-password-file password || bail "no cluster"
simctl maintenance '{"git_drain_ms":100}' >/dev/null
cat >gonogo.conf <<END
[cluster]
url = $SIM_URL
user = admin
password_file = $work/password
[home]
shared = $work/home
[store]
path = $work/store
[state]
dir = $work/state
[backup]
mode = freeze
allow_lock = yes
END
conf=$work/gonogo.conf

# ---- a home of many small repositories ----
mkdir -p home/data/repositories home/config one
echo "setup.displayName=Bitbucket" >home/bitbucket.properties
git init -q --bare one
GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a
GIT_COMMITTER_EMAIL=a@b
export GIT_AUTHOR_NAME GIT_AUTHOR_EMAIL GIT_COMMITTER_NAME GIT_COMMITTER_EMAIL
commit=$(git -C one commit-tree -m one "$(git -C one mktree </dev/null)")
for branch in master one two; do
	git -C one update-ref "refs/heads/$branch" "$commit"
done
git -C one repack -adq && git -C one pack-refs --all
git -C one update-ref refs/heads/loose "$commit"
mkdir -p one/stash-refs/pull-requests/1
echo "$commit" >one/stash-refs/pull-requests/1/from
i=0
while [ "$i" -lt "$many" ]; do
	i=$((i + 1))
	cp -a one "home/data/repositories/$i"
done
sleep 3.1 # older than two ticks of whole seconds

lock_of() { jq ".lock.$1" "$(sed 's/.* //' "$out")/EVIDENCE.json"; }
mode_of() { jq -r .mode "$(sed 's/.* //' "$out")/SNAPSHOT.json"; }
create() { gonogo-backup create -c "${1:-$conf}" --no-database; }

check "$many repositories are looked at in a moment" '
	exits 0 create && [ "$(mode_of)" = freeze ] &&
	[ "$(lock_of changed)" = 0 ] && still=$(lock_of still_ms) &&
	echo "# still for $still ms, $many repositories" &&
	[ "$still" -lt 2000 ]'
check "a repository that is deleted, one that is new, one that is pushed to" '
	simctl maintenance "{\"git_drain_ms\":1500}" >/dev/null &&
	{ until grep -q "waiting until it is drained" "$err"; do
		sleep 0.02; done
	rm -r home/data/repositories/1 &&
	cp -a one "home/data/repositories/$((many + 1))" &&
	git -C home/data/repositories/2 update-ref refs/heads/new "$commit"
	} & exits 0 create && wait $! && [ "$(lock_of changed)" = 3 ] &&
	set=$(sed "s/.* //" "$out") &&
	[ "$(jq .home.repositories "$set/SNAPSHOT.json")" = "$many" ] &&
	exits 0 gonogo-backup restore -c "$conf" --to back &&
	git -C back/data/repositories/2 rev-parse -q --verify \
		refs/heads/new >/dev/null &&
	[ ! -e back/data/repositories/1 ] &&
	[ -e "back/data/repositories/$((many + 1))" ]'

# ---- on a filer that is slow from the lock on ----
if ! ${CC:-cc} -shared -fPIC -o slow.so "$here/tests/harness/slow.c" ||
	nm "$build/gonogo-backup" 2>/dev/null | grep -q __asan_init; then
	echo "# not shown: a slow filer"
	plan
	exit
fi
SLOW_WHEN=$work/now
export SLOW_WHEN
slow() { LD_PRELOAD=$work/slow.so SLOW_US=$1 gonogo-backup create -c "$2" --no-database; }
# From the lock on, until $1 stands in the talk.
slow_until() {
	: >"$err"
	{
		until grep -q "waiting until it is drained" "$err"; do
			sleep 0.02
		done
		touch now
		until grep -qE "$1" "$err"; do sleep 0.05; done
		rm now
	} &
	slower=$!
}
simctl maintenance '{"git_drain_ms":400}' >/dev/null
check "each millisecond of a look costs little" '
	slow_until "unlocked after" && exits 0 slow 2000 "$conf" &&
	wait $slower && [ "$(mode_of)" = freeze ] &&
	still=$(lock_of still_ms) &&
	echo "# still for $still ms, $many repositories, 2 ms for a look" &&
	[ "$still" -lt $((many * 60 * 2 / 16)) ]'
check "advise foretells it within a factor of two" '
	touch now &&
	LD_PRELOAD=$work/slow.so SLOW_US=2000 exits 0 gonogo-backup advise \
		-c "$conf" --json && rm now &&
	told=$(jq .still_ms "$out") && echo "# foretold: $told ms" &&
	[ "$told" -ge $((still / 2)) ] && [ "$told" -le $((still * 2)) ]'
check "advise is against a freeze that takes longer than its budget" '
	touch now && sed "s/^allow_lock.*/&\nmax_lock_seconds = 1/" "$conf" \
		>brief.conf &&
	LD_PRELOAD=$work/slow.so SLOW_US=40000 exits 0 gonogo-backup advise \
		-c brief.conf && rm now && said "^take: hot" &&
	said "^lock for the common point +no .*more than max_lock_seconds"'
check "a budget that is spent while it looks makes it hot" '
	sed "s/^allow_lock.*/&\nmax_lock_seconds = 3/" "$conf" >brief.conf &&
	slow_until "going on as a hot" && exits 0 slow 60000 brief.conf &&
	wait $slower && [ "$(mode_of)" = hot ] &&
	locked=$(jq .locked_ms "$(sed "s/.* //" "$out")/SNAPSHOT.json") &&
	echo "# users were locked out for $locked ms, 3000 were allowed" &&
	[ "$locked" -lt 4500 ] &&
	[ "$(simctl state .maintenance.locked)" = false ]'
check "so does somebody who breaks the lock" '
	{ until grep -q "drained: nothing" "$err"; do sleep 0.02; done
	simctl maintenance "{\"action\":\"break\"}" >/dev/null; } &
	breaker=$! &&
	slow_until "going on as a hot" && exits 0 slow 20000 "$conf" &&
	wait $slower && wait $breaker && [ "$(mode_of)" = hot ]'
check "killed while it looks, it leaves nothing locked and no set" '
	before=$(ls store/snapshots) && touch now && : >"$err" &&
	{ LD_PRELOAD=$work/slow.so SLOW_US=60000 gonogo-backup create \
		-c "$conf" --no-database >"$out" 2>"$err" & } &&
	backup=$! && rm now &&
	until grep -q "waiting until it is drained" "$err"; do sleep 0.02; done &&
	touch now && until grep -q "drained: nothing" "$err"; do sleep 0.02; done &&
	kill -9 "$backup" && simctl wait ".maintenance.locked | not" 10 &&
	[ "$(ls store/snapshots)" = "$before" ] && rm now &&
	simctl maintenance "{\"git_drain_ms\":100}" >/dev/null &&
	exits 0 create && [ "$(mode_of)" = freeze ]'
plan
