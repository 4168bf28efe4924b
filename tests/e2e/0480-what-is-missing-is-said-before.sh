#!/bin/sh
# What keeps a backup from working is one clear error that says what to do,
# before anything is locked or a set is begun.
# shellcheck source=tests/e2e/lib.sh disable=SC2016,SC2034,SC2154
. "${0%/*}/lib.sh"

cluster_start --repos 2 --commits 6 --days 0 --requests 0 || bail "no cluster"
sed -i 's/^mode = hot/mode = sealed\nallow_lock = yes/' "$conf"
good=$conf

# with SED-SCRIPT: the good settings, changed.
with() {
	sed "$1" "$good" >"$work/changed.conf"
	conf=$work/changed.conf
}
# refused CODE PATTERN: the backup ends so, says that with a hint, and nothing
# was locked or begun.
refused() {
	exits "$1" gonogo-backup create -c "$conf" && said "$2" &&
		one_error && nothing_done
}
one_error() {
	[ "$(grep -c "^gonogo-backup create: " "$err")" = 1 ] &&
		grep -q "^hint: " "$err"
}
nothing_done() {
	[ "$(simctl state .maintenance.locks)" = 0 ] &&
		[ -z "$(ls "$work/store/snapshots" 2>/dev/null)" ] &&
		[ -z "$(ls "$work/store/tmp" 2>/dev/null)" ] &&
		[ ! -e "$work/state/lock/lock.json" ]
}

# ---- settings ----
check "an unknown key" '
	with "s/^mode = /mod = /" && refused 64 "\[backup\] mod"'
check "no store" 'with "/^\[store\]/,/^path/d" &&
	exits 64 gonogo-backup create -c "$conf" &&
	said "\[store\] path is not set" && nothing_done'
check "sealed without leave to lock" '
	with "s/^allow_lock = yes/allow_lock = no/" && refused 64 "allow_lock"'
check "sealed by option without leave to lock" '
	with "s/^allow_lock = yes/allow_lock = no/; s/^mode = .*/mode = hot/" &&
	exits 64 gonogo-backup create -c "$conf" --mode sealed &&
	said "allow_lock" && one_error && nothing_done'
check "a password that others may read" '
	cp "$work/admin-password" open && chmod 644 open &&
	with "s|^password_file = .*admin-password|password_file = $work/open|" &&
	refused 64 "others may read it"'
day=$(LC_ALL=C date -u -d "2 days" +%a)
check "outside the lock window" '
	with "s/^allow_lock = yes/&\nlock_window = $day 00:00-00:10/" &&
	exits 60 gonogo-backup create -c "$conf" &&
	said "outside .* lock_window" && nothing_done'

# ---- the home and the store ----
check "a home that is not there" '
	with "s|^shared = .*|shared = $work/nowhere|" && refused 64 nowhere'
check "a home that is no home" '
	mkdir -p "$work/other" &&
	with "s|^shared = .*|shared = $work/other|" && refused 64 other'
check "a store inside the home" '
	with "s|^path = .*|path = $SITE_SHARED/store|" &&
	refused 64 "inside each other" && [ ! -e "$SITE_SHARED/store" ]'
check "a folder that is something else than a store" '
	mkdir -p "$work/full" && echo x >"$work/full/x" &&
	with "s|^path = .*|path = $work/full|" && refused 64 "full" &&
	[ "$(ls "$work/full")" = x ]'

# ---- the database ----
check "a database that does not answer" '
	with "s|^url = postgresql:.*|url = postgresql://gonogo_backup@/bitbucket?host=/nowhere|" &&
	refused 69 "/nowhere"'
check "a database that is not there" '
	with "s|@/bitbucket?|@/bitbocket?|" && refused 69 bitbocket'
check "a wrong password" '
	(umask 077 && echo wrong >wrong) &&
	with "s|^password_file = .*/gonogo_backup|password_file = $work/wrong|" &&
	refused 69 "password authentication failed"'
check "a role that may not read everything" '
	cp "$SITE_PASSWORDS/gonogo_audit" audit-password &&
	chmod 600 audit-password &&
	with "s|//gonogo_backup@|//gonogo_audit@|
	s|^password_file = .*/gonogo_backup|password_file = $work/audit-password|" &&
	refused 64 "may not read public.plugin_setting" &&
	said "GRANT pg_read_all_data TO gonogo_audit"'
check "of several servers the one that answers is taken" '
	with "s|?host=\(.*\)|?host=\1,/nowhere|" &&
	exits 0 gonogo-backup doctor -c "$conf"'

# A pooler tells a process number of its own, as this relay does.
cat >pooler.py <<'END'
import os, socket, sys, threading

def pass_on(a, b):
    while data := a.recv(65536):
        at = data.find(b"K\0\0\0\x0c")
        if at >= 0:
            data = data[:at + 5] + b"\0\0\0\7" + data[at + 9:]
        b.sendall(data)
    b.shutdown(socket.SHUT_WR)

listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
listener.listen()
os.rename(sys.argv[1], sys.argv[2])
while True:
    client = listener.accept()[0]
    server = socket.socket(socket.AF_UNIX)
    server.connect(sys.argv[3])
    for pair in (client, server), (server, client):
        threading.Thread(target=pass_on, args=pair, daemon=True).start()
END
mkdir pooled
/usr/bin/python3 pooler.py pooled/new pooled/.s.PGSQL.5432 \
	"$SITE_SOCKET/.s.PGSQL.5432" &
