#!/bin/sh
# What our own codecs write holds against the shipped JSON Schemas, as a
# validator that knows nothing of us sees it; what is harmed does not.
# shellcheck source=tests/e2e/lib.sh disable=SC2016
. "${0%/*}/lib.sh"

"$build/unit/lib/contract/test_documents" write "$work" 2>"$err" ||
	bail "no documents were written"

cat >validate.py <<'END'
"""validate.py SCHEMA DOCUMENT [HARM]: 0 it holds, 3 it does not."""
import json, sys
from jsonschema import Draft202012Validator

schema = json.load(open(sys.argv[1]))
document = json.load(open(sys.argv[2]))
Draft202012Validator.check_schema(schema)
harm = sys.argv[3] if len(sys.argv) > 3 else ""
if harm == "another-schema":
    document["schema"] = document["schema"].replace("/1", "/2")
elif harm == "no-schema":
    del document["schema"]
elif harm == "wrong-kind":
    first = sorted(k for k in document if k != "schema")[0]
    document[first] = None
elif harm == "array":
    document = [document]
elif harm:
    path, value = harm.split("=")
    *way, last = path.split(".")
    at = document
    for step in way:
        at = at[int(step)] if isinstance(at, list) else at[step]
    if value == "DROP":
        del at[last]
    else:
        at[last] = json.loads(value)
for error in Draft202012Validator(schema).iter_errors(document):
    print("/".join(map(str, error.absolute_path)), error.message)
    sys.exit(3)
END

validate() {
	schema=$1 document=$2
	shift 2
	/usr/bin/python3 validate.py "$here/docs/schema/$schema.json" \
		"$document.json" "$@"
}

for name in facts findings snapshot proof sets advice assertion verdict contents raw logs capacity policy approval; do
	check "$name: a full document holds" 'exits 0 validate $name $name.full'
	[ "$name" = policy ] ||
		check "$name: a bare document holds" \
			'exits 0 validate $name $name.bare'
	for harm in another-schema no-schema wrong-kind array; do
		check "$name: $harm is seen" \
			'exits 3 validate $name $name.full $harm'
	done
done

while read -r name harm; do
	check "$name: $harm is seen" 'exits 3 validate $name $name.full $harm'
done <<'END'
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
plan
