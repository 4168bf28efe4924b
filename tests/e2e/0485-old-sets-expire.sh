#!/bin/sh
# Old sets go and proved ones stay: never the last proved ones, never by a clock
# that is wrong, never what a set that stays needs; and it can be undone.
# shellcheck source=tests/e2e/lib.sh disable=SC2016,SC2034,SC2154
. "${0%/*}/lib.sh"

home=$work/home store=$work/store
mkdir -p "$home/data/repositories/1" "$home/config" "$home/data/attachments"
git init -q --bare "$home/data/repositories/1" || bail
echo jdbc.url= >"$home/bitbucket.properties"
head -c 2000000 /dev/urandom >"$home/data/attachments/stays"
make_set() {
	head -c 1500000 /dev/urandom >"$home/data/attachments/changes"
	exits 0 gonogo-backup create --home "$home" --store "$store" \
		--no-database || bail "create"
}
verify() { gonogo-backup verify --store "$store" "$@"; }
expire() { gonogo-backup expire --store "$store" "$@"; }
sets() {
	find "$store/snapshots" -mindepth 1 -maxdepth 1 | sort |
		sed 's|.*/0*||; s/-.*//' | tr '\n' ' '
}
objects() { (cd "$store" && find objects segments -type f | wc -l); }
# all_verify: each set that is listed does.
all_verify() {
	for one in "$store"/snapshots/*; do
		exits 0 verify "${one##*/}" || return 1
	done
}
# aged DAYS SET: its record, and its proofs, say that it is so much older.
aged() {
	/usr/bin/python3 - "$store" "$@" <<-'END'
		import datetime, glob, hashlib, json, os, sys
		store, days, number = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
		folder = glob.glob(f"{store}/snapshots/{number:06d}-*")[0]
		def save(path, one):
		    text = json.dumps(one, sort_keys=True, indent=1) + "\n"
		    open(path, "w").write(text)
		    sum = hashlib.sha256(text.encode()).hexdigest()
		    name = os.path.relpath(path, store)
		    open(path[:-5] + ".sha256", "w").write(f"{sum}  {name}\n")
		    return sum
		path = folder + "/SNAPSHOT.json"
		one = json.load(open(path))
		for key in "started_at", "point_at", "swept_at", "ended_at":
		    if key in one:
		        at = datetime.datetime.strptime(one[key], "%Y-%m-%dT%H:%M:%SZ")
		        at -= datetime.timedelta(days=days)
		        one[key] = at.strftime("%Y-%m-%dT%H:%M:%SZ")
		sum = save(path, one)
		for path in glob.glob(f"{store}/verify/{number:06d}-*.json"):
		    proof = json.load(open(path))
		    proof["snapshot_sha256"] = sum
		    save(path, proof)
	END
}

check "no store, and none is made" '
	exits 64 expire && said "not a store|No such file" && [ ! -e "$store" ] ||
	{ mkdir -p "$store.empty" && exits 64 gonogo-backup expire \
		--store "$store.empty" && [ -z "$(ls -A "$store.empty")" ]; }'
for number in 1 2 3 4 5; do make_set; done
check "where nothing is proved nothing goes" '
	exits 0 expire --keep-last 1 --keep-days 0 && [ "$(sets)" = "1 2 3 4 5 " ] &&
	said "0 newer ones are proved, 2 are wanted"'
for number in 1 2 3; do exits 0 verify "$number" || bail "verify $number"; done
before=$(objects)
check "a dry run says what would go, and moves nothing" '
	exits 0 expire --dry-run --keep-last 1 --keep-days 0 &&
	said "^expire 000001-.*: proved; 2 newer ones are proved" &&
	said "^keep   000002-" && said "^1 sets and [1-9][0-9]* stored files .* would go" &&
	[ "$(sets)" = "1 2 3 4 5 " ] && [ "$(objects)" = "$before" ] &&
	[ -z "$(ls "$store/trash")" ]'
check "young sets stay" '
	exits 0 expire --keep-last 1 && [ "$(sets)" = "1 2 3 4 5 " ] &&
	said "^keep   000001-.*older than the newest, 14 d are wanted"'
check "of the proved sets the last ones stay whatever is asked for" '
	exits 0 expire --keep-last 0 --keep-days 0 && [ "$(sets)" = "2 3 4 5 " ]'
