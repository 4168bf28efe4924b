#!/bin/sh
# What the manuals show runs: each command of their EXAMPLES on the demo site,
# each settings file through its own reader.  Taken from the pages' source, so
# that a changed example is run as changed.
# shellcheck source=tests/e2e/lib.sh disable=SC2016,SC2034,SC2154
. "${0%/*}/lib.sh"
cluster_start --repos 4 --commits 5 --days 2 --requests 200 ||
	bail "no cluster"
state=$work/state
cat >>"$conf" <<END
[sign]
key = $state/keys/signing.pem
END

# examples PAGE: writes each block of its EXAMPLES to PAGE.N.
examples() {
	awk -v page="$1" '
		/^\.Sh/ { inside = /^\.Sh EXAMPLES/ }
		inside && /^\.Bd -literal/ { open = page "." ++n; next }
		/^\.Ed/ { if (open) close(open); open = "" }
		open {
			gsub(/\\e/, "\\"); gsub(/\\\(aq/, "\047"); gsub(/\\&/, "")
			print >open
		}' "$here/docs/man/$1"
}
# here_and_now: the names that manuals use become those of the demo site.
here_and_now() {
	sed "s|/etc/gonogo|$work/etc|g; s|/var/lib/gonogo|$state|g
		s|https://bitbucket\.example\.[a-z]*|$SIM_URL|g
		s|postgresql://gonogo@db\.example\.org/bitbucket|$SITE_URL_BACKUP|g
		s|/mnt/bitbucket/shared|$SITE_SHARED|g; s|svc-gonogo|admin|g
		s|/mnt/bb-\([12]\)/|$work/site/node-\1/|g
		s|/srv/gonogo|$work/store|g; s|/srv/audits|$work/audits|g"
}
# runs BLOCK: as one reads it; each line must work, and something is told.
runs() {
	here_and_now <"$1" >"$1.here" && exits 0 sh -eu "./$1.here" && [ -s "$out" ]
}

mkdir etc audits
bsdtar -a -cf support.zip -C site/node-3 log || bail "no support zip"
for page in gonogo.1 gonogo-audit.1 gonogo-backup.1 gonogo-report.1; do
	examples "$page"
	check "$page has examples" '[ -s "$page.1" ]'
	for block in "$page".[0-9]; do
		case $block in
		gonogo.1.2) # what a person fills in
			mv "$conf" etc/gonogo.conf ;;
		gonogo-report.1.2) # what goes to a machine without gonogo
			rm -rf friday
			cp -R audits/friday "$state/keys/signing.pem.pub" .
			PATH=/usr/bin:/bin ;;
		esac
		check "$page: $(head -n 1 "$block")" 'runs "$block"'
	done
done
PATH=$build:$PATH
check "the example of a gate took the bundle of the example of a run" '
	[ "$(wc -l <audits/friday/gate-log.ndjson)" = 1 ]'

# reads BLOCK COMMAND...: the block is taken as it stands, and refused with
# a key that there is not.
reads() {
	block=$1
	shift
	here_and_now <"$block" >sample.conf && exits 0 "$@" sample.conf &&
		{ cat sample.conf && echo "colour = green"; } >spoiled.conf &&
		exits 64 "$@" spoiled.conf && said "colour"
}
examples gonogo.conf.5
examples gonogo-policy.5
cp "$work/admin-password" bitbucket-password
cp "$SITE_PASSWORDS/gonogo_backup" database-password
check "gonogo.conf.5: the settings of its example are taken" '
	reads gonogo.conf.5.1 gonogo run --plan -c && [ ! -e gonogo.conf.5.2 ]'
check "gonogo-policy.5: so is the policy" '
	reads gonogo-policy.5.1 gonogo-audit judge --bundle audits/friday \
		--out judged --policy && [ ! -e gonogo-policy.5.2 ]'
check "no page has examples that are not run here" '
	[ "$(grep -l "^\.Sh EXAMPLES" "$here"/docs/man/* | wc -l)" = 6 ]'
plan
