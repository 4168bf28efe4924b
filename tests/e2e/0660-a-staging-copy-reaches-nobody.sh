#!/bin/sh
# restore --staging: a home and a database that name production in every place
# come out clean, as a text search of both shows; what can't be rewritten is
# named, and nothing starts from the copy then.
# shellcheck source=tests/e2e/lib.sh disable=SC2016,SC2034,SC2154
. "${0%/*}/lib.sh"

cluster_start --repos 3 --commits 5 --days 1 --requests 50 >"$err" 2>&1 ||
	bail "the cluster"
server() {
	if [ "$(id -u)" = 0 ]; then
		program=$1
		shift
		(cd / && runuser -u postgres -- "$program" -h "$SITE_SOCKET" "$@")
	else
		"$@" -U postgres -h "$SITE_SOCKET"
	fi
}
prod() { server psql -Xqv ON_ERROR_STOP=1 -d bitbucket "$@"; }
prod >"$out" 2>"$err" <<-'SQL' || bail "planting"
	INSERT INTO app_property VALUES
		('mail.host', 'smtp.prod.example.com'),
		('mail.from', 'bitbucket@prod.example.com');
	INSERT INTO plugin_setting VALUES
		('applinks.global', 'applinks.admin.1.url',
		'https://jira.prod.example.com', 71),
		('x', 'some.app', '{"callback":"https://ci.prod.example.com/hook"}', 72);
	INSERT INTO bb_mesh_node VALUES
		(71, 'mesh-1', 'http://mesh-1.prod.example.com:7777', 1);
	INSERT INTO "AO_8E6075_MIRROR_SERVER" VALUES ('m1', 'EU',
		'https://mirror.prod.example.com', 'BITBUCKET', '9.4', 'ON', now(), 'k');
	CREATE TABLE "AO_1234_WEBHOOK" ("ID" int PRIMARY KEY, "URL" varchar(255),
		"ACTIVE" boolean);
	INSERT INTO "AO_1234_WEBHOOK" VALUES
		(1, 'https://hooks.prod.example.com/a', true);
	INSERT INTO cwd_directory VALUES (71, 'LDAP of all', 'x', 'CONNECTOR', 'T');
	CREATE TABLE cwd_directory_attribute (directory_id bigint,
		attribute_name text, attribute_value text);
	INSERT INTO cwd_directory_attribute VALUES
		(71, 'ldap.url', 'ldaps://ldap.prod.example.com:636');
	UPDATE sta_pull_request SET description =
		'see https://bitbucket.example.com/projects/DEMO and es.prod.example.com';
SQL
cat >>"$SITE_SHARED/bitbucket.properties" <<-'PROPERTIES'
	# the old one was es-old.prod.example.com
	plugin.search.config.baseurl=https://es.prod.example.com:9200
	plugin.mirror.upstream=https://mirror.prod.example.com
	mesh.something=mesh-1.prod.example.com:7777
	unknown.to.all=hz.prod.example.com
	page.max.pull.requests=100
PROPERTIES
exits 0 gonogo-backup create -c "$conf" || bail "create"
# What of production may not be found: hosts, folders, passwords.
cat >names <<-NAMES
	prod.example.com
	bitbucket.example.com
	db.example.com
	search.example.com
	bb-node-1.example.com
	$SITE_SHARED
	$(cat "$SITE_PASSWORDS/bitbucket")
NAMES
dumped() { server pg_dump -d "$1" >"$1.sql" && [ -s "$1.sql" ]; }
stage() {
	run gonogo-backup restore --store "$work/store" --to "$work/$1" \
		--database "postgresql://postgres@/$1?host=$SITE_SOCKET" \
		--staging "$2"
}

check "the search of this scenario finds what was planted" '
	dumped bitbucket && grep -qFf names bitbucket.sql &&
	grep -qFf names "$SITE_SHARED/bitbucket.properties"'
check "a staging copy is made, and each change is told" '
	stage copy https://staging.example.net && [ "$status" = 0 ] &&
	said "^restored set .* as a staging copy" && said "^mirrors: " &&
	said "^Mesh nodes: " && said "web hooks are off" &&
	said "^jdbc.url: written anew" && said "^unknown.to.all: left out" &&
	said "^license: " && cp "$out" told &&
	grep -v "^restored" told | cmp - copy/gonogo-staging-changes.txt'
check "nothing of production is in its properties" '
	! grep -nFf names copy/bitbucket.properties &&
	! grep -nFf names copy/gonogo-staging-changes.txt'
check "nothing is in a text dump of its database" '
	dumped copy && ! grep -nFf names copy.sql'
check "it says what it is" '
	grep -qx "disaster.recovery=true" copy/bitbucket.properties &&
	grep -qx "page.max.pull.requests=100" copy/bitbucket.properties &&
	grep -qx "setup.baseUrl=https://staging.example.net" \
		copy/bitbucket.properties &&
	grep -qF "https://staging.example.net" copy.sql &&
	[ ! -e copy/.gonogo-incomplete ]'

check "the URL of production is refused, and nothing starts from the copy" '
	stage own https://bitbucket.example.com && [ "$status" = 64 ] &&
	said "production.s own" && [ ! -e own/bitbucket.properties ] &&
	[ -e own/.gonogo-incomplete ]'
check "half a copy is none" '
	exits 64 gonogo-backup restore --store "$work/store" --to "$work/half" \
		--staging https://staging.example.net && [ ! -e half ]'
check "so is what is no URL" '
	stage odd staging && [ "$status" = 64 ] && [ ! -e odd ]'

prod -c "UPDATE bb_clusteredjob SET parameters =
	convert_to('x https://bitbucket.example.com y', 'UTF8')" >"$out" || bail
exits 0 gonogo-backup create -c "$conf" || bail "create"
check "what can not be rewritten is named, and nothing starts from it" '
	stage left https://staging.example.net && [ "$status" = 65 ] &&
	said "bb_clusteredjob.parameters: .* still name production" &&
	[ ! -e left/bitbucket.properties ] && [ -e left/.gonogo-incomplete ]'
plan
