#!/usr/bin/python3 -B
"""Measures backups of a database against PostgreSQL's own programs.

usage: part_db.py [--folder DIR [--keep] [--user NAME] [--database NAME]]
                  [--gigabytes N] [--rounds N] [--shared-buffers SIZE]
                  [--only dump,restore,night,physical]

PART=db.  A private server (in the folder DIR; it needs about eight times the
size), its data made after the example of a Bitbucket of some years: one table,
the audit log, has most of the bytes.  With --keep the server's data stay in
DIR/data for the next time, a day older than before; whatever made them, they
hold the database NAME [source].  Each round runs all in turn, so that ratios are of one time and
machine.  Rows: job, ours, peer and limit in seconds (CPU seconds of clients and
server behind them, which say more on a busy machine), ratios, bytes; medians.
"""
import argparse
import os
import pwd
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import db_physical

HERE = os.path.dirname(os.path.abspath(__file__))
TICKS = os.sysconf("SC_CLK_TCK")
# Rows of each table in a database of one gigabyte.
MILLION = 1000000
SCHEMA = """
SET synchronous_commit = off; SET maintenance_work_mem = '512MB';
CREATE TABLE project (id int PRIMARY KEY, name varchar(128) NOT NULL,
 project_key varchar(128) NOT NULL);
INSERT INTO project SELECT i, 'Project ' || md5(i::text), 'PRJ' || i
 FROM generate_series(1, 400) i;
CREATE TABLE repository (id int PRIMARY KEY, slug varchar(128) NOT NULL,
 project_id int NOT NULL REFERENCES project, hierarchy_id varchar(20) NOT NULL);
INSERT INTO repository SELECT i, 'repo-' || i, 1 + i % 400,
 left(md5(i::text), 20) FROM generate_series(1, 6000) i;
CREATE TABLE changeset (id varchar(40) PRIMARY KEY,
 author_timestamp timestamp NOT NULL);
INSERT INTO changeset SELECT md5(i::text) || left(md5((i + 1)::text), 8),
 timestamp '2015-01-01' + i * interval '5 minutes'
 FROM generate_series(1, {changesets}) i;
CREATE TABLE sta_activity (id bigint PRIMARY KEY, activity_type int NOT NULL,
 created_timestamp timestamp NOT NULL, user_id int NOT NULL);
INSERT INTO sta_activity SELECT i, i % 5,
 timestamp '2016-01-01' + i * interval '1 minute', 1 + i % 5000
 FROM generate_series(1, {activities}) i;
CREATE TABLE bb_comment (id bigint PRIMARY KEY, author_id int NOT NULL,
 comment_text text NOT NULL, created_timestamp timestamp NOT NULL,
 thread_id bigint);
INSERT INTO bb_comment SELECT i, 1 + i % 5000, 'I think that ' ||
 md5(i::text) || ' should be ' || repeat(md5((i + 1)::text) || ' ',
 (i % 7)::int), timestamp '2016-01-01' + i * interval '3 minutes', i / 4
 FROM generate_series(1, {comments}) i;
CREATE TABLE "AO_C77861_AUDIT_ENTITY" ("ACTION" varchar(255) NOT NULL,
 "AREA" varchar(255) NOT NULL, "ATTRIBUTES" text, "CATEGORY" varchar(255),
 "CHANGE_VALUES" text, "ENTITY_TIMESTAMP" bigint NOT NULL,
 "ID" bigserial PRIMARY KEY, "NODE" varchar(255), "RESOURCES" text,
 "SEARCH_STRING" text, "SOURCE" varchar(255), "USER_ID" varchar(255),
 "USER_NAME" varchar(255));
INSERT INTO "AO_C77861_AUDIT_ENTITY" SELECT
 (array['Repository accessed', 'Pull request opened', 'User logged in'])
 [1 + i % 3], 'END_USER_ACTIVITY', '[{{"name":"protocol","nameI18nKey":'
 '"bitbucket.audit.attribute.protocol","value":"' ||
 (array['HTTP', 'SSH'])[1 + i % 2] || '"}}]', 'Repositories', '[]',
 1451606400000 + i::bigint * 61234, i, left(md5((i % 4)::text), 12), '[{{"id":"' ||
 1 + i % 6000 || '","name":"repo-' || 1 + i % 6000 ||
 '","type":"REPOSITORY","uri":"/projects/PRJ' || i % 400 || '"}}]',
 'user' || i % 5000 || ' 10.' || i % 250 || '.' || i % 91 || '.' || i % 33 ||
 ' repository accessed repositories repo-' || 1 + i % 6000 || ' ' ||
 md5(i::text), '10.' || i % 250 || '.' || i % 91 || '.' || i % 33,
 (i % 5000)::text, 'user' || i % 5000
 FROM generate_series(1, {audits}) i;
CREATE INDEX ON sta_activity (user_id);
CREATE INDEX ON bb_comment (thread_id);
CREATE INDEX ON "AO_C77861_AUDIT_ENTITY" ("ENTITY_TIMESTAMP");
CREATE INDEX ON "AO_C77861_AUDIT_ENTITY" ("USER_ID", "ENTITY_TIMESTAMP");
"""
# A day: of each growing table half a per cent is appended, and half a per cent
# of the newest rows changed.
DAY = """
DO $$ DECLARE t record; n bigint; BEGIN
FOR t IN VALUES ('sta_activity', 'id', 'user_id = user_id + 1'),
 ('bb_comment', 'id', 'comment_text = comment_text || ''.'''),
 ('"AO_C77861_AUDIT_ENTITY"', '"ID"', '"NODE" = ''other''') LOOP
 EXECUTE format('SELECT max(%s) FROM %s', t.column2, t.column1) INTO n;
 EXECUTE format('UPDATE %s SET %s WHERE %s > $1', t.column1, t.column3,
  t.column2) USING n - n / 200;
 EXECUTE format('CREATE TEMP TABLE more ON COMMIT DROP AS SELECT * FROM %s
  WHERE %s > $1', t.column1, t.column2) USING n - n / 200;
 EXECUTE format('UPDATE more SET %s = %1$s + $1', t.column2) USING n;
 EXECUTE format('INSERT INTO %s SELECT * FROM more', t.column1);
 DROP TABLE more;
END LOOP; END $$;
"""


