#!/bin/sh
# What our own codecs write holds against the shipped JSON Schemas, as a
# validator that knows nothing of us sees it; what is harmed does not.
# shellcheck source=tests/e2e/lib.sh disable=SC2016
. "${0%/*}/lib.sh"

"$build/unit/lib/contract/test_documents" write "$work" 2>"$err" ||
	bail "no documents were written"

# Reads lines "CODE DOCUMENT HARM", says of each again, with the code that is
# right: 0 the document holds, 3 it does not.
cat >validate.py <<'END'
import json, sys
from jsonschema import Draft202012Validator

def spoil(document, harm):
    if harm == "another-schema":
        document["schema"] = document["schema"].replace("/1", "/2")
    elif harm == "no-schema":
        del document["schema"]
    elif harm == "wrong-kind":
        document[sorted(k for k in document if k != "schema")[0]] = None
    elif harm == "array":
        return [document]
    elif harm != "none":
        path, value = harm.split("=")
        *way, last = path.split(".")
        at = document
        for step in way:
            at = at[int(step)] if isinstance(at, list) else at[step]
        if value == "DROP":
            del at[last]
        else:
            at[last] = json.loads(value)
    return document

for line in sys.stdin:
    _, name, harm = line.split()
    schema = json.load(open("%s/%s.json" % (sys.argv[1], name.split(".")[0])))
    Draft202012Validator.check_schema(schema)
    document = spoil(json.load(open(name + ".json")), harm)
    holds = Draft202012Validator(schema).is_valid(document)
    print(0 if holds else 3, name, harm)
END

for name in facts findings snapshot proof sets advice assertion verdict contents raw logs capacity policy approval; do
	echo "0 $name.full none"
	[ "$name" = policy ] || echo "0 $name.bare none"
	for harm in another-schema no-schema wrong-kind array; do
		echo "3 $name.full $harm"
	done
done >asked
sed 's/^\([a-z]*\)/3 \1.full/' >>asked <<'END'
facts made_at=DROP
facts made_at="yesterday"
facts nodes.0.name=DROP
facts nodes.0.cores=1.5
facts apps.1.state="fine"
findings findings.0.outcome="good"
findings findings.0.outcome=DROP
findings findings.0.required="yes"
snapshot status="PERFECT"
snapshot manifest_sha256=DROP
proof level=3
verdict verdict="MAYBE"
verdict as_of=0
contents files.0.sha256=DROP
raw what=7
advice strategies.0.here="maybe"
assertion points=DROP
assertion provider=DROP
assertion points.0.part="disk"
assertion points.0.part=DROP
assertion points.0.at="noon"
assertion restore_tested_at=1
snapshot assertion.points.1.id=DROP
logs hits.0.rule=DROP
logs errors.0.state="odd"
logs files.0.lines="many"
capacity state="fine"
capacity windows.0.at=DROP
capacity nodes.0.optimistic.refused="none"
policy backup.proof="none"
policy backup.max_age_s=-1
policy checks.optional="all"
END
/usr/bin/python3 -B validate.py "$here/docs/schema" <asked >answers 2>"$err" ||
	bail "the validator failed"
while read -r code document harm; do
	check "$document: harm $harm: $code" \
		'grep -qxF "$code $document $harm" answers'
done <asked
plan
