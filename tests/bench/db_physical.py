"""Rows "physical" of part db: a whole server as files, against pg_basebackup
and pgBackRest.

Ours has what the others are run without: WAL until past the point, SHA-256 of
every file, held against the server's manifest.  All are made durable.
"""
import os

import measure


def backrest(bench, server, name):
    """PgBackRest knows the server by its folder, as the user that owns it."""
    repository, locks = bench.path("rest"), bench.path("rest.lock")
    step = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    words = ["--stanza=s", "--repo1-path=" + repository,
             "--lock-path=" + locks, "--log-path=" + locks,
             "--log-level-file=off", "--config=/dev/null",
             "--pg1-path=" + server.data, "--pg1-socket-path=" + server.socket,
             "--pg1-user=tester"]
    bench.clear("rest", "rest.lock")
    for folder in (repository, locks):
        os.mkdir(folder)
        os.chmod(folder, 0o777)
    bench.run(name + ", stanza", *step, "pgbackrest", *words, "--no-online",
              "stanza-create")
    bench.run(name, *step, "pgbackrest", *words, "--no-archive-check",
              "--type=full", "--start-fast", "--compress-type=zst",
              "--compress-level=1", "--process-max=2", "backup")


def basebackup(bench, server, name, *words, out=None):
    folder = bench.path("base")
    bench.clear("base")
    argv = [os.path.join(server.bin, "pg_basebackup"), "-D", out or folder,
            "-Ft", "-X", "none", "-c", "fast", "-d",
            server.url("postgres"), *words]
    bench.run(name, *argv)


def rounds(bench, server, count):
    measure.install("pgbackrest")
    source = server.url(bench.database)
    for _ in range(count):
        basebackup(bench, server, "to nowhere", out="-")
        basebackup(bench, server, "pg_basebackup server-zstd:1",
                   "--compress=server-zstd:1")
        basebackup(bench, server, "pg_basebackup client-zstd:1",
                   "--compress=client-zstd:1")
        theirs = bench.bytes("base")
        backrest(bench, server, "pgBackRest, 2 processes")
        bench.clear("store")
        bench.gonogo("physical", "create", "--database", source, "--store",
                     bench.path("store"), "--no-home", "--database-form",
                     "physical", "--fast-checkpoint")
    ours = bench.bytes("store")
    bench.row("physical", "physical", "pg_basebackup server-zstd:1",
              "to nowhere", ours, theirs)
    bench.row("physical", "physical", "pg_basebackup client-zstd:1",
              "to nowhere", ours, theirs)
    bench.row("physical", "physical", "pgBackRest, 2 processes", "to nowhere",
              ours, bench.bytes("rest"))
    bench.clear("rest", "rest.lock", "base", "store")