class Server:
    def __init__(self, folder, shared_buffers, user):
        self.role = user
        self.bin = subprocess.check_output(
            ["pg_config", "--bindir"], text=True).strip()
        self.data = os.path.join(folder, "data")
        # A unix socket's path is short.
        self.socket = tempfile.mkdtemp(prefix="gbn-", dir="/tmp")
        self.user = "postgres" if os.geteuid() == 0 else None
        if self.user:
            owner = pwd.getpwnam(self.user)
            for path in (folder, self.socket):
                os.chown(path, owner.pw_uid, owner.pw_gid)
        os.chmod(self.socket, 0o755)
        self.is_new = not os.path.exists(self.data)
        if self.is_new:
            self.make(shared_buffers)
        self.owned("pg_ctl", "-D", self.data, "-l", self.data + "/log", "-w",
                   "-s", "-o", f"-k {self.socket}", "start")
        with open(self.data + "/postmaster.pid", encoding="ascii") as pid:
            self.pid = int(pid.readline())

    def make(self, shared_buffers):
        self.owned("initdb", "-D", self.data, "-U", self.role, "-A", "trust",
                   "--no-sync", "-E", "UTF8", "--locale=C.UTF-8")
        with open(self.data + "/postgresql.conf", "a",
                  encoding="ascii") as conf:
            conf.write(f"""listen_addresses = ''
shared_buffers = {shared_buffers}
max_wal_size = 4GB
checkpoint_timeout = 30min
autovacuum = off
jit = off
""")

    def owned(self, program, *words):
        argv = [os.path.join(self.bin, program), *words]
        if self.user:
            argv = ["runuser", "-u", self.user, "--", *argv]
        subprocess.run(argv, check=True, cwd="/", stdout=subprocess.DEVNULL)

    def url(self, database):
        return f"postgresql://{self.role}@/{database}?host={self.socket}"

    def sql(self, database, text):
        return subprocess.run(
            ["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-d",
             self.url(database), "-f", "-"], input=text, text=True, check=True,
            stdout=subprocess.PIPE).stdout.strip()

    def cpu(self):
        """Of the server's processes that have ended."""
        time.sleep(0.3)
        with open(f"/proc/{self.pid}/stat", encoding="ascii") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return sum(map(int, fields[11:15])) / TICKS

    def stop(self):
        self.owned("pg_ctl", "-D", self.data, "-m", "fast", "-s", "stop")
        shutil.rmtree(self.socket)


