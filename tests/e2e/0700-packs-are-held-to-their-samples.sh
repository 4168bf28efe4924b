#!/bin/sh
# A pack of known problems is held against its own samples before it is used.
# shellcheck source=tests/e2e/lib.sh disable=SC2016,SC2034,SC2154
. "${0%/*}/lib.sh"

# pack RULE-LINES...: a pack of one rule, in pack.yaml.
pack() {
	{
		printf '%s\n' 'schema: gonogo.logrules/1' 'pack: site' 'version: 1' \
			'as_of: 2026-01-01' 'stale_after: 2027-01-01' 'rules:' \
			'- id: S1' '  title: a thing' '  mark: doc' '  files: [app]'
		printf '  %s\n' "$@"
	} >pack.yaml
}
samples="tests: {match: [foo 12], nomatch: [foo x]}"

check "the shipped pack is without a flaw and has the 93 signatures" '
	exits 0 gonogo-audit pack lint && said "93 rules" && said "0 flaws" &&
	said "^G01 +hs$"'
check "a good rule of a site" '
	pack "regex: foo [0-9]+" "$samples" &&
	exits 0 gonogo-audit pack lint pack.yaml && said "^S1 +hs$"'
check "each way to search is named" '
	pack "regex: (?<=a )foo [0-9]" "tests: {match: [a foo 1], nomatch: [foo 1]}" &&
	exits 0 gonogo-audit pack lint pack.yaml && said "^S1 +hs-prefilter.pcre2$" &&
	pack "regex: foo(*SKIP) [0-9]|x" "$samples" && run gonogo-audit pack lint \
		pack.yaml && said "^S1 +pcre2-only$"'

# harm WHAT SAYS LINES: the pack is refused and the flaw named.
while IFS="|" read -r what says one two; do
	check "refused: $what" 'pack "$one" "$two" &&
		exits 65 gonogo-audit pack lint pack.yaml && said "$says"'
done <<END
a sample that is not matched|does not match its sample|regex: bar|$samples
a sample that must not match|which it must not|regex: fo+|$samples
no samples|no samples|regex: foo|levels: [ERROR]
a pattern that runs away|runs away|regex: ([fo]+)+ 1[0-9]\$|$samples
a pattern that is none|missing closing|regex: foo [0-9]+(|$samples
one that matches nothing at all|empty|regex: x*|$samples
an unknown key|unknown key 'lvels'|lvels: [ERROR]|regex: foo
an unknown level|none of|levels: [BAD]|regex: foo
a range that nothing is in|no version is in|affects: ">=9.0 <8.0"|regex: foo [0-9]+
a version that is none|not a version|affects: "new"|regex: foo
regex and literal|either|regex: foo|literal: foo
END
check "refused: an id twice, another schema, no pack at all" '
	pack "regex: foo [0-9]+" "$samples" && sed -n "/^- id/,\$p" pack.yaml >again &&
	cat again >>pack.yaml && exits 65 gonogo-audit pack lint pack.yaml &&
	said "twice" && sed -i s/logrules/other/ pack.yaml &&
	exits 65 gonogo-audit pack lint pack.yaml && said "schema" &&
	exits 74 gonogo-audit pack lint nowhere.yaml && said "nowhere" &&
	exits 64 gonogo-audit pack mend'
plan
