# sourced-like measurement: lock seconds of freeze on 2,000 repositories
. /work/h/modes/tests/e2e/lib.sh
(umask 077 && echo pw >"$work/pw")
sim_start --admin-password-file "$work/pw" || exit 1
cat >"$work/c.conf" <<END
[cluster]
name = m
url = $SIM_URL
user = admin
password_file = $work/pw
[home]
shared = /tmp/modes/big/home
[store]
path = $work/store
[state]
dir = $work/state
[backup]
mode = freeze
allow_lock = yes
END
${WRAP:-} gonogo-backup create -c "$work/c.conf" --no-database ${MORE:-} >"$work/o" 2>"$work/e"; tail -4 "$work/e"
set=$(sed 's/.* //' "$work/o")
jq -c '{lock,harvest_at,sweep_started_at,sweep_ended_at}' $set/EVIDENCE.json; jq -c '{mode,status,locked_ms,started_at,ended_at}' $set/SNAPSHOT.json
