#!/bin/sh
# Each fault of the simulated cluster harms in its own way, and in no other.
# shellcheck source=tests/e2e/sim.sh disable=SC2016,SC2034,SC2154,SC2317
. "${0%/*}/sim.sh"

# ---- faults ----
target=$SIM_NODE_1/rest/api/latest/admin/license
spoil() { told clear && told fault "{\"path\": \"/rest/api\", $1}"; }
check 'refuse closes the port, or resets a request' '
	told fault "{\"kind\": \"refuse\", \"node\": \"bb-node-1\"}" &&
	breaks 7 admin GET "$target" && answers 200 - GET "$SIM_NODE_2/status" &&
	told clear && answers 200 admin GET "$target" &&
	spoil "\"kind\": \"refuse\"" && ask admin GET "$target" &&
	{ [ "$status" = 56 ] || [ "$status" = 52 ]; }'
check 'reset and cut break in the middle of the body' '
	spoil "\"kind\": \"reset\"" && breaks 56 admin GET "$target" &&
	[ -s "$out" ] && ! holds . && spoil "\"kind\": \"cut\"" &&
	breaks 18 admin GET "$target" && [ -s "$out" ] && ! holds .'
check 'lost acts without an answer, and so does a reset without a body' '
	told clear && told fault "{\"path\": \"/mvc\", \"kind\": \"lost\",
		\"count\": 1}" &&
	breaks 28 admin POST "$mvc/maintenance/lock" -m 0.3 &&
	answers 409 admin POST "$mvc/maintenance/lock" &&
	told maintenance "{\"action\": \"break\"}" && lock &&
	told fault "{\"path\": \"/mvc\", \"kind\": \"reset\", \"count\": 1}" &&
	! unlock && [ "$status" != 0 ] &&
	answers 404 admin GET "$mvc/maintenance/lock"'
check 'timeout never answers, drip only slowly' '
	spoil "\"kind\": \"timeout\"" && breaks 28 admin GET "$target" -m 0.3 &&
	[ ! -s "$out" ] && spoil "\"kind\": \"drip\", \"ms\": 200" &&
	breaks 28 admin GET "$target" -m 1 && [ -s "$out" ] &&
	spoil "\"kind\": \"drip\", \"ms\": 5, \"bytes\": 64" &&
	answers 200 admin GET "$target" && holds .serverId'
check 'every status comes with an error body' '
	for wanted in 401 403 404 429 500 503; do
		spoil "\"kind\": \"status\", \"status\": $wanted, \"retry_after_s\": 7" &&
			answers $wanted admin GET "$target" &&
			holds ".errors[0].message" &&
			grep -qi "^retry-after: 7" head || break
	done && [ "$code" = 503 ]'
check 'empty and truncated answers claim to be whole' '
	spoil "\"kind\": \"empty\"" && answers 200 admin GET "$target" &&
	[ ! -s "$out" ] && spoil "\"kind\": \"truncated\"" &&
	answers 200 admin GET "$target" && [ -s "$out" ] && ! holds .'
check 'wrong types, wrong shapes, HTML, empty lists' '
	spoil "\"kind\": \"wrong-type\"" &&
	answers 200 admin GET "$rest/admin/cluster" &&
	holds ".running == \"true\" and .localNode.address.port == \"5701\" and
		(.localNode.name | type == \"number\")" &&
	spoil "\"kind\": \"wrong-shape\"" && answers 200 admin GET "$target" &&
	holds "type == \"array\"" && spoil "\"kind\": \"html\"" &&
	answers 200 admin GET "$target" && grep -q "<html" "$out" &&
	spoil "\"kind\": \"empty-lists\"" &&
	answers 200 admin GET "$rest/admin/cluster" && holds ".nodes == [] and .running"'
check 'another host answers with its own identity' '
	spoil "\"kind\": \"other-host\"" && answers 200 admin GET "$target" &&
	holds ".serverId == \"BZZZ-0000-0000-0001\"" &&
	answers 200 - GET "$rest/application-properties" &&
	holds ".version == \"8.19.5\"" && answers 200 admin GET "$rest/admin/cluster" &&
	holds ".nodes | length == 1"'
check 'skew moves the date of some answers' '
	spoil "\"kind\": \"skew\", \"skew_s\": 600" &&
	answers 200 admin GET "$target" && date_off 600 &&
	answers 200 - GET "$SIM_NODE_1/status" && date_off 0'
check 'a fault skips, counts, and knows method, node and exact path' '
	told clear && told fault "{\"path\": \"/status\", \"exact\": true,
		\"method\": \"GET\", \"node\": \"bb-node-2\", \"kind\": \"html\",
		\"skip\": 1, \"count\": 2}" &&
	for i in 1 2 3 4; do
		ask - GET "$SIM_NODE_2/status"
		grep -c "<html" "$out"
	done | tr -d "\n" | grep -qx 0110 && answers 200 - GET "$SIM_NODE_1/status" &&
	holds .state'
check 'the Marketplace breaks, too' '
	told clear && told fault "{\"node\": \"marketplace\", \"kind\": \"status\",
		\"status\": 503}" && answers 503 - GET "$shop" && told clear &&
	answers 200 - GET "$shop"'
check 'a wish that makes no sense is refused' '
	! told fault "{\"kind\": \"no\"}" && ! told fault "no JSON" &&
	! told node "{\"node\": \"no\"}" && ! told app "{\"action\": \"eat\",
		\"key\": \"x\"}" && ! told no-such-verb'
check 'the journal knows who asked what, and keeps no token' '
	told forget && lock && unlock && told journal &&
	holds ". | map([.node, .method, .path, .user, .status]) ==
		[[\"bb-node-1\", \"POST\", \"/mvc/maintenance/lock\", \"admin\", 202],
		 [\"bb-node-1\", \"DELETE\", \"/mvc/maintenance/lock\", \"admin\", 200]]" &&
	! grep -q "$token" "$out" && told state && holds ".requests > 10" &&
	! grep -q "\"password\"" "$out"'
plan
