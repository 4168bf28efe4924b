#!/bin/sh
# Each verb and option of each program stands in its manual, and back.
# shellcheck source=tests/e2e/lib.sh disable=SC2016,SC2034,SC2154,SC2317
. "${0%/*}/lib.sh"

# words PROGRAM VERB: the long options that its --help tells.
words() { "$1" "$2" --help | grep -oE -- '(^|[ ,])--[a-z][a-z-]*' | tr -d ' ,'; }

for program in gonogo gonogo-audit gonogo-backup gonogo-report; do
	page=$here/docs/man/$program.1
	verbs=$("$program" --help | sed -n 's/^  \([a-z]*\) .*/\1/p')
	[ -n "$verbs" ] || bail "$program --help lists no verbs"
	: >told
	for verb in $verbs; do
		case "$program $verb" in
		"gonogo look" | "gonogo init" | "gonogo audit" | "gonogo backup" | "gonogo report") ;;
		*) words "$program" "$verb" | grep -v -- --help >>told ;;
		esac
		check "$program $verb: its manual has the verb" \
			'grep -qE "^\.(It )?Cm ([a-z]+ [,|] )*$verb( |\$)" "$page"'
	done
	sort -u told -o told
	sed -n 's/Fl Fl /\n--/gp' "$page" | sed -n 's/^--\([a-z][a-z-]*\).*/--\1/p' |
		sort -u >written
	check "$program: every option of --help is in the manual" \
		'comm -23 told written >missing && cp missing "$out" && [ ! -s missing ]'
	check "$program: the manual tells no option that is not there" \
		'comm -13 told written >extra && cp extra "$out" && [ ! -s extra ]'
	check "$program: the manual has exit codes and examples" \
		'grep -q "^\.Sh EXIT STATUS" "$page" && grep -q "^\.Sh EXAMPLES" "$page"'
	check "$program --help fits 80 columns and goes to standard output" '
		{ run "$program" --help && cp "$out" all &&
		for verb in $verbs; do
			case "$program $verb" in
			"gonogo "[abil]* | "gonogo report") ;;
			*) run "$program" "$verb" --help && cat "$out" >>all ;;
			esac
		done; } && [ ! -s "$err" ] && ! grep -E "^.{81}" all'
done
plan
