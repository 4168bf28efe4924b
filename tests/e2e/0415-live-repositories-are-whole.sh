#!/bin/sh
# Hot backups under pushes, deleted branches, repack, pack-refs and prune that
# spares nothing, while repositories come and go: every set is GOOD and every
# repository in it whole.  `make race` does the first part a thousand times.
# shellcheck source=tests/e2e/lib.sh disable=SC2016,SC2034,SC2154
. "${0%/*}/lib.sh"

# ---- the home alone, slowly, while everything in it changes ----

: "${ROUNDS:=10}" "${SEED:=$$}"
check "each of $ROUNDS hot copies is whole, and has refs of its time" '
	exits 0 env TMPDIR="$work" "$here/tests/race/race" --rounds "$ROUNDS" \
		--home-rounds 5 --seed "$SEED" --no-tar &&
	said "^0 broken of $ROUNDS hot copies, "'
sed 's/^/# /' "$out"
check "refs moved while they were swept" '
	! grep -q "refs seen to move in 0$" "$out"'
check "branches were deleted, and what they held was pruned" '
	said "delete [1-9]" && said "maintain [1-9]"'

# ---- with a database, and repositories that come and go ----

cluster_start --repos 5 --days 1 >"$err" 2>&1 || bail "the cluster"
store=$work/store
"$here/tests/site/site" write "$work/site" --until "$work/enough" --pause 0 \
	--churn --expire now >writer.log 2>&1 &
writer=$!
at_end 'touch "$work/enough"; wait "$writer" 2>/dev/null'
round=0
while [ "$round" -lt 5 ]; do
	round=$((round + 1))
	check "round $round: GOOD" 'exits 0 gonogo-backup create -c "$conf"'
	check "round $round: each repository is whole" '
		exits 0 gonogo-backup verify --store "$store" --level deep'
done
touch "$work/enough"
check "the writer has ended well" 'wait "$writer"'
acts=$(cut -f 3 "$work/site/writes.tsv" | sort | uniq -c | tr -s ' \n' ' ')
echo "# acts:$acts"
# The writer's `maintain` is pack-refs, repack and prune.
check "it has done all that hurts" '
	[ "$(cut -f 3 "$work/site/writes.tsv" |
		grep -xE "push|delete|maintain" | sort -u | wc -l)" = 3 ]'
moved=$(jq -s '[.[].repositories[].moved // [] | length] | add' \
	"$store"/snapshots/*/EVIDENCE.json)
deleted=$(jq -s '[.[].repositories[].deleted // [] | length] | add' \
	"$store"/snapshots/*/EVIDENCE.json)
gone=$(jq -s '[.[].check.deleted_after_point // [] | length] | add' \
	"$store"/snapshots/*/EVIDENCE.json)
echo "# refs moved $moved, deleted $deleted, repositories gone after T0: $gone"
plan
