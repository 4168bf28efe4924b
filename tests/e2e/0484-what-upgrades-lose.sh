#!/bin/sh
# What an upgrade usually loses is saved beside the home: start scripts, JVM
# arguments, server.xml, and the stores of keys that they and the properties
# name.
# shellcheck source=tests/e2e/lib.sh disable=SC2016,SC2034,SC2154
. "${0%/*}/lib.sh"

mkdir -p home/data/repositories install/bin install/conf keys/jre/lib/security
git init -q --bare home/data/repositories/1
cat >home/bitbucket.properties <<END
server.ssl.key-store=$work/keys/server.p12
server.ssl.trust-store=$work/keys/gone.p12
END
echo "<Server/>" >install/conf/server.xml
printf 'JVM_SUPPORT_RECOMMENDED_ARGS="-Djavax.net.ssl.trustStore=%s -Xmx4g"\n' \
	"$work/keys/trust.jks" >install/bin/setenv.sh
printf 'export JRE_HOME="%s"\n' "$work/keys/jre" >install/bin/set-jre-home.sh
chmod 755 install/bin/setenv.sh
for key in server.p12 trust.jks jre/lib/security/cacerts; do
	echo "$key" >"keys/$key"
done
echo "extra" >extra
cat >gonogo.conf <<END
[home]
shared = home
install = install
[store]
path = store
[state]
dir = state
END

check "a set is made" '
	exits 0 gonogo-backup create -c gonogo.conf --no-database \
		--also "$work/extra" && set=$(sed "s/.* //" "$out")'
check "what is named and not there is told" '
	jq -e ".notes | any(test(\"keys/gone.p12, which server.ssl.trust-store\"))" \
		"$set/EVIDENCE.json" >/dev/null'
check "all of it comes back, as it was" '
	exits 0 gonogo-backup restore -c gonogo.conf --to back --also others &&
	for one in install/conf/server.xml install/bin/setenv.sh \
		keys/server.p12 keys/trust.jks keys/jre/lib/security/cacerts \
		extra; do
		cmp "$one" "others$work/$one" || exit
	done && [ -x "others$work/install/bin/setenv.sh" ]'
check "a folder that is no installation is refused" '
	sed "s/^install = .*/install = keys/" gonogo.conf >none.conf &&
	exits 64 gonogo-backup create -c none.conf --no-database &&
	said "\[home\] install" && said "^hint: "'
plan
