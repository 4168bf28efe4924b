#!/usr/bin/python3 -B
"""PART=logs: known problems in application logs, against rg, grep -E and libhs
alone; the same from .gz; and what errors that nobody knows cost on top.

usage: part_logs.py [--megabytes N] [--patterns N] [--rounds N]

The logs are in the page cache.  The lines counted must be equal to rg's.
"""
import argparse
import glob
import gzip
import json
import os
import shutil
import subprocess
import sys
import tempfile

from measure import BUILD, HERE, Bench, install

PACK = ("schema: gonogo.logrules/1\npack: bench\nversion: 1\n"
        "as_of: 2026-01-01\nstale_after: 2027-01-01\nrules:\n")
RULE = "- id: B%d\n  title: bench\n  files: [app]\n  within: line\n  regex: '%s'\n"
PASSES = 10     # of rg, one a pattern: the rest is told by them


def make(top, o):
    gen = HERE + "/tests/bench/logs.py"
    subprocess.run([gen, "logs", top + "/node/log", "--mb", str(o.megabytes),
                    "--patterns", str(o.patterns)], check=True,
                   stdout=subprocess.DEVNULL)
    subprocess.run([gen, "patterns", str(o.patterns), top + "/p"], check=True)
    with open(top + "/p", encoding="ascii") as f:
        lines = [line.rstrip("\n") for line in f]
    with open(top + "/pack.yaml", "w", encoding="ascii") as f:
        f.write(PACK)
        for i, line in enumerate(lines):
            f.write(RULE % (i, line.replace("'", "''")))
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", "libhs"],
                           check=True, stdout=subprocess.PIPE).stdout
    subprocess.run(["cc", "-O2", "-o", top + "/limit",
                    HERE + "/tests/bench/patterns_limit.c",
                    *flags.decode().split()], check=True)
    os.mkdir(top + "/gz")
    for path in glob.glob(top + "/node/log/*.log.*"):
        with open(path, "rb") as plain, gzip.open(
                "%s/gz/%s.gz" % (top, os.path.basename(path)), "wb", 6) as out:
            shutil.copyfileobj(plain, out)
    return lines


def count(text):
    return sum(h["lines"] for h in json.loads(text).get("hits", []))


def main():
    p = argparse.ArgumentParser(usage=__doc__)
    p.add_argument("--megabytes", type=int, default=500)
    p.add_argument("--patterns", type=int, default=100)
    p.add_argument("--rounds", type=int, default=3)
    o = p.parse_args()
    install("ripgrep")
    top = tempfile.mkdtemp(prefix="gonogo-bench.")
    lines = make(top, o)
    b = Bench("logs", top, o.rounds, True)
    files = sorted(glob.glob(top + "/node/log/*.log.*"))
    ours = [BUILD + "/gonogo-audit", "logs", "--json", "--pack",
            top + "/pack.yaml"]
    state = {"STATE_DIRECTORY": top + "/state"}
    names = " ".join(files)
    subprocess.run("cat %s >/dev/null" % names, shell=True, check=True)
    b.run("first run: gonogo", ours + ["--known-only", files[0]], env=state)
    for n in range(o.rounds):
        mine = b.run("gonogo -j 1", ours + ["--known-only", "-j", "1", *files],
                     env=state)
        b.run("gonogo -j 2", ours + ["--known-only", "-j", "2", *files],
              env=state)
        b.run("libhs alone", [top + "/limit", top + "/p", *files])
        theirs = b.run("rg -j1 -f", "rg -j1 --no-filename -f %s/p %s | wc -l"
                       % (top, names))
        b.run("rg -j2 -f", "rg -j2 --no-filename -f %s/p %s | wc -l" % (
            top, names))
        b.run("gonogo gz -j 2", ours + ["--known-only", "-j", "2",
                                        *glob.glob(top + "/gz/*.gz")],
              env=state)
        b.run("rg -z -j2 -f, gz", "rg -z -j2 -f %s/p %s/gz/*.gz | wc -l" % (
            top, top))
        b.run("gonogo with unknown errors", ours + ["-j", "1", *files],
              env=state)
        # rg counts lines, we lines of a pattern: a line may have two.
        if int(theirs) > count(mine):
            sys.exit("bench: rg found %s lines, gonogo %d" % (
                theirs.strip(), count(mine)))
        if n == 0:
            b.run("grep -E -f", "LC_ALL=C grep -h -E -f %s/p %s | wc -l" % (
                top, names))
            for i in range(PASSES):
                b.run("rg, one pattern", ["rg", "-j1", "-c", "-e", lines[i],
                                          *files], code=(0, 1))
    job = "%d patterns, attributed" % o.patterns
    b.row(job + ", 1 thread", "gonogo -j 1", ["rg -j1 -f", "grep -E -f"],
          "libhs alone", {"rg -j1 -f": 2})
    b.row(job + ", 2 threads", "gonogo -j 2", ["gonogo -j 1", "rg -j2 -f"],
          None, {"gonogo -j 1": 1.8})
    b.row("from .gz, 2 threads", "gonogo gz -j 2",
          ["gonogo -j 2", "rg -z -j2 -f, gz"], None, {"gonogo -j 2": 0.77})
    passes = b.median("rg, one pattern") * o.patterns
    b.say("%d passes of rg, to ours" % o.patterns,
          round(passes / b.median("gonogo -j 1"), 1), 20, "times")
    b.row("with unknown errors, 1 thread", "gonogo with unknown errors",
          ["gonogo -j 1"])
    b.end({"megabytes": o.megabytes, "patterns": o.patterns})
    shutil.rmtree(top)


if __name__ == "__main__":
    main()