class Bench:
    def __init__(self, server, folder, build, database):
        self.database = database
        self.server = server
        self.folder = folder
        self.build = build
        self.times = {}

    def path(self, name):
        return os.path.join(self.folder, name)

    def clear(self, *names):
        for name in names:
            path = self.path(name)
            if os.path.isdir(path):
                shutil.rmtree(path)
            elif os.path.exists(path):
                os.unlink(path)

    def run(self, name, *argv, out=subprocess.DEVNULL):
        os.sync()
        server = self.server.cpu()
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        began = time.monotonic()
        with open(self.path("talk"), "w", encoding="utf-8") as talk:
            done = subprocess.run(argv, stdout=out, stderr=talk, check=False)
        wall = time.monotonic() - began
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        if done.returncode:
            with open(self.path("talk"), encoding="utf-8") as talk:
                sys.exit(f"{name}: exit {done.returncode}: {talk.read()}")
        cpu = (after.ru_utime + after.ru_stime - before.ru_utime -
               before.ru_stime + self.server.cpu() - server)
        self.times.setdefault(name, []).append((wall, cpu))
        print(f"# {name}: {wall:.1f} s, CPU {cpu:.1f} s", file=sys.stderr,
              flush=True)

    def gonogo(self, name, *words):
        self.run(name, os.path.join(self.build, "gonogo-backup"), *words)

    def bytes(self, name):
        return sum(os.path.getsize(os.path.join(folder, f))
                   for folder, _, files in os.walk(self.path(name))
                   for f in files) if os.path.isdir(self.path(name)) else \
            os.path.getsize(self.path(name))

    def median(self, name, which=0):
        return statistics.median(t[which] for t in self.times[name])

    def row(self, job, ours, peer, limit=None, ours_bytes="-", peer_bytes="-"):
        if ours not in self.times or peer not in self.times:
            return
        o, p = self.median(ours), self.median(peer)
        cells = [job, f"{o:.1f}", f"({self.median(ours, 1):.1f})", peer,
                 f"{p:.1f}", f"({self.median(peer, 1):.1f})", f"{p / o:.2f}"]
        if limit:
            at = self.median(limit)
            cells += [limit, f"{at:.1f}", f"{o / at:.2f}"]
        else:
            cells += ["-", "-", "-"]
        print("\t".join([*cells, str(ours_bytes), str(peer_bytes)]), flush=True)


def dump(bench, source, tables):
    bench.run("COPY, one connection", "psql", "-XqAt", "-d", source, "-c",
              "; ".join(f"COPY {t} TO STDOUT" for t in tables))
    bench.clear("fc", "fd", "store")
    bench.run("pg_dump -Fc", "pg_dump", "-Fc", "-f", bench.path("fc"), source)
    bench.run("pg_dump -Fd -j2 -Z1", "pg_dump", "-Fd", "-j2", "-Z1", "-f",
              bench.path("fd"), source)
    save(bench, source, "create")


def save(bench, source, name):
    bench.gonogo(name, "create", "--database", source, "--store",
                 bench.path("store"), "--no-home")


