"""What all parts of the benchmark need: runs that are timed, cold or warm, and
one table of ours against peers and limits.

A bar is a ratio taken in the same run on the same data, so each row names the
peer's time beside ours.  Times are walls, with a sync of the file system where
the row says durable; of several rounds the median counts.
"""
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
BUILD = os.environ.get("GONOGO_BUILD", HERE + "/build")


def install(*packages):
    """Peers are installed when they are missing; none is needed to build."""
    missing = [p for p in packages if subprocess.run(
        ["dpkg", "-s", p], stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, check=False).returncode]
    if not missing:
        return
    sudo = [] if os.getuid() == 0 else ["sudo"]
    print("installing: " + " ".join(missing), file=sys.stderr)
    subprocess.run(sudo + ["apt-get", "install", "-y", "-qq",
                           "--no-install-recommends", *missing],
                   stdout=subprocess.DEVNULL, check=False,
                   env=dict(os.environ, DEBIAN_FRONTEND="noninteractive"))


def drop_caches():
    subprocess.run(["sync"], check=True)
    try:
        with open("/proc/sys/vm/drop_caches", "w", encoding="ascii") as f:
            f.write("3")
    except PermissionError:
        sys.exit("bench: cold runs drop the page cache, which only root can\n"
                 "hint: run as root, or with --warm")


class Bench:
    def __init__(self, part, top, rounds, warm):
        self.part, self.top, self.rounds, self.warm = part, top, rounds, warm
        self.rows = []
        self.times = {}

    def run(self, name, command, cold=True, durable=False, before=None,
            env=None, code=(0,)):
        """Runs COMMAND (words, or text for the shell) once; its time is kept
        under NAME.  Returns its standard output."""
        if before:
            before()
        if cold and not self.warm:
            drop_caches()
        rss = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        begun = time.monotonic()
        done = subprocess.run(
            command, shell=isinstance(command, str), cwd=self.top,
            env=dict(os.environ, **(env or {})), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        if durable:
            subprocess.run(["sync", "-f", self.top], check=True)
        took = time.monotonic() - begun
        if done.returncode not in code:
            sys.exit("bench: %s: exit %d: %s" % (
                name, done.returncode, done.stderr.decode()[-500:]))
        self.times.setdefault(name, []).append(took)
        now = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        print("# %-46s %8.3f s%s" % (
            name, took, "  %d MiB" % (now // 1024) if now > rss else ""),
            file=sys.stderr, flush=True)
        return done.stdout.decode(errors="replace")

    def median(self, name):
        return statistics.median(self.times[name])

    def row(self, job, ours, peers, limit=None, wanted=None, command=""):
        """OURS and PEERS are names of runs; WANTED {peer: times faster}."""
        mine = self.median(ours)
        floor = self.median(limit) if limit else None
        for peer in peers:
            theirs = self.median(peer)
            self.rows.append({
                "job": job, "ours_s": round(mine, 3), "peer": peer,
                "peer_s": round(theirs, 3), "ratio": round(theirs / mine, 2),
                "wanted": (wanted or {}).get(peer),
                "limit_s": floor and round(floor, 3),
                "to_limit": floor and round(mine / floor, 2),
                "command": command})

    def say(self, job, value, wanted, unit):
        """A row that has no peer."""
        self.rows.append({"job": job, "value": value, "wanted": wanted,
                          "unit": unit})

    def end(self, about):
        print("%-30s %8s  %-24s %8s %6s %6s %8s %8s" % (
            "job", "ours s", "peer", "peer s", "ratio", "bar", "limit s",
            "to limit"))
        for r in self.rows:
            if "peer" not in r:
                print("%-30s %8s %s (bar: %s)" % (
                    r["job"], r["value"], r["unit"], r["wanted"]))
                continue
            print("%-30s %8.3f  %-24s %8.3f %6.2f %6s %8s %8s" % (
                r["job"], r["ours_s"], r["peer"], r["peer_s"], r["ratio"],
                r["wanted"] or "", r["limit_s"] or "", r["to_limit"] or ""))
        path = "%s/bench/%s.json" % (BUILD, self.part)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path + ".partial", "w", encoding="utf-8") as f:
            json.dump({"part": self.part, "at": time.strftime(
                "%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
                "processors": os.cpu_count(), "load": os.getloadavg(),
                "rounds": self.rounds, "about": about, "rows": self.rows,
                "times": self.times}, f, indent=1)
        os.rename(path + ".partial", path)
        print("written: %s; load %.1f %.1f %.1f" % (path, *os.getloadavg()))


def fresh(path):
    return lambda: shutil.rmtree(path, ignore_errors=True)
