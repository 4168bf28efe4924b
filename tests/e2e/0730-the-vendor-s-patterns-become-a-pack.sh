#!/bin/sh
# A user's copy of the vendor's RegexEntry file becomes a pack: what PCRE takes
# otherwise than Java is left out, and all that is left out is named.
# shellcheck source=tests/e2e/lib.sh disable=SC2016,SC2034,SC2154
. "${0%/*}/lib.sh"

entry() { # ID REGEX
	printf '<RegexEntry><pageName>Page of %s</pageName><regex>%s</regex>' "$1" "$2"
	printf '<URL>https://kb.example.org/%s</URL><Id>%s</Id><sourceID>KB</sourceID></RegexEntry>\n' "$1" "$1"
}
file() { { echo '<object-stream>'; cat; echo '</object-stream>'; } >rules.xml; }
import() { run gonogo-audit pack import rules.xml; cp "$out" pack.yaml; }
said_of() { grep -E "warning: $1 \(Page of $1\): $2" "$err" >/dev/null; }

{
	entry 1 'ProcessTimeoutException: .* timed out after \d+s'
	entry 2 'a &lt;b&gt; &amp;&amp; &quot;c&quot; \\ back'
	entry 3 'first of its Id'
	entry 3 'second of its Id'
	entry 4 ''
	entry 5 '$body'
	entry 6 'open ['
	entry 7 '[a-z&amp;&amp;[^x]]+y'
	entry 8 '[a[bc]]+ x'
	entry 9 '\p{javaLowerCase} x'
	entry 10 '\p{Upper}[\p{Digit}-]+ x'
	entry 11 '(?d)x y'
	entry 12 'tab\u0009and \u00e9t\u00e9'
	entry 13 '\0101 x'
	entry 14 '\Q[a&amp;&amp;b]\E x'
	entry 15 '([fo]+)+ 1[0-9]$'
	entry 17 '\p{L}+ x'
	entry 16 '[]x] in it'
	echo '<Other><regex>not one of them</regex></Other>'
	printf '<RegexEntry><regex>no Id, no name</regex></RegexEntry>'
} | file
check "what can be had is a pack, which is fit for use" '
	import && [ "$status" = 0 ] && said "8 rules" &&
	exits 0 gonogo-audit pack lint pack.yaml && said "8 rules" && said "0 flaws" &&
	said "^vendor-1 +hs, untested"'
import
check "all that is left out is named, with the reason" '
	said_of 3 replaced && said_of 4 "left out: no pattern" && said_of 5 "left out: no pattern" &&
	said_of 6 "left out: .*missing" && said_of 7 "left out: an intersection" &&
	said_of 8 "left out: a class inside" && said_of 9 "left out: a .p that only Java" &&
	said_of 11 "left out: a flag" && said_of 13 "left out: an octal" &&
	said_of 17 "left out: a .p that only Java" && said_of 15 "left out: .*runs away"'
check "the later entry of an Id counts, in its place" '
	grep -q "second of its Id" pack.yaml && ! grep -q "first of its Id" pack.yaml'
log() { printf '2026-02-03 14:00:00,118 INFO  [t] u *7QK2MXx845x1203x4 s 192.0.2.1 "GET /%s" c.a.X %s\n' "$@"; }
check "they are searched as the vendor does: in any line, all of it" '
	{ log "?q=a <b> && \"c\" \\ back" x; log x "ProcessTimeoutException: git timed out after 30s"
	  log x X7-7; echo "	at [a&&b] x"; log x "AB12-3 x"; log x "tab	and été"; log x "] in it"; } \
		>atlassian-bitbucket.log &&
	exits 0 gonogo-audit logs --pack pack.yaml --json n=atlassian-bitbucket.log &&
	[ "$(jq -r "[.hits[].rule] | sort | join(\" \")" "$out")" = \
		"vendor-1 vendor-10 vendor-12 vendor-14 vendor-16 vendor-2" ]'
check "no such file, no XML, no entries, none of use: an error with the line" '
	exits 74 gonogo-audit pack import nowhere.xml && said nowhere &&
	echo "<a><b></a>" >rules.xml && exits 65 gonogo-audit pack import rules.xml &&
	said "rules.xml:1: mismatched" && echo "<object-stream/>" >rules.xml &&
	exits 65 gonogo-audit pack import rules.xml && said "no RegexEntry" &&
	entry 1 "[" | file && exits 65 gonogo-audit pack import rules.xml &&
	said "not one entry" && exits 64 gonogo-audit pack import'
check "a file that grows by its own entities, or without end, is refused" '
	printf "<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><x>&b;</x>" >rules.xml &&
	exits 65 gonogo-audit pack import rules.xml && said "entities of its own" &&
	/usr/bin/python3 -c "print(\"<a>\" * 50 + \"</a>\" * 50)" >rules.xml &&
	exits 65 gonogo-audit pack import rules.xml && said "too deep" &&
	/usr/bin/python3 -c "print(\"<a>\" + \"x\" * 70000 + \"</a>\")" >rules.xml &&
	exits 65 gonogo-audit pack import rules.xml && said "too long"'
plan