def restore(bench, server):
    for name in ("r1", "r2"):
        server.sql("postgres", f"DROP DATABASE IF EXISTS {name}")
    server.sql("postgres", "CREATE DATABASE r1 TEMPLATE template0")
    bench.run("pg_restore -j2", "pg_restore", "-j2", "--no-owner", "-d",
              server.url("r1"), bench.path("fd"))
    bench.gonogo("restore", "restore", "--store", bench.path("store"),
                 "--jobs", "2", "--database", server.url("r2"))
    same = [server.sql(name, """SELECT count(*), sum(hashtext(t::text))
            FROM "AO_C77861_AUDIT_ENTITY" t""") for name in ("r1", "r2")]
    if same[0] != same[1]:
        sys.exit("the two restores differ")
    for name in ("r1", "r2"):
        server.sql("postgres", f"DROP DATABASE {name}")


def night(bench, server, source):
    before = bench.bytes("store/objects")
    server.sql(bench.database, DAY)
    save(bench, source, "second night")
    added = bench.bytes("store/objects") - before
    print(f"second night, 1 % of the newest rows\t"
          f"{bench.median('second night'):.1f}\t"
          f"({bench.median('second night', 1):.1f})\t-\t-\t-\t-\t-\t-\t-\t"
          f"{added}\t{100 * added / before:.1f} % of {before}")


def measure(bench, server, rounds, only):
    source = server.url(bench.database)
    tables = server.sql(bench.database, """SELECT oid::regclass FROM pg_class
        WHERE relkind = 'r' AND
        relnamespace = 'public'::regnamespace""").split()
    for _ in range(rounds):
        if "dump" in only:
            dump(bench, source, tables)
        if "restore" in only:
            restore(bench, server)
    print("job\tours s\t(CPU)\tpeer\tpeer s\t(CPU)\tratio\tlimit\tlimit s\t"
          "ours/limit\tour bytes\tpeer's bytes")
    if "dump" in only:
        ours = bench.bytes("store/objects")
        for peer, name in (("pg_dump -Fc", "fc"), ("pg_dump -Fd -j2 -Z1", "fd")):
            bench.row("dump", "create", peer, "COPY, one connection", ours,
                      bench.bytes(name))
    if "restore" in only:
        bench.row("restore", "restore", "pg_restore -j2")
    if "night" in only:
        night(bench, server, source)
    if "physical" in only:
        db_physical.rounds(bench, server, rounds)


def fill(server, database, gigabytes):
    server.sql("postgres", f"CREATE DATABASE {database} TEMPLATE template0")
    size = {name: int(count * gigabytes * MILLION) for name, count in
            (("changesets", .2), ("activities", .6), ("comments", .25),
             ("audits", 1.3))}
    server.sql(database, SCHEMA.format(**size))
    server.sql(database, "VACUUM (FREEZE, ANALYZE)")
    server.sql(database, "CHECKPOINT")


def main():
    words = argparse.ArgumentParser(usage=__doc__)
    words.add_argument("--folder")
    words.add_argument("--keep", action="store_true")
    words.add_argument("--user", default="tester")
    words.add_argument("--database", default="source")
    words.add_argument("--gigabytes", type=float, default=1)
    words.add_argument("--rounds", type=int, default=3)
    words.add_argument("--shared-buffers", default="1GB")
    words.add_argument("--only", default="dump,restore,night,physical")
    asked = words.parse_args()
    build = os.environ.get("GONOGO_BUILD", os.path.join(HERE, "../../build"))
    if asked.folder:
        os.makedirs(asked.folder, exist_ok=asked.keep)
    folder = os.path.abspath(asked.folder or
                             tempfile.mkdtemp(prefix="gonogo-bench."))
    os.chmod(folder, 0o755)
    server = Server(folder, asked.shared_buffers, asked.user)
    try:
        if server.is_new:
            fill(server, asked.database, asked.gigabytes)
        total = int(server.sql(asked.database,
                               "SELECT pg_database_size(current_database())"))
        print(f"# {total / 1e9:.2f} GB with indexes, "
              f"{os.cpu_count()} processors", flush=True)
        bench = Bench(server, folder, build, asked.database)
        measure(bench, server, asked.rounds, asked.only.split(","))
    finally:
        server.stop()
    if not asked.keep:
        shutil.rmtree(folder)


main()
