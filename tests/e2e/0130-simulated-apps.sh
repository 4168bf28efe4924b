#!/bin/sh
# Simulated apps, and what the Marketplace says of them.
# shellcheck source=tests/e2e/sim.sh disable=SC2016,SC2034,SC2154,SC2317
. "${0%/*}/sim.sh"

# ---- apps ----
type=application/vnd.atl.plugins
check 'the list of apps is the vendor type, with a token' '
	answers 200 admin GET "$upm/" -H "Accept: $type.installed+json" &&
	grep -qi "^content-type: $type.installed+json" head &&
	grep -qi "^upm-token:" head &&
	holds ".plugins | length == 7 and all(has(\"restartState\"))"'
check 'browsers get a page, other types 406' '
	answers 200 admin GET "$upm/" && grep -q "<html" "$out" &&
	answers 406 admin GET "$upm/" -H "Accept: application/xml"'
check 'one app is told with its modules' '
	answers 200 admin GET "$upm/com.example.bb.checks-key" \
		-H "Accept: $type.plugin+json" &&
	holds ".modules == [] and .version == \"3.2.1\"" &&
	answers 404 admin GET "$upm/no.such-key" -H "Accept: $type.plugin+json"'
check 'newer products are listed with their links' '
	answers 200 admin GET "$upm/product-updates" \
		-H "Accept: $type.product.updates+json" &&
	holds "(.versions | map(.version) | index(\"9.4.23\") and
		(index(\"9.4.22\") | not)) and .hostStatus.pacUnavailable == false"'
link=$(jq -r '.versions[] | select(.version == "9.4.23") | .links.self' "$out")
compatibility() {
	answers 200 admin GET "${SIM_URL%/bitbucket}$link" \
		-H "Accept: $type.compatibility+json, application/json;q=0.5"
}
lists='{c: .compatible, b: .updateRequired,
	a: .updateRequiredAfterProductUpdate, i: .incompatible, u: .unknown}
	| map_values(map(.key) | sort)'
check 'all user-installed apps suit the next bug-fix, disabled ones too' '
	compatibility && holds "$lists | (.c | length == 4) and
		.b == [] and .a == [] and .i == [] and .u == []"'
listing() { # KEY VERSIONS: the marketplace lists only this app
	told world "{\"marketplace\": {\"apps\": [{\"key\": \"$1\",
		\"data_center\": true, \"versions\": [$2]}]}}"
}
range() { echo "{\"version\": \"$1\", \"data_center\": [\"$2\", \"$3\"]}"; }
hooks=org.example.hooks
verdict() { # LETTER: of the app hooks
	compatibility && holds "$lists | .$1 | index(\"$hooks\")"
}
check 'a range includes its ends' '
	listing $hooks "$(range 11.4.0 9.4.23 9.4.23)" && verdict c'
check 'a version for both products is an update before' '
	listing $hooks "$(range 12.0.0 9.4.22 10.2.6),
		$(range 11.4.0 9.0.0 9.4.22)" && verdict b'
check 'a version for the target alone is an update after' '
	listing $hooks "$(range 12.0.0 9.4.23 10.2.6),
		$(range 11.4.0 9.0.0 9.4.22)" && verdict a'
check 'no version is incompatible; a Server range does not count' '
	listing $hooks "{\"version\": \"11.4.0\", \"server\": [\"9.0.0\", \"10.0.0\"]}" &&
	verdict i'
check 'what is not listed is unknown, as is what could not be looked up' '
	holds "$lists | .u | length == 3" &&
	listing $hooks "$(range 11.4.0 9.0.0 10.0.0)" &&
	told world "{\"marketplace\": {\"failing\": [\"$hooks\"]}}" && verdict u'
check 'a Marketplace time-out leaves apps out of every list' '
	told world "{\"marketplace\": {\"failing\": [], \"dropped\": [\"$hooks\"]}}" &&
	compatibility && holds "[.[] | arrays | .[].key] | length == 3 and
		(index(\"$hooks\") | not)"'
told world '{"marketplace": {"dropped": []}}'
check 'an unreachable Marketplace: five empty lists and 200' '
	told world "{\"marketplace\": {\"reachable\": false}}" && compatibility &&
	holds "[.compatible, .updateRequired, .updateRequiredAfterProductUpdate,
		.incompatible, .unknown] | add == []" &&
	answers 200 admin GET "$upm/pac-status" -H "Accept: $type.pac.status+json" &&
	holds ".reachable == false and .disabled == false" &&
	answers 200 admin GET "$upm/product-updates" \
		-H "Accept: $type.product.updates+json" &&
	holds ".versions == [] and .hostStatus.pacUnavailable"'
told world '{"marketplace": {"reachable": true}}'
check 'five empty lists with status 200 on command' '
	told clear &&
	told fault "{\"path\": \"/rest/plugins\", \"kind\": \"empty-lists\"}" &&
	compatibility && holds "[.[] | arrays] | length == 5 and add == []"'
told clear
check 'installing, updating, disabling and removing show at once' '
	told app "{\"action\": \"install\", \"key\": \"org.new\", \"name\": \"New\"}" &&
	told app "{\"action\": \"update\", \"key\": \"org.new\", \"version\": \"2.0\"}" &&
	told app "{\"action\": \"disable\", \"key\": \"org.new\"}" &&
	answers 200 admin GET "$upm/org.new-key" -H "Accept: application/json" &&
	holds ".version == \"2.0\" and .enabled == false and .userInstalled" &&
	told app "{\"action\": \"uninstall\", \"key\": \"org.new\"}" &&
	answers 404 admin GET "$upm/org.new-key" -H "Accept: application/json" &&
	! told app "{\"action\": \"update\", \"key\": \"org.new\", \"version\": \"3\"}"'
events=$SIM_URL/rest/auditing/1.0/events
check 'and leave events, newest first, in pages' '
	answers 200 admin GET "$events?limit=2" && holds "(.entities | length == 2) and
		.pagingInfo.lastPage == false and .pagingInfo.size == 2" &&
	seen=2 && until holds .pagingInfo.lastPage; do
		answers 200 admin GET "$(text .pagingInfo.nextPageLink)" &&
			seen=$((seen + $(text .pagingInfo.size))) || break
	done &&
	answers 200 admin GET "$events?limit=10000" &&
	[ "$(text ".entities | length")" = "$seen" ] && [ "$seen" -ge 7 ] &&
	holds "[.entities[].timestamp] | . == (sort | reverse)" &&
	holds "[.entities[].type.action] | index(\"Plugin uninstalled\") and
		index(\"System backup succeeded\")"'
check 'a window of time is obeyed' '
	day=$(date -u -d "5 days ago" +%Y-%m-%dT%H:%M:%SZ) &&
	answers 200 admin GET "$events?to=$day" &&
	holds "[.entities[].type.action] == [\"Plugin upgraded\"]" &&
	answers 200 admin GET "$events?from=$day" &&
	holds "[.entities[] | select(.affectedObjects[0].name ==
		\"Example Checks\")] == []"'

# ---- the Marketplace itself ----
check 'product versions carry build numbers' '
	answers 200 - GET "$shop/applications/bitbucket/versions?limit=3" &&
	holds "(._embedded.versions | length == 3) and ._links.next.href and
		.count == 8" &&
	answers 200 - GET "$shop/applications/bitbucket/versions/name/9.4.23" &&
	holds ".buildNumber == 9004023" &&
	answers 200 - GET "$shop/applications/bitbucket/versions/latest" &&
	holds ".version == \"10.2.6\""'
check 'a collection without entries gives its templates' '
	answers 200 - GET "$shop/addons/$hooks/versions?limit=0" &&
	holds "._embedded.versions == [] and ._links.byName.href"'
check 'versions of an app are selected by build' '
	listing $hooks "$(range 12.0.0 9.4.23 10.2.6),
		$(range 11.4.0 9.0.0 9.4.22)" &&
	answers 200 - GET "$shop/addons/$hooks/versions/latest?application=bitbucket&applicationBuild=9004022" &&
	holds ".name == \"11.4.0\" and .compatibilities[0].hosting.dataCenter ==
		{min: {build: 9000000, version: \"9.0.0\"},
		 max: {build: 9004022, version: \"9.4.22\"}}" &&
	answers 200 - GET "$shop/addons/$hooks?application=bitbucket&applicationBuild=9004023&withVersion=true" &&
	holds "._embedded.version.name == \"12.0.0\"" &&
	answers 404 - GET "$shop/addons/$hooks/versions/latest?applicationBuild=8000000" &&
	answers 404 - GET "$shop/addons/no.such.app"'
plan
