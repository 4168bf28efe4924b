#!/bin/sh
# The simulator starts as it is told to, or says why not, and ends in time.
# shellcheck source=tests/e2e/sim.sh disable=SC2016,SC2034,SC2154,SC2317
. "${0%/*}/sim.sh"

# ---- HTTPS, ports, leaving ----
certificate() { # NAME START END, as openssl ca wants its dates
	openssl req -new -newkey rsa:2048 -nodes -subj /CN=localhost \
		-keyout "$1.key" -out "$1.csr" 2>"$err" &&
		mkdir -p ca && : >ca/index && echo 01 >ca/serial &&
		openssl ca -batch -selfsign -config ca.conf -in "$1.csr" \
			-keyfile "$1.key" -out "$1.pem" -notext \
			-startdate "$2" -enddate "$3" >"$out" 2>"$err"
}
cat >ca.conf <<END
[ca]
default_ca = here
[here]
database = ca/index
serial = ca/serial
new_certs_dir = ca
default_md = sha256
policy = any
unique_subject = no
x509_extensions = names
[any]
commonName = supplied
[names]
subjectAltName = DNS:localhost,IP:127.0.0.1
basicConstraints = critical,CA:true
END
plain_pid=$sim_pid plain_port=${SIM_CONTROL##*:}
check 'HTTPS is served, and an expired certificate is seen as such' '
	certificate good 20200101000000Z 20991231000000Z &&
	certificate old 20200101000000Z 20210101000000Z &&
	sim_start --cert good.pem --key good.key --host localhost &&
	breaks 60 - GET "$SIM_NODE_1/status" &&
	answers 200 - GET "$SIM_NODE_1/status" --cacert good.pem &&
	answers 200 - GET "$SIM_CONTROL/control/state" &&
	sim_stop && sim_start --cert old.pem --key old.key --host localhost &&
	breaks 60 - GET "$SIM_NODE_1/status" --cacert old.pem &&
	said expired && sim_stop'
check 'a taken port and bad options end it with one clear line' '
	exits 74 bitbucket-sim --port "$plain_port" && said "port $plain_port: " &&
	exits 64 bitbucket-sim --version banana && said "not a version" &&
	exits 64 bitbucket-sim --cert good.pem && said "belong together" &&
	exits 74 bitbucket-sim --state none.json'
cat >state.json <<END
{"apps": [], "license": {"serverId": "MINE"}, "mirrors": null}
END
check 'a state file changes the world; context and nodes are options' '
	sim_start --state state.json --context "" --nodes 1 --version 8.9.3 &&
	answers 200 admin GET "$SIM_URL/rest/api/latest/admin/license" &&
	holds ".serverId == \"MINE\" and .expiryDate" &&
	answers 200 admin GET "$SIM_URL/rest/plugins/1.0/" \
		-H "Accept: application/json" && holds ".plugins == []" &&
	answers 403 admin GET "$SIM_URL/rest/zdu/cluster" &&
	answers 200 - GET "$SIM_URL/rest/api/latest/application-properties" &&
	holds ".version == \"8.9.3\"" && sim_stop'
cat >parent.sh <<'END'
bitbucket-sim --die-with-parent >orphan &
until [ -s orphan ]; do sleep 0.05; done
curl -s -d '{"kind": "timeout"}' "$(jq -r .control orphan)/control/fault"
curl -s "$(jq -r .url orphan)/status" >never &
sleep 0.2
END
is_gone() { # URL
	for _ in $(seq 100); do
		breaks 7 - GET "$1" && return
		sleep 0.05
	done
	return 1
}
check 'it ends with its parent, although a request still waits' '
	sh parent.sh >"$out" && is_gone "$(jq -r .control orphan)/control/state" &&
	[ ! -s never ]'
sim_pid=$plain_pid
plan