at_end "kill $!"
until [ -e pooled/.s.PGSQL.5432 ]; do sleep 0.05; done
check "a connection pooler" '
	with "s|?host=.*|?host=$work/pooled|" && refused 69 "pooler"'
check "no pg_dump" '
	with "s|^\[database\]|&\nbindir = $work/other|" &&
	refused 74 "other/pg_dump: not there" && said "postgresql-client"'
check "an old pg_dump" '
	mkdir old && printf "#!/bin/sh\necho \"pg_dump (PostgreSQL) 9.6.1\"\n" \
		>old/pg_dump && chmod 755 old/pg_dump &&
	with "s|^\[database\]|&\nbindir = $work/old|" &&
	refused 74 "9.6.1 is older than"'

# ---- Bitbucket ----
check "a wrong password of Bitbucket" '
	with "s|^password_file = .*admin-password|password_file = $work/wrong|" &&
	refused 69 "401"'
check "a user that may not lock" '
	(umask 077 && echo auditor >auditor) &&
	with "s|^user = admin|user = auditor|
	s|^password_file = .*admin-password|password_file = $work/auditor|" &&
	refused 69 "system administrator"'
check "no node answers" '
	simctl fault '"'"'{"kind":"refuse"}'"'"' >/dev/null && conf=$good &&
	refused 69 "refused|reset|connect" && simctl clear >/dev/null'
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	-keyout key.pem -out request.pem -subj /CN=127.0.0.1 2>"$err"
openssl x509 -req -in request.pem -signkey key.pem -days -1 \
	-out expired.pem 2>"$err" || bail "no certificate"
bitbucket-sim --die-with-parent --cert expired.pem --key key.pem >tls.json &
at_end "kill $!"
until [ -s tls.json ]; do sleep 0.05; done
check "an expired certificate" '
	with "s|^url = http:.*|url = $(jq -r .url tls.json)|
	s|^nodes = .*|ca_file = $work/expired.pem|" &&
	refused 69 "certificate has expired" &&
	[ "$("$here/tests/sim/simctl" "$(jq -r .control tls.json)" \
		state .maintenance.locks)" = 0 ]'
check "somebody else has locked Bitbucket" '
	token=$(curl -sS -u backup:backup -X POST \
		"$SIM_NODE_1/mvc/maintenance/lock" | jq -r .unlockToken) &&
	exits 75 gonogo-backup create -c "$good" &&
	said "locked already, by backup" &&
	[ "$(simctl state .maintenance.locked)" = true ] &&
	exits 75 gonogo-backup unlock -c "$good" &&
	said "locked by backup, not by a backup from here" &&
	[ "$(simctl state .maintenance.locked)" = true ] &&
	curl -sS -o /dev/null -u backup:backup -X DELETE \
		"$SIM_NODE_1/mvc/maintenance/lock?token=$token" &&
	[ "$(simctl state .maintenance.locks)" = 1 ]'

# ---- space ----
# may_mount: only root can limit a folder's space by a file system of its own.
may_mount() {
	mkdir -p "$work/small" &&
		mount -t tmpfs -o size=8m tmpfs "$work/small" 2>/dev/null
}
if may_mount; then
	at_end 'umount "$work/small"'
	check "a disk that is too small for a full copy" '
		with "s|^path = .*|path = $work/small/store|" &&
		exits 74 gonogo-backup create -c "$conf" &&
		said "no space: a full copy needs" && said "^hint: make room" &&
		[ "$(simctl state .maintenance.locks)" = 1 ] &&
		[ -z "$(ls "$work/small/store/tmp")" ]'
	mount -o remount,size=200m "$work/small"
	# It has room when it begins; while Bitbucket is locked somebody fills it.
	fill() {
		until grep -q "drained" "$err"; do sleep 0.02; done
		dd if=/dev/zero of="$work/small/much" bs=1M 2>/dev/null
	}
	fill &
	filler=$!
	check "a disk that fills up while Bitbucket is locked" '
		exits 74 gonogo-backup create -c "$conf" &&
		said "[Nn]o space" &&
		[ "$(simctl state .maintenance.locks)" = 2 ] &&
		[ "$(simctl state .maintenance.unlocks)" = 2 ] &&
		[ "$(simctl state .maintenance.locked)" = false ] &&
		[ -z "$(ls "$work/small/store/snapshots")" ]'
	kill "$filler" 2>/dev/null
	locks=2
else
	echo "# not shown: a full disk needs the right to mount a small one"
	locks=1
fi

# ---- doctor ----
check "doctor is content with the good settings" '
	exits 0 gonogo-backup doctor -c "$good" &&
	[ "$(grep -c "^ok " "$out")" = 7 ]'
check "doctor names everything that is missing at once" '
	with "s|^shared = .*|shared = $work/other|
	s|@/bitbucket?|@/bitbocket?|
	s|^user = admin|user = nobody|" &&
	exits 64 gonogo-backup doctor -c "$conf" &&
	[ "$(grep -c "^no " "$out")" -ge 3 ] && said "bitbocket"'
check "a plan names writes, lock and load, and does nothing" '
	exits 0 gonogo-backup create -c "$good" --plan &&
	said "^  lock   Bitbucket for 900 s at most" && said "^  dump " &&
	[ "$(simctl state .maintenance.locks)" = "$locks" ]'
plan
