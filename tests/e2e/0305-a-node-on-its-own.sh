#!/bin/sh
# A node is looked at where it stands, by the program or by a shell script, and
# both tell the same; what is half or of the future is no look.
# shellcheck source=tests/e2e/lib.sh disable=SC2016,SC2034,SC2154
. "${0%/*}/lib.sh"
mkdir -p home install/bin install/conf applets
echo 'JVM_SUPPORT_RECOMMENDED_ARGS=-Dpassword=planted-7Yu3' \
	>install/bin/setenv.sh
echo '<Server/>' >install/conf/server.xml
ln -s ../../secrets install/conf/link
# What names the home on its command line stands for Bitbucket.
/usr/bin/python3 -c 'import time; time.sleep(600)' \
	"-Dbitbucket.home=$work/home" &
node=$!
at_end 'kill $node'
until tr '\0' '\n' <"/proc/$node/cmdline" | grep -q bitbucket.home; do
	:
done
field() { jq -r "$1" "$2"; }
# What both know, without what changes from one moment to the next.
steady() { jq -S 'del(.at, .machine.home_free_bytes)' "$1"; }

check "the program looks" '
	exits 0 gonogo-audit node --home "$work/home" --install install \
		--out here.json &&
	[ "$(field .schema here.json)" = gonogo.node/1 ] &&
	[ "$(field .machine.cores here.json)" -ge 1 ] &&
	[ "$(field .machine.open_files_limit here.json)" -ge 1 ] &&
	[ "$(field "[.machine.install[].path] | join(\" \")" here.json)" = \
		"bin/setenv.sh conf/server.xml" ]'
check "the script is printed, and no secret is in what it writes" '
	exits 0 gonogo-audit node --script && cp "$out" node.sh &&
	cmp node.sh "$here/templates/node.sh" &&
	dash node.sh "$work/home" install >dash.tar &&
	tar -xOf dash.tar >all && ! grep -q planted all'
check "under dash it tells the same" '
	exits 0 gonogo-audit node --read dash.tar --out dash.json &&
	steady here.json >a && steady dash.json >b && diff a b >&2'
check "under busybox, with nothing but its applets, too" '
	busybox --install -s applets && box=$(command -v busybox) &&
	ln -sf "$(command -v git)" applets/ &&
	PATH=$work/applets "$box" sh node.sh "$work/home" install \
		>busybox.tar && tar -tf busybox.tar >/dev/null &&
	exits 0 gonogo-audit node --read busybox.tar --out busybox.json &&
	steady busybox.json >b && diff a b >&2'
check "it leaves nothing behind" '
	mkdir tmp && TMPDIR=$work/tmp dash node.sh "$work/home" >x.tar &&
	[ -z "$(ls tmp)" ]'
check "half a look is none" '
	head -c 3000 dash.tar >half.tar &&
	exits 65 gonogo-audit node --read half.tar &&
	mkdir part && tar -xf dash.tar -C part && rm part/end &&
	tar -cf part.tar -C part . &&
	exits 65 gonogo-audit node --read part.tar && said "broke off" &&
	head -c 40 here.json >half.json &&
	exits 65 gonogo-audit node --read half.json'
check "neither a home nor two things at once" '
	exits 64 gonogo-audit node &&
	exits 64 gonogo-audit node --home home --script &&
	exits 74 gonogo-audit node --home "$work/nowhere" &&
	! sh node.sh "$work/nowhere" >x.tar'
plan
