#!/bin/sh
# AWS Backup makes the copy: jobs are started and waited for, their recovery
# points looked at, and what AWS says is recorded as its word.  The simulated
# service computes every signature anew and refuses a wrong one.
# shellcheck source=tests/e2e/lib.sh disable=SC2016,SC2034,SC2154
. "${0%/*}/lib.sh"

mkdir aws
/usr/bin/python3 "$here/tests/sim/aws.py" "$work/aws" 2>aws.err &
server=$!
at_end 'kill $server; wait $server 2>/dev/null'
tries=200
until [ -s aws/port ]; do
	tries=$((tries - 1))
	[ "$tries" != 0 ] || bail "no server"
	sleep 0.05
done

secret=wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY
volume=arn:aws:fsx:eu-central-1:123456789012:volume/fs-1/fsvol-1
rds=arn:aws:rds:eu-central-1:123456789012:db:bitbucket
(umask 077 && cat >credentials) <<END
# keys of this site
[other]
aws_access_key_id = AKIDOTHER
aws_secret_access_key = nothing
[default]
aws_access_key_id = AKIDEXAMPLE
aws_secret_access_key = $secret
END
cat >gonogo.conf <<END
[store]
path = $work/store
[state]
dir = $work/state
[backup]
mode = aws-backup
[aws]
region = eu-central-1
vault = gonogo
role = arn:aws:iam::123456789012:role/backup
database = $rds
home = $volume
credentials_file = $work/credentials
endpoint = http://127.0.0.1:$(cat aws/port)
timeout = 2m
END
# how FILTER: the service behaves so from now on.
how() { rm -f aws/calls && jq -n "$1" >aws/plan.json; }
create() { exits "$1" gonogo-backup create -c "${2:-gonogo.conf}"; }
sets() { find store/snapshots -mindepth 1 -maxdepth 1 2>/dev/null | wc -l; }
called() { grep -cE "$1" aws/calls; }

how '{}'
check "doctor reads a list, and starts nothing" '
	exits 0 gonogo-backup doctor -c gonogo.conf &&
	said "vault gonogo can be listed" && [ "$(called PUT)" = 0 ]'
check "the plan names what would be started, and starts nothing" '
	exits 0 gonogo-backup create -c gonogo.conf --plan &&
	said "job of AWS Backup: database $rds" &&
	said "home $volume" && [ "$(called PUT)" = 0 ] && [ ! -e store ]'
