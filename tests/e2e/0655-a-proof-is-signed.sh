#!/bin/sh
# Where [sign] key is set a proof is signed: openssl alone can tell by whom, and
# what somebody else proves, or changes, does not count.  Without one it is said
# that it is not signed.
# shellcheck source=tests/e2e/lib.sh disable=SC2016,SC2034,SC2154
. "${0%/*}/lib.sh"

server=$("$here/tests/harness/pg" start) || bail "no server"
at_end '"$here/tests/harness/pg" stop "$server"'
psql -X -q -d "postgresql://tester@/postgres?host=$server" \
	-c "CREATE DATABASE source TEMPLATE template0" || bail
url="postgresql://tester@/source?host=$server"
psql -X -q -d "$url" -c "CREATE TABLE t AS SELECT generate_series(1, 100) a" ||
	bail
store=$work/store
exits 0 gonogo-backup create --database "$url" --store "$store" --no-home ||
	bail "create"
gonogo-report key --out "$work/key.pem" >"$out" 2>"$err" || bail "a key"
gonogo-report key --out "$work/other.pem" >"$out" 2>"$err" || bail "a key"
settings() { # KEY
	printf '[store]\npath = %s\n[sign]\nkey = %s\n' "$store" "$1"
}
settings "$work/key.pem" >signed.conf
settings "$work/other.pem" >other.conf
best() { gonogo-backup list --json "$@" | jq -r ".sets[0].proof_level"; }

check "without a key it is said that the proof is not signed" '
	exits 0 gonogo-backup verify --store "$store" &&
	said "verify/000001-1.json, not signed" &&
	[ ! -e "$store/verify/000001-1.dsse" ] && [ "$(best --store "$store")" = full ]'
check "who has a key does not count it" '
	[ "$(best -c signed.conf 2>"$err")" = null ] && said "passed over: .*not signed"'
check "with a key it is signed, and counts" '
	exits 0 gonogo-backup verify -c signed.conf &&
	said "verify/000001-2.json, signed" && [ "$(best -c signed.conf)" = full ]'
proof=$store/verify/000001-2
by_openssl() { # KEY ENVELOPE
	jq -j .payload "$2" | base64 -d >payload &&
		jq -j ".signatures[0].sig" "$2" | base64 -d >signature &&
		printf "DSSEv1 28 application/vnd.in-toto+json %s " \
			"$(wc -c <payload)" | cat - payload >encoded &&
		openssl pkeyutl -verify -pubin -inkey "$1" -rawin \
			-in encoded -sigfile signature >"$out" 2>"$err"
}
check "openssl verifies it by the public key alone" '
	by_openssl key.pem.pub "$proof.dsse" &&
	! by_openssl other.pem.pub "$proof.dsse"'
check "what is signed names the proof, the set, and what was proved" '
	jq -e "._type == \"https://in-toto.io/Statement/v1\" and
		.predicateType == \"urn:gonogo:proof:1\" and
		.predicate.outcome == \"passed\" and
		.subject[0].name == \"verify/000001-2.json\" and
		(.subject[1].name | test(\"^snapshots/000001-.*/SNAPSHOT.json$\"))" \
		payload >"$out" &&
	[ "$(jq -r ".subject[0].digest.sha256" payload)" = \
		"$(sha256sum <"$proof.json" | cut -d " " -f 1)" ] &&
	[ "$(jq -r ".subject[1].digest.sha256" payload)" = \
		"$(sha256sum <"$(echo "$store"/snapshots/*/SNAPSHOT.json)" |
			cut -d " " -f 1)" ]'
check "what another key signed does not count" '
	[ "$(best -c other.conf 2>"$err")" = null ] && said "no signature by"'
check "nor does a proof that was changed behind its signature" '
	cp -a "$store" kept &&
	sed -i "s/\"full\"/\"deep\"/" "$proof.json" &&
	(cd "$store" && sha256sum "verify/000001-2.json" >"$proof.sha256") &&
	[ "$(best --store "$store")" = deep ] &&
	[ "$(best -c signed.conf 2>"$err")" = null ] && said "another proof"
	rm -rf "$store" && mv kept "$store"'
check "expire keeps to what is signed" '
	for one in 2 3; do
		exits 0 gonogo-backup create --database "$url" --no-home \
			--store "$store" || exit 1
	done
	exits 0 gonogo-backup expire -c other.conf --dry-run --keep-last 1 \
		--keep-days 0 --keep-verified 1 && cp "$out" others &&
	exits 0 gonogo-backup verify -c other.conf 3 &&
	exits 0 gonogo-backup expire -c other.conf --dry-run --keep-last 1 \
		--keep-days 0 --keep-verified 1 && ! cmp -s "$out" others'
check "a failure counts, whoever found it" '
	one=$(find "$store/objects" -type f | head -n 1) && chmod 600 "$one" &&
	printf X | dd of="$one" bs=1 seek=9 conv=notrunc 2>"$err" &&
	run gonogo-backup verify --store "$store" 1 && [ "$status" = 20 ] &&
	[ "$(gonogo-backup list --json -c signed.conf 2>"$err" |
		jq -r ".sets[] | select(.id | startswith(\"000001\")) |
		.proof_outcome")" = failed ]'
check "a key that can not be read is said before the work" '
	settings "$work/nowhere.pem" >none.conf &&
	run gonogo-backup verify -c none.conf && [ "$status" != 0 ] &&
	said "\[sign\] key: .*nowhere.pem"'
plan
