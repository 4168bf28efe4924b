#!/usr/bin/python3 -B
"""PART=capacity: access logs of three nodes, against a bare parser, mawk, gawk
and goaccess; a week of 20 million requests replayed with each of four nodes
away; every window of a week.

usage: part_capacity.py [--megabytes N] [--requests N] [--rounds N]

The logs are in the page cache.  The lines counted must be equal.
"""
import argparse
import glob
import json
import os
import subprocess
import sys
import tempfile

from measure import BUILD, HERE, Bench, install

# The summary that the bare parser makes, in awk.
AWK = r"""
{ lines++; n = split($3, id, "x"); flight = id[n] + 0
  minute = substr($5, 13, 2) * 60 + substr($5, 16, 2)
  if (substr($3, 2, 1) == "i") { if (flight > most[minute]) most[minute] = flight; next }
  minutes[minute]++; statuses[$8 + 0]++; written += $10; took[substr($11, 2, 1) int(log($12 + 1))]++ }
END { for (m in minutes) if (minutes[m] > top) top = minutes[m]; print lines, top, statuses[200], written }
"""
# goaccess reads a tenth: all of it takes minutes.
GOACCESS = ("goaccess --no-global-config --no-progress -o json"
            " --date-format=%Y-%m-%d --time-format=%H:%M:%S"
            " --log-format='%h | %^ | o%^ | %e | %d %t,%^ | \"%r\" | \"%R\" \"%u\""
            " | %s | %^ | %b | %^ | %L | %^'")


def main():
    p = argparse.ArgumentParser(usage=__doc__)
    p.add_argument("--megabytes", type=int, default=500)
    p.add_argument("--requests", type=int, default=20000000)
    p.add_argument("--rounds", type=int, default=3)
    p.add_argument("--logs", help="logs that are there already")
    o = p.parse_args()
    install("mawk", "gawk", "goaccess")
    top = tempfile.mkdtemp(prefix="gonogo-bench.")
    logs = o.logs or top + "/logs"
    if not o.logs:
        subprocess.run([HERE + "/tests/bench/access.py", logs, "--mb",
                        str(o.megabytes), "--nodes", "3", "--days", "14"],
                       check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["cc", "-O2", "-march=native", "-D_GNU_SOURCE", "-o",
                    top + "/limit", HERE + "/tests/bench/access_limit.c"],
                   check=True)
    b = Bench("capacity", top, o.rounds, True)
    files = sorted(glob.glob(logs + "/*/*.log"))
    names = " ".join(files)
    subprocess.run("cat %s >/dev/null" % names, shell=True, check=True)
    size = sum(os.path.getsize(f) for f in files)
    few = files[:max(1, len(files) // 14)]
    ours = [BUILD + "/gonogo-audit", "capacity", "--zone", "UTC", "--json"]
    state = {"STATE_DIRECTORY": top + "/state"}
    with open(top + "/sum.awk", "w", encoding="ascii") as f:
        f.write(AWK)
    for n in range(o.rounds):
        told = json.loads(b.run("gonogo -j 1", ours + ["--counts", "-j", "1",
                                                       logs], env=state))
        limit = b.run("a bare parser", [top + "/limit", *files])
        b.run("gonogo -j 2", ours + ["--counts", "-j", "2", logs], env=state)
        b.run("all, with replay and windows, -j 2", ours + [
            "-j", "2", "--tickets", "24", logs], env=state)
        awk = b.run("mawk", "mawk -F '[|]' -f %s/sum.awk %s" % (top, names))
        if n == 0:
            b.run("gawk", "LC_ALL=C gawk -F '[|]' -f %s/sum.awk %s" % (
                top, names))
            b.run("gonogo -j 1, a part", ours + ["--counts", "-j", "1", *few],
                  env=state)
            b.run("goaccess, a part", "grep -h '| o' %s | %s - >/dev/null" % (
                " ".join(few), GOACCESS))
        lines = {str(told["lines"]), limit.split()[0], awk.split()[0]}
        if len(lines) != 1:
            sys.exit("bench: not the same lines: %s" % lines)
    unit = BUILD + "/unit/audit/capacity/"
    replay = b.run("replay, 4 nodes away, 2 bounds", [
        unit + "test_replay", "speed", str(o.requests)])
    windows = b.run("windows of a week", [unit + "test_window",
                                                   "speed"])
    b.row("parse and count, 1 thread", "gonogo -j 1", ["mawk", "gawk"],
          "a bare parser", {"mawk": 4})
    b.row("the same of a part", "gonogo -j 1, a part", ["goaccess, a part"],
          None, {"goaccess, a part": 30})
    b.row("2 threads", "gonogo -j 2", ["gonogo -j 1"], None, {})
    b.say("replay of %d requests" % o.requests, replay.strip(), "<= 10", "s")
    b.say("windows of a week", windows.strip(), "<= 1", "s")
    b.end({"bytes": size, "requests": told["requests"]})
    subprocess.run(["rm", "-rf", top], check=True)


if __name__ == "__main__":
    main()