check "all that stay are whole" 'all_verify'
check "what only the old one used is in the trash, and nothing else" '
	[ "$(objects)" -lt "$before" ] && all_verify &&
	[ "$((before - $(objects)))" = \
		"$(cd "$store/trash" && find . -path "./*/objects/*" -type f -o \
			-path "./*/segments/*" -type f | wc -l)" ]'
check "cp brings it back" '
	(cd "$store" && cp -an trash/*/. .) && [ "$(sets)" = "1 2 3 4 5 " ] &&
	exits 0 verify 1'
check "and what a set needs and is in the trash comes back by itself" '
	rm -rf "$store"/trash/* && exits 0 expire 1 &&
	mv "$store"/trash/*/snapshots/000001-* "$store/snapshots" &&
	exits 20 verify 1 && exits 0 expire && said "it is back from trash/" &&
	exits 0 verify 1 && [ "$(sets)" = "1 2 3 4 5 " ]'

# ---- names ----

check "a named set goes, if enough proved ones stay" '
	exits 0 expire 1 && [ "$(sets)" = "2 3 4 5 " ] && all_verify &&
	[ "$(ls "$store/trash" | wc -l)" = 2 ]'
check "else it is refused" '
	exits 64 expire 2 3 4 --keep-verified 3 && said "are wanted" &&
	said "^hint:" && [ "$(sets)" = "2 3 4 5 " ]'
check "so is one that is not there" 'exits 64 expire 77 && said "no set .77"'

# ---- the clock ----

for number in 4 5; do exits 0 verify "$number" || bail "verify $number"; done
aged 40 2
aged 20 3
check "by age, counted from the newest set" '
	exits 0 expire --keep-last 1 --keep-days 30 && [ "$(sets)" = "3 4 5 " ]'
aged -500 5
check "a set in the future: nothing goes by this clock" '
	exits 65 expire --keep-last 1 --keep-days 1 && said "000005-.* lies in the future" &&
	[ "$(sets)" = "3 4 5 " ]'
aged 500 5
aged -30 3
aged 10 4
check "a clock that went back: nothing goes by such times" '
	exits 65 expire --keep-last 1 --keep-days 1 && said "its clock was behind|future" &&
	[ "$(sets)" = "3 4 5 " ]'
aged 30 3
aged -10 4
check "the set of the wrong clock can be named" '
	exits 0 expire 3 && [ "$(sets)" = "4 5 " ]'

# ---- what is wrong or busy stops it ----

make_set
make_set
for number in 6 7; do exits 0 verify "$number" || bail "verify $number"; done
sums=$(echo "$store"/snapshots/000006-*/SHA256SUMS)
cp -p "$sums" kept && sed -i 1d "$sums"
check "a list that is not as it was written stops all" '
	before=$(objects) && exits 65 expire 4 --keep-verified 1 &&
	said "set 000006-" && [ "$(sets)" = "4 5 6 7 " ] &&
	[ "$(objects)" = "$before" ]'
cp -p kept "$sums"
check "a store that is read is left alone: busy" '
	/usr/bin/python3 - "$store/lock/use" <<-"END" &
		import fcntl, struct, sys, time
		f = open(sys.argv[1], "r+")
		fcntl.fcntl(f, 37, struct.pack("hhlli4x", 0, 0, 0, 0, 0))
		time.sleep(3)
	END
	reader=$!
	sleep 1
	run expire 4
	wait $reader
	[ "$status" = 75 ] && said "read the store" && [ "$(sets)" = "4 5 6 7 " ]'
check "afterwards it is free" 'exits 0 expire 4 && [ "$(sets)" = "5 6 7 " ]'

# ---- the trash ----

check "the trash is kept for its time" '
	[ -n "$(ls "$store/trash")" ] && exits 0 expire && [ -n "$(ls "$store/trash")" ]'
printf '[store]\npath = %s\ntrash = 0s\n' "$store" >"$work/c.conf"
make_set
check "and until two newer sets are proved" '
	exits 0 gonogo-backup expire -c "$work/c.conf" &&
	ls "$store/trash" | grep -q "^000007-"'
make_set
for number in 8 9; do exits 0 verify "$number" || bail "verify $number"; done
check "then it is emptied; what stays is whole" '
	exits 0 gonogo-backup expire -c "$work/c.conf" &&
	said "trash/000007-.* is removed" && ! ls "$store/trash" | grep -q "^00000[1-7]" &&
	all_verify'
make_set
check "a new set has a new number" '[ "$(sets)" = "5 6 7 8 9 10 " ]'
plan
