#!/bin/sh
# The report page, of every verdict: nothing is lost, nothing is loaded, what
# came from outside stays text, and nothing is cut off on any screen.
# shellcheck source=tests/e2e/lib.sh disable=SC2016,SC2119
. "${0%/*}/lib.sh"

harness=$here/tests/harness
now=$(date -u +%Y-%m-%dT%H:%M:%SZ)

make_page() { # KIND CODE
	"$harness/bundle" "$1" "$1" "$now" || return 1
	exits "$2" gonogo-report decide --bundle "$1" --as-of "$now" &&
		exits 0 gonogo-report render --bundle "$1" --json
}

# The browser's own flags keep it quiet and offline.
browse() {
	chromium --headless --no-sandbox --disable-gpu --disable-quic \
		--no-first-run --disable-background-networking \
		--disable-component-update --disable-sync --disable-dev-shm-usage \
		--host-resolver-rules='MAP * ~NOTFOUND' \
		--user-data-dir="$work/browser" "$@" 2>/dev/null
}

while read -r kind code; do
	check "a page for $kind" "make_page $kind $code"
	check "$kind: every finding, harmless tags and links only" \
		"exits 0 '$harness/page' check $kind"
	check "$kind: no script, nothing loaded, a policy that forbids both" '
		! grep -iE "<script|<img|<iframe|<link|<object|<embed" \
			'"$kind"'/report.html &&
		grep -q "default-src .none." '"$kind"'/report.html'
	check "$kind: one bundle gives one page" '
		cp '"$kind"'/report.html first.html &&
		exits 0 gonogo-report render --bundle '"$kind"' &&
		cmp -s first.html '"$kind"'/report.html'
	check "$kind: report.json is what the page is made of" \
		"jq -e '.schema == \"gonogo.report/1\"' $kind/report.json >'$out'"
done <<END
go 0
conditional 10
no-go 20
unknown 30
END

check "the answer is the page's title and first words" '
	grep -q "<title>NO-GO: git.example.com 9.4.21 to 9.4.22</title>" \
		no-go/report.html && grep -q "<h1>NO-GO</h1>" no-go/report.html'
check "a hostile line is shown as text" '
	grep -q "&lt;script&gt;alert" no-go/report.html &&
	grep -q "&lt;U+202E&gt;" no-go/report.html &&
	grep -qF "{{answer.text}}" no-go/report.html'

# The last one is too wide on purpose: the measure has to see it.
echo "<!DOCTYPE html><p style='width:1500px'>wide" >wide.html
"$harness/page" measure go/report.html conditional/report.html \
	no-go/report.html unknown/report.html wide.html >measure.html || bail
browse --dump-dom "file://$work/measure.html" >"$out"
check "no page is wider than its screen of 360, 800 or 1440 px" '
	[ "$(grep -oE "FITS (360|800|1440)" "$out" | wc -l)" = 12 ] &&
	[ "$(grep -oE "OVERFLOW (360|800|1440) wide" "$out" | wc -l)" = 3 ]'
check "it can be printed" '
	browse --print-to-pdf="$work/page.pdf" "file://$work/no-go/report.html"
	[ "$(head -c 5 page.pdf)" = "%PDF-" ]'

# A site's own templates.
mkdir own
cp "$here"/templates/report* own
check "a site may replace the templates" '
	echo "Verdict: {{answer.text}} {{{answer.text}}}" >own/report.md &&
	exits 0 gonogo-report render --bundle go --templates own &&
	[ "$(cat go/report.md)" = "Verdict: GO GO" ]'
check "a broken template is named with its line" '
	printf "a\n{{#b}}\n" >own/report.md &&
	exits 65 gonogo-report render --bundle go --templates own &&
	said "report.md:3: section .b. is not closed"'
check "half a page is not written for a whole one" '
	printf "a {{> gone.md}}\n" >own/report.md &&
	exits 74 gonogo-report render --bundle go --templates own &&
	said gone.md && [ "$(cat go/report.md)" = "Verdict: GO GO" ]'
check "a partial is a file of the same folder" '
	printf "a {{> ../go/facts.json}}\n" >own/report.md &&
	exits 65 gonogo-report render --bundle go --templates own &&
	said "not a plain file name"'

check "the verdict fits a terminal: 15 lines of 80 columns" '
	run gonogo-report decide --bundle no-go --as-of "$now"
	[ "$(wc -l <"$out")" -le 15 ] &&
	! grep -vE "^(bundle|report): " "$out" | LC_ALL=C.UTF-8 grep -E ".{81}"'
check "findings of other facts give no verdict" '
	echo >>go/facts.json &&
	exits 40 gonogo-report decide --bundle go &&
	said "findings.json: rests on another facts.json" &&
	exits 40 gonogo-report render --bundle go'
plan
