#!/bin/sh
# What gonogo writes for other programs is read by readers that are not ours:
# JUnit, Prometheus' text, PDF; and none of them shows a green run without GO.
# shellcheck source=tests/e2e/lib.sh disable=SC2016,SC2119
. "${0%/*}/lib.sh"

harness=$here/tests/harness
now=$(date -u +%Y-%m-%dT%H:%M:%SZ)

make_page() { # KIND CODE
	"$harness/bundle" "$1" "$1" "$now" || return 1
	exits "$2" gonogo-report decide --bundle "$1" --as-of "$now" &&
		exits 0 gonogo-report render --bundle "$1"
}

# junit DIR: the file's own counts, counted anew; and a line a test case.
junit() {
	/usr/bin/python3 -B - "$1/junit.xml" <<'PYTHON'
import sys
from junitparser import JUnitXml
xml = JUnitXml.fromfile(sys.argv[1])
kinds = {"failure": 0, "error": 0, "skipped": 0, "passed": 0}
for suite in xml:
    mine = dict.fromkeys(kinds, 0)
    for case in suite:
        kind = case.result[0]._tag if case.result else "passed"
        mine[kind] += 1
        print("case", suite.name, kind, ascii(case.name))
    assert suite.tests == sum(mine.values())
    assert (suite.failures, suite.errors, suite.skipped) == (
        mine["failure"], mine["error"], mine["skipped"]), suite.name
    for kind in kinds:
        kinds[kind] += mine[kind]
assert (xml.tests, xml.failures, xml.errors) == (
    sum(kinds.values()), kinds["failure"], kinds["error"])
print("tests", xml.tests, "failures", xml.failures, "errors", xml.errors)
PYTHON
}
metrics() {
	/usr/bin/python3 -B - "$1/metrics.prom" <<'PYTHON'
import sys
from prometheus_client.parser import text_string_to_metric_families
seen = set()
with open(sys.argv[1], encoding="utf-8", newline="") as f:
    for family in text_string_to_metric_families(f.read()):
        assert family.documentation and family.type == "gauge", family
        for s in family.samples:
            key = (s.name, tuple(sorted(s.labels.items())))
            assert key not in seen and s.timestamp is None, key
            seen.add(key)
            print(s.name, ascii(s.labels), int(s.value))
PYTHON
}

while read -r kind code answer failed; do
	check "a page for $kind" "make_page $kind $code"
	check "$kind: a JUnit reader counts what the file says" \
		"junit $kind >$kind.junit 2>'$err' && cp $kind.junit '$out'"
	check "$kind: every finding is a case" '
		[ "$(grep -c "^case" '"$kind"'.junit)" -gt \
			"$(jq ".findings | length" '"$kind"'/findings.json)" ]'
	check "$kind: its run is $failed" '
		if [ '"$failed"' = green ]; then
			grep -q "failures 0 errors 0" '"$kind"'.junit
		else
			! grep -q "failures 0 errors 0" '"$kind"'.junit
		fi'
	check "$kind: Prometheus reads one answer, and no sample twice" '
		metrics '"$kind"' >"$out" 2>"$err" &&
		[ "$(grep -c "^gonogo_verdict .* 1$" "$out")" = 1 ] &&
		grep "^gonogo_verdict .* 1$" "$out" | grep -q '"\"'$answer'\""''
done <<END
go 0 GO green
conditional 10 CONDITIONAL red
no-go 20 NO_GO red
unknown 30 UNKNOWN red
END

check "what came from outside stays in its attribute" '
	grep -q "&lt;script&gt;alert" no-go/junit.xml &&
	! grep -q "<script" no-go/junit.xml && xmllint --noout no-go/junit.xml'
check "the findings by outcome are those of the document" '
	metrics no-go >"$out" &&
	[ "$(sed -n "s/^gonogo_findings .* //p" "$out" |
		awk "{n += \$1} END {print n}")" = \
	"$(jq ".findings | length" no-go/findings.json)" ]'

check "the page is printed" '
	exits 0 gonogo-report render --bundle go --pdf && said "report\.pdf$" &&
	[ "$(head -c 5 go/report.pdf)" = %PDF- ]'
check "nothing of the browser is left behind" '
	[ -z "$(find "${TMPDIR:-/tmp}" -maxdepth 1 -name "gonogo-pdf-*" \
		-newer go/report.md)" ]'
mkdir bin && printf '#!/bin/sh\nexit 3\n' >bin/chromium && chmod +x bin/chromium
check "a browser that fails is told, and the last print stays" '
	cp go/report.pdf last.pdf &&
	exits 74 env PATH="$work/bin:$PATH" gonogo-report render --bundle go --pdf &&
	said "printing .*exit status 3" && cmp -s last.pdf go/report.pdf'
plan
