#!/usr/bin/python3
"""A stand-in for AWS Backup, as far as `create --mode aws-backup` uses it.

    aws.py FOLDER

Listens on 127.0.0.1 at a free port and writes it to FOLDER/port.  Every
request's Signature Version 4 is computed anew from what came over the wire,
by nothing but hashlib and hmac, and compared.  FOLDER/plan.json, read at each
request, says how it behaves (see PLAN); FOLDER/calls gets a line a request,
FOLDER/jobs.json what was started.
"""
import datetime
import hashlib
import hmac
import json
import os
import sys
import time
import urllib.parse
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ACCOUNT, REGION = "123456789012", "eu-central-1"
KEYS = {"AKIDEXAMPLE": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"}
PLAN = {
    "polls": 2,           # answers before a job has ended
    "end": "COMPLETED",   # how it ends
    "end_of": {},         # the same for one resource: {"arn": "FAILED"}
    "message": "",        # StatusMessage of a job that ended otherwise
    "throttle": 0,        # requests to refuse first, of each kind
    "fail": 0,            # the same with 500
    "deny": "",           # an action that is forbidden
    "encrypted": True,
    "resource": "",       # another one that the recovery point names
    "status": "COMPLETED",  # of the recovery point
    "age_s": 0,           # how old recovery points say that they are
    "hide": False,        # the vault does not list them
    "pages": 0,           # other recovery points before ours, one a page
    "never": False,       # a job runs on for ever
    "garbage": False,     # replies are no JSON
    "token": "",          # session token that has to come
    "skew_s": 0,          # the server's clock is off
}
folder = sys.argv[1]
jobs, tokens, refused = {}, {}, {}


def plan():
    chosen = dict(PLAN)
    try:
        with open(os.path.join(folder, "plan.json")) as file:
            chosen.update(json.load(file))
    except FileNotFoundError:
        pass
    return chosen


class Refusal(Exception):
    def __init__(self, status, kind, message):
        super().__init__(message)
        self.status, self.kind, self.message = status, kind, message


def encode(text):
    return urllib.parse.quote(text, safe="-_.~")


def hmac256(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def check_signature(handler, body, now):
    """Signature Version 4, as the service's own documentation tells it."""
    said = handler.headers.get("Authorization", "")
    if not said.startswith("AWS4-HMAC-SHA256 "):
        raise Refusal(403, "MissingAuthenticationTokenException", "no token")
    parts = dict(
        part.strip().split("=", 1) for part in said.split(" ", 1)[1].split(","))
    key, day, region, service, end = parts["Credential"].split("/")
    if key not in KEYS:
        raise Refusal(403, "UnrecognizedClientException",
                      "The security token included in the request is invalid.")
    if (region, service, end) != (REGION, "backup", "aws4_request"):
        raise Refusal(403, "InvalidSignatureException",
                      "Credential should be scoped to a valid region.")
    stamp = handler.headers.get("X-Amz-Date", "")
    at = datetime.datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(
        tzinfo=datetime.timezone.utc).timestamp()
    if abs(at - now) > 300 or stamp[:8] != day:
        raise Refusal(403, "InvalidSignatureException",
                      "Signature expired: the clocks differ")
    path, _, query = handler.path.partition("?")
    signed = parts["SignedHeaders"].split(";")
    must = {"host", "x-amz-date"} | {
        name.lower() for name in handler.headers
        if name.lower().startswith("x-amz-")}
    if signed != sorted(signed) or not must <= set(signed):
        raise Refusal(403, "InvalidSignatureException",
                      f"not all of {sorted(must)} are signed, in order")
    lost = [name for name in signed if handler.headers[name] is None]
    if lost:
        raise Refusal(403, "InvalidSignatureException",
                      f"signed, and never sent: {lost}")
    fields = sorted(
        (encode(urllib.parse.unquote(name)), encode(urllib.parse.unquote(value)))
        for name, _, value in (
            field.partition("=") for field in query.split("&") if field))
    canonical = "\n".join([
        handler.command,
        # Each segment once more: only S3 is different.
        "/".join(encode(segment) for segment in path.split("/")),
        "&".join(f"{name}={value}" for name, value in fields),
        "".join(f"{name}:{' '.join(handler.headers[name].split())}\n"
                for name in signed),
        ";".join(signed),
        hashlib.sha256(body).hexdigest(),
    ])
    scope = f"{day}/{region}/{service}/aws4_request"
    text = "\n".join(["AWS4-HMAC-SHA256", stamp, scope,
                      hashlib.sha256(canonical.encode()).hexdigest()])
    secret = ("AWS4" + KEYS[key]).encode()
    for word in (day, region, service, "aws4_request"):
        secret = hmac256(secret, word)
    wanted = hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(wanted, parts["Signature"]):
        raise Refusal(403, "InvalidSignatureException",
                      "The request signature we calculated does not match "
                      "the signature you provided.\n" + canonical)


def start(request, how):
    for name in ("BackupVaultName", "ResourceArn", "IamRoleArn"):
        if not request.get(name):
            raise Refusal(400, "MissingParameterValueException", name)
    if request["BackupVaultName"] != "gonogo":
        raise Refusal(400, "ResourceNotFoundException",
                      "Backup vault does not exist.")
    token = request.get("IdempotencyToken") or str(uuid.uuid4())
    if token not in tokens:
        job = str(uuid.uuid4())
        tokens[token] = job
        jobs[job] = {
            "BackupJobId": job, "State": "CREATED",
            "ResourceArn": request["ResourceArn"],
            "BackupVaultName": "gonogo", "CreationDate": time.time(),
            "PercentDone": "0.0", "polls": 0, "token": token,
            "CompleteWindowMinutes": request.get("CompleteWindowMinutes"),
        }
    job = jobs[tokens[token]]
    return {"BackupJobId": job["BackupJobId"],
            "CreationDate": job["CreationDate"]}


def describe_job(job_id, how):
    job = jobs.get(job_id)
    if not job:
        raise Refusal(400, "ResourceNotFoundException", "no such job")
    job["polls"] += 1
    ended = job["State"] not in ("CREATED", "RUNNING")
    if not ended and (how["never"] or job["polls"] <= how["polls"]):
        job.update(State="RUNNING", PercentDone="50.0")
    elif not ended:
        state = how["end_of"].get(job["ResourceArn"], how["end"])
        job.update(State=state, CompletionDate=time.time(),
                   StatusMessage=how["message"])
        if state in ("COMPLETED", "PARTIAL"):
            job["RecoveryPointArn"] = (
                f"arn:aws:backup:{REGION}:{ACCOUNT}:recovery-point:"
                + job_id.upper())
            job["PercentDone"] = "100.0"
            job["BackupSizeInBytes"] = 123456
    return {name: value for name, value in job.items()
            if name[0].isupper() and value is not None and value != ""}


def list_points(query, how):
    """One page; other points of the resource come first, one a page."""
    asked = dict(urllib.parse.parse_qsl(query))
    page = int(asked.get("nextToken", "0=").rstrip("="))
    if page < how["pages"]:
        return {"NextToken": f"{page + 1}=", "RecoveryPoints": [
            {"RecoveryPointArn": f"arn:aws:backup:other:{page}",
             "ResourceArn": asked["resourceArn"], "Status": "COMPLETED"}]}
    return {"RecoveryPoints": [
        {"RecoveryPointArn": job["RecoveryPointArn"],
         "BackupVaultName": "gonogo",
         "ResourceArn": how["resource"] or job["ResourceArn"],
         "Status": how["status"],
         "CreationDate": job["CreationDate"] - how["age_s"],
         "CompletionDate": job["CompletionDate"] - how["age_s"],
         "IsEncrypted": how["encrypted"],
         "BackupSizeInBytes": 123456}
        for job in jobs.values()
        if "RecoveryPointArn" in job and not how["hide"] and
        job["ResourceArn"] == asked["resourceArn"]]}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *words):
        pass

    def act(self, path, body, how):
        names = [urllib.parse.unquote(name) for name in path.split("/")[1:]]
        if self.command == "PUT" and names == ["backup-jobs"]:
            return "StartBackupJob", lambda: start(json.loads(body), how)
        if self.command == "GET" and names[0] == "backup-jobs":
            return "DescribeBackupJob", lambda: describe_job(names[1], how)
        if self.command == "GET" and \
                names == ["backup-vaults", "gonogo", "recovery-points", ""]:
            return "ListRecoveryPointsByBackupVault", lambda: list_points(
                self.path.partition("?")[2], how)
        raise Refusal(404, "UnknownOperationException", path)

    def reply(self, how, body):
        check_signature(self, body, time.time() + how["skew_s"])
        if how["token"] and \
                self.headers.get("X-Amz-Security-Token") != how["token"]:
            raise Refusal(403, "UnrecognizedClientException", "no token")
        name, work = self.act(self.path.partition("?")[0], body, how)
        if how["deny"] == name:
            raise Refusal(403, "AccessDeniedException",
                          f"User: arn:aws:iam::{ACCOUNT}:user/gonogo is not "
                          f"authorized to perform: backup:{name}")
        refused[name] = refused.get(name, 0) + 1
        if refused[name] <= how["throttle"]:
            raise Refusal(400, "ThrottlingException", "Rate exceeded")
        if refused[name] <= how["fail"]:
            raise Refusal(500, "ServiceUnavailableException", "try later")
        return work()

    def answer(self):
        how = plan()
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        status, kind = 200, ""
        try:
            document = self.reply(how, body)
        except Refusal as refusal:
            status, kind = refusal.status, refusal.kind
            document = {"message": refusal.message}
        text = json.dumps(document).encode()
        if how["garbage"]:
            text = b"<html>"
        with open(os.path.join(folder, "calls"), "a") as file:
            file.write(f"{status} {self.command} {self.path} {kind}\n")
        with open(os.path.join(folder, "jobs.json"), "w") as file:
            json.dump(jobs, file)
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        if kind:
            self.send_header("x-amzn-ErrorType", kind + ":http://internal/")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_PUT = do_POST = answer


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
with open(os.path.join(folder, "port.partial"), "w") as file:
    file.write(str(server.server_address[1]))
os.rename(os.path.join(folder, "port.partial"), os.path.join(folder, "port"))
server.serve_forever()