check "jobs are started, waited for, and their points recorded" '
	create 10 && set=$(sed "s/.* //" "$out") &&
	said "nobody here has read it" &&
	jq -e ".status == \"DEGRADED\" and .mode == \"aws-backup\" and
		.parts == [\"asserted\"] and
		[.flaws[].kind] == [\"asserted\"] and
		(.assertion.points | map(.part)) == [\"database\", \"home\"] and
		(.assertion.points | all(.encrypted and .bytes == 123456)) and
		.assertion.points[0].resource == \"$rds\" and
		.assertion.points[1].at >= .assertion.points[0].until and
		(.assertion.unproved | length) == 2" \
		"$set/SNAPSHOT.json" >/dev/null'
check "every request was signed, and no key was sent or written" '
	[ "$(called "^200 ")" -ge 8 ] && [ "$(called "^403 ")" = 0 ] &&
	! grep -rqF "$secret" store state "$out" "$err"'
check "the home was begun when the database was done" '
	jq -e "[.[]] | (map(select(.ResourceArn == \"$rds\"))[0].CompletionDate)
		<= (map(select(.ResourceArn == \"$volume\"))[0].CreationDate)" \
		aws/jobs.json >/dev/null'
check "verify and list say whose word it is" '
	exits 30 gonogo-backup verify -c gonogo.conf &&
	said "by AWS Backup eu-central-1, not verified by us" &&
	exits 0 gonogo-backup list -c gonogo.conf &&
	said "DEGRADED aws-backup" && said "asserted, not verified"'

# ---- where the key comes from ----
without() { sed "/^credentials_file/d" gonogo.conf >bare.conf; }
check "from the environment" '
	without && AWS_ACCESS_KEY_ID=AKIDEXAMPLE AWS_SECRET_ACCESS_KEY=$secret \
		create 10 bare.conf'
check "from a credential of systemd" '
	mkdir given && cp credentials given/aws-credentials &&
	CREDENTIALS_DIRECTORY=$work/given create 10 bare.conf'
check "a temporary one with its token, which is signed, too" '
	how "{token: \"tok/en+=\"}" &&
	AWS_ACCESS_KEY_ID=AKIDEXAMPLE AWS_SECRET_ACCESS_KEY=$secret \
	AWS_SESSION_TOKEN=tok/en+= create 10 bare.conf &&
	AWS_ACCESS_KEY_ID=AKIDEXAMPLE AWS_SECRET_ACCESS_KEY=$secret \
		create 69 bare.conf && said "aws_session_token"'
how '{}'
check "none is a usage error, with where to put one" '
	create 64 bare.conf && said "no credentials for AWS" && said "^hint: "'
check "a file that others may read is refused" '
	chmod 644 credentials && create 64 && said "chmod 600" &&
	chmod 600 credentials'
check "half a key is told" '
	sed "s/^\[aws\]/&\nprofile = half/" gonogo.conf >half.conf &&
	printf "[half]\naws_access_key_id = AKIDEXAMPLE\n" >>credentials &&
	create 65 half.conf && said "\[half\]: no aws_access_key_id with"'
check "a wrong key is refused by its signature" '
	sed "s|$secret|another|" credentials >wrong && chmod 600 wrong &&
	sed "s|/credentials$|/wrong|" gonogo.conf >wrong.conf &&
	create 69 wrong.conf && said "InvalidSignatureException" &&
	said "^hint: .*secret"'
check "so is an unknown one, and one for another region" '
	sed "s/^profile.*//; s/^\[aws\]/&\nprofile = other/" gonogo.conf \
		>other.conf && create 69 other.conf &&
	said "UnrecognizedClient" &&
	sed "s/^region = .*/region = us-east-1/" gonogo.conf >far.conf &&
	create 69 far.conf && said "valid region"'
check "a clock that is off is told" '
	how "{skew_s: 3600}" && create 69 && said "clocks? differ" &&
	said "^hint: .*clock"'

# ---- what goes wrong there ----
held=$(sets)
while IFS='|' read -r title filter why; do
	check "nothing is recorded: $title" '
		how "$filter" && create 69 && said "$why" &&
		[ "$(sets)" = "$held" ]'
done <<END
a job that is aborted|{end: "ABORTED", message: "by hand"}|is ABORTED: by hand
one that expires|{end: "EXPIRED"}|is EXPIRED: no reason said
one that fails|{end: "FAILED", message: "no such volume"}|no such volume
one that is half done|{end: "PARTIAL"}|is PARTIAL
the second that fails|{end_of: {"$volume": "FAILED"}}|of $volume is FAILED
a job that may not be started|{deny: "StartBackupJob"}|AccessDenied.*StartBackupJob
one that may not be looked at|{deny: "DescribeBackupJob"}|AccessDenied
points that may not be listed|{deny: "ListRecoveryPointsByBackupVault"}|AccessDenied
a point of another resource|{resource: "arn:aws:ec2:x"}|it is of arn:aws:ec2:x, not of
a point that the vault does not list|{hide: true}|does not list it
a point that is not whole|{status: "PARTIAL"}|it is PARTIAL, not COMPLETED
a point from before its job|{age_s: 86400}|before its job was started
replies that are none|{garbage: true}|its reply
END
check "a missing right is named" '
	how "{deny: \"StartBackupJob\"}" && create 69 &&
	said "^hint: .*iam:PassRole"'
check "jobs that are not done in time are named, and run on" '
	how "{never: true}" &&
	sed "s/^timeout = .*/timeout = 2s/" gonogo.conf >brief.conf &&
	create 69 brief.conf && said "run on: [0-9a-f-]{36}" &&
	said "^hint: \[aws\] timeout" && [ "$(sets)" = "$held" ]'
check "a signal ends the waiting, and records nothing" '
	how "{never: true}"
	{ gonogo-backup create -c gonogo.conf >"$out" 2>"$err" & } &&
	backup=$! && until grep -q "GET /backup-jobs" aws/calls 2>/dev/null
	do sleep 0.05; done && kill -TERM "$backup" && code=0 &&
	{ wait "$backup" || code=$?; } && [ "$code" = 143 ] &&
	[ "$(sets)" = "$held" ]'
check "without encryption it is recorded, and told as a flaw" '
	how "{encrypted: false}" && create 10 && said "without encryption" &&
	set=$(sed "s/.* //" "$out") &&
	[ "$(jq "[.flaws[].kind] | index(\"encryption\")" \
		"$set/SNAPSHOT.json")" != null ]'
check "what AWS wants slower is asked again, and no job started twice" '
	before=$(jq length aws/jobs.json) && kill "$server" &&
	{ wait "$server" || true; } && rm aws/port && how "{throttle: 2}" &&
	{ /usr/bin/python3 "$here/tests/sim/aws.py" "$work/aws" 2>>aws.err & } &&
	server=$! && until [ -s aws/port ]; do sleep 0.05; done &&
	sed "s|^endpoint.*|endpoint = http://127.0.0.1:$(cat aws/port)|" \
		gonogo.conf >next.conf && create 10 next.conf &&
	said "wants StartBackupJob slower: Throttling" &&
	[ "$(called "PUT .*Throttling")" = 2 ] && [ "$(jq length aws/jobs.json)" = 2 ]'
check "points of many backups are paged through" '
	how "{pages: 3}" && create 10 next.conf &&
	[ "$(called "nextToken=3%3D")" = 2 ] && [ "$(called "^403")" = 0 ]'
check "EFS is of no single moment, which is a flaw" '
	how "{}" && sed "s|^home = .*|home = arn:aws:elasticfilesystem:eu-central-1:123456789012:file-system/fs-1; $volume|" \
		next.conf >efs.conf && create 10 efs.conf &&
	said "of no single moment" && set=$(sed "s/.* //" "$out") &&
	jq -e ".assertion.unproved | any(test(\"not at one moment\"))" \
		"$set/SNAPSHOT.json" >"$out"'
check "without a database there is no way back, and it says so" '
	sed "/^database = /d" next.conf >alone.conf && create 10 alone.conf &&
	said "names no point of it"'

# ---- what is no use ----
while IFS='|' read -r title change why; do
	check "a usage error: $title" '
		sed "$change" next.conf >odd.conf && create 64 odd.conf &&
		said "$why"'
done <<'END'
nothing to be saved|/^home = /d; /^database = /d|name nothing to be saved
no vault|/^vault = /d|region, vault and role
a vault that is no name|s,^vault = .*,vault = a/b,|letters, digits
no region|/^region = /d|region, vault and role
an endpoint that is none|s,^endpoint = .*,endpoint = ftp://x,|does not begin
END
check "options of a copy have no place in it" '
	exits 64 gonogo-backup create -c next.conf --no-home &&
	said "copies of ours"'
check "one backup at a time" '
	how "{never: true}"
	{ gonogo-backup create -c next.conf >"$out" 2>"$err" & } &&
	backup=$! && until grep -q "GET /backup-jobs" aws/calls 2>/dev/null
	do sleep 0.05; done && create 75 next.conf; code=$? &&
	kill -TERM "$backup" && { wait "$backup" || true; } && [ "$code" = 0 ]'
plan
