#!/usr/bin/python3 -B
"""Backups whose system calls fail or are their last, one call after the other.

usage: torture [--points N] [--seed N] [--jobs N] [--journal FILE]

A small home is saved three times over: into a new store, after a day's changes,
and when nothing has changed.  In each the N-th call on the store (or the N-th
read of the home) is met by SIGKILL before or behind it, by a power cut that
takes all bytes (and all names) that were not made durable, by an error, by a disk
that is full from then on, by half a write; N is swept over the whole run.  When
there are more points than asked for, they are drawn evenly; in the place of one
that a run did not come to (two workers do not share their work alike each time)
another is drawn, so that as many as asked for have happened.  After each:

    the sets that were listed are listed, and every byte of them verifies;
    a new one is listed only when it is whole, and a run that ends well gives
    back what the home holds, or says what is missing;
    a run that does not end well says why, and its exit is 74;
    the next run completes, sweeps up, and its set verifies.

With --journal what is done is remembered, so that a run that was interrupted
goes on.  Ends in one line, and in exit 65 when anything did not hold.
"""
import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
BUILD = os.environ.get("GONOGO_BUILD", HERE + "/build")
sys.path.insert(0, HERE + "/tests/site")
import repositories                                          # noqa: E402

STORE = "write,make,fsync,fdatasync,syncfs,rename,link,unlink,truncate"
SYNC = "fsync,fdatasync,syncfs"
NAMES = "make,rename,link,unlink,truncate"
# what is met, by which ways, in the store or in the home
SWEEPS = (
    (STORE, ("kill", "after", "cut", "lost"), "store"),
    (SYNC, ("EIO",), "store"),
    ("write", ("EIO", "ENOSPC", "short", "full", "EINTR"), "store"),
    (NAMES, ("EIO", "ENOSPC"), "store"),
    ("make", ("full", "EDQUOT"), "store"),
    ("open,read", ("EIO", "kill"), "store"),
    ("open", ("EIO", "EACCES", "ESTALE"), "home"),
    ("read", ("EIO", "short", "EINTR"), "home"),
)
CASES = ("new", "changed", "same")
SETTLED = 4                             # seconds
# Calls that may be interrupted or fall short: the run must not mind.
HARMLESS = ("short", "EINTR")


# ------------------------------------------------------------------ homes

def commits(path, count, limit, r):
    out = []
    for n in range(count):
        data = bytes(r.choices(b"abcdefgh \n", k=2000))
        out.append(b"commit refs/heads/main\ncommitter x <x@x> 1 +0000\n"
                   b"data 2\nx\n")
        if n == 0 and os.path.exists(path + "/refs/heads/main"):
            out.append(b"from refs/heads/main^0\n")
        out.append(b"M 100644 inline f%d\ndata %d\n%s\n" % (
            r.randrange(5), len(data), data))
    repositories.git(path, 1, "-c", "fastimport.unpackLimit=%d" % limit,
                     "fast-import", "--quiet", input=b"".join(out))


def write(path, data):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(data)


def make_home(home, r):
    for number in (1, 2):
        path = "%s/data/repositories/%d" % (home, number)
        repositories.lay_out(path, "%020d" % number, "T", "r%d" % number)
        commits(path, 6, 1, r)
        commits(path, 2, 100, r)
    write(home + "/bitbucket.properties", b"a=b\n")
    write(home + "/config/server.id", b"1\n")
    write(home + "/data/attachments/large", r.randbytes(1200000))
    write(home + "/data/attachments/text", b"line\n" * 300000)
    os.link(home + "/data/attachments/large", home + "/data/attachments/also")
    os.symlink("text", home + "/data/attachments/link")


def change_home(home, r):
    path = home + "/data/repositories/1"
    commits(path, 2, 100, r)
    repositories.git(home + "/data/repositories/2", 1, "repack", "-adq")
    write(home + "/data/attachments/new", r.randbytes(1100000))
    write(home + "/config/server.id", b"2\n")


# ----------------------------------------------------------------- points

class Point:
    def __init__(self, case, calls, way, place, number):
        self.case, self.calls, self.way = case, calls, way
        self.place, self.number = place, number
        self.key = "%s/%s/%s/%s/%d" % (case, place, calls, way, number)


class Torture:
    def __init__(self, options):
        self.options = options
        self.r = random.Random(options.seed)
        self.top = tempfile.mkdtemp(prefix="gonogo-torture.")
        self.lock = threading.Lock()
        self.done = self.bad = self.kept = self.busy = 0
        self.ends = {}
        make_home(self.top + "/new.home", self.r)
        self.backup(self.top + "/new.home", self.top + "/same.store")
        self.homes = {"new": self.top + "/new.home",
                      "same": self.top + "/new.home"}
        # A home of its own that has changed, with the store from before.
        home = self.top + "/changed.home"
        make_home(home, random.Random(options.seed))
        self.backup(home, self.top + "/changed.store")
        change_home(home, self.r)
        self.homes["changed"] = home

    def backup(self, home, store):
        done = self.create(home, store)
        if done.returncode:
            raise SystemExit("torture: a backup that nobody disturbs: %s" %
                             done.stderr.decode())

    def create(self, home, store, **meddle):
        env = dict(os.environ, XDG_STATE_HOME=store + ".state")
        if meddle:
            env.update({"MEDDLE_" + k: str(v) for k, v in meddle.items()},
                       LD_PRELOAD=BUILD + "/meddle.so")
            env["ASAN_OPTIONS"] = "verify_asan_link_order=0:" + \
                env.get("ASAN_OPTIONS", "")
        return subprocess.run(
            [BUILD + "/gonogo-backup", "create", "--home", home, "--store",
             store, "--mode", "hot", "--no-database", "--jobs", "2"],
            env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL, timeout=120, check=False)

    def tool(self, *words):
        return subprocess.run([BUILD + "/gonogo-backup", *words],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              stdin=subprocess.DEVNULL, timeout=120,
                              check=False)

    # ------------------------------------------------------------ the plan

    def store_for(self, case, name):
        """A store as it is before CASE, below the new folder NAME."""
        folder = "%s/%s" % (self.top, name)
        os.mkdir(folder)
        before = "%s/%s.store" % (self.top, case)
        if os.path.isdir(before):
            shutil.copytree(before, folder + "/store", symlinks=True)
        return folder + "/store"

    def count(self, case, calls, place):
        """How many of CALLS there are in a backup that nobody disturbs."""
        store = self.store_for(case, "count")
        path = self.top + "/counted"
        self.create(self.homes[case], store, CALLS=calls, COUNT=path,
                    PLACE=store if place == "store" else self.homes[case])
        with open(path, "rb") as f:
            number = int.from_bytes(f.read(8), "little")
        os.remove(path)
        shutil.rmtree(self.top + "/count")
        return number

    def settle(self):
        """Waits until the homes are older than what counts as just written:
        else a backup reads more of them now than it does later."""
        newest = max(os.lstat(os.path.join(folder, name)).st_ctime
                     for home in set(self.homes.values())
                     for folder, _, names in os.walk(home)
                     for name in names + ["."])
        while time.time() < newest + SETTLED:
            time.sleep(.1)

    def plan(self):
        """Points, in the order to try them: as many as wanted, spread evenly,
        then all others."""
        self.settle()
        points = []
        for case in CASES:
            for calls, ways, place in SWEEPS:
                number = self.count(case, calls, place)
                points += [Point(case, calls, way, place, n + 1)
                           for way in ways for n in range(number)]
        step = len(points) / self.options.points
        first = set()
        if step > 1:
            first = {int((n + self.r.random()) * step)
                     for n in range(self.options.points)}
        order = list(range(len(points)))
        self.r.shuffle(order)
        order.sort(key=lambda n: n not in first)
        print("%d points of the %d that there are; seed %d" % (
            min(self.options.points, len(points)), len(points),
            self.options.seed), flush=True)
        return [points[n] for n in order]

    # ------------------------------------------------------------- a point

    def listed(self, store):
        if not os.path.exists(store + "/STORE.json"):
            return []
        done = self.tool("list", "--store", store, "--json")
        if done.returncode:
            raise AssertionError("list: exit %d: %s" % (
                done.returncode, done.stdout.decode()))
        return [s["id"] for s in json.loads(done.stdout)["sets"]]

    def verified(self, store, identity):
        done = self.tool("verify", "--store", store, "--level", "full",
                         identity)
        if done.returncode:
            raise AssertionError("%s does not verify: %s" % (
                identity, done.stdout.decode()))

    def restored(self, store, home, identity):
        to = store + ".back"
        done = self.tool("restore", "--store", store, "--to", to, identity)
        if done.returncode:
            raise AssertionError("restore: " + done.stdout.decode())
        same = subprocess.run(
            # A list of packs that git makes anew: nothing rests on it.
            ["diff", "-r", "--no-dereference", "-x", "packs", home, to],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        if same.returncode:
            raise AssertionError("GOOD, and not what the home holds: %s" %
                                 same.stdout.decode()[:500])
        shutil.rmtree(to)

    def judge(self, p, done, met, store, before):
        home = self.homes[p.case]
        said = done.stderr.decode(errors="replace")
        killed = p.way in ("kill", "after", "cut", "lost")
        if not met:
            return "not met"
        now = self.listed(store)
        if not set(before) <= set(now):
            raise AssertionError("a set is gone: %s, then %s" % (before, now))
        for identity in now:
            self.verified(store, identity)
        new = [i for i in now if i not in before]
        if killed and done.returncode != -9:
            raise AssertionError("killed, and exit %d" % done.returncode)
        if not killed and done.returncode not in (0, 10, 74):
            raise AssertionError("exit %d: %s" % (done.returncode, said))
        if not killed and done.returncode and not said.strip():
            raise AssertionError("exit %d without a word" % done.returncode)
        if p.way in HARMLESS and done.returncode:
            raise AssertionError("exit %d by what is no failure: %s" % (
                done.returncode, said))
        if len(new) > 1 or (new and done.returncode == 74 and
                            "commit" not in said and "list" not in said):
            raise AssertionError("exit %d, and a set is listed: %s" % (
                done.returncode, said))
        if not killed and done.returncode in (0, 10) and not new:
            raise AssertionError("exit %d, and no set" % done.returncode)
        if done.returncode == 0:
            self.restored(store, home, new[0])
        return "killed" if killed else "exit %d" % done.returncode

    def next_run(self, p, store):
        done = self.create(self.homes[p.case], store)
        if done.returncode:
            raise AssertionError("the next run: exit %d: %s" % (
                done.returncode, done.stderr.decode()))
        self.verified(store, "latest")
        left = os.listdir(store + "/tmp")
        if left:
            raise AssertionError("left behind: %s" % left)

    def point(self, p):
        name = "p%d" % threading.get_ident()
        try:
            store = self.store_for(p.case, name)
            before = self.listed(store)
            count = store + ".count"
            done = self.create(
                self.homes[p.case], store, CALLS=p.calls, AT=p.number,
                BY=p.way, COUNT=count,
                PLACE=store if p.place == "store" else self.homes[p.case])
            with open(count, "rb") as f:
                met = int.from_bytes(f.read(16)[8:], "little")
            end = self.judge(p, done, met, store, before)
            self.next_run(p, store)
            if p.number % 8 == 0:
                self.restored(store, self.homes[p.case], "latest")
            wrong = None
        except (AssertionError, subprocess.TimeoutExpired, OSError,
                KeyError) as error:
            end, wrong = "wrong", "%s" % error
        with self.lock:
            self.ends[end] = self.ends.get(end, 0) + 1
            self.done += end != "not met"
            if wrong:
                self.bad += 1
                print("point %s: %s" % (p.key, wrong), flush=True)
                if self.kept < 5:
                    self.kept += 1
                    os.rename("%s/%s" % (self.top, name),
                              "%s/kept-%d" % (self.top, self.kept))
            elif self.journal and end != "not met":
                self.journal.write(p.key + "\n")
                self.journal.flush()
            if self.done % 200 == 0 and end != "not met":
                print("# %d points in %.0f s, %d wrong" % (
                    self.done, time.monotonic() - self.begun, self.bad),
                    flush=True)
        shutil.rmtree("%s/%s" % (self.top, name), ignore_errors=True)

    def work(self, left, before):
        """Takes points until as many as wanted have happened, or are under
        way."""
        while True:
            with self.lock:
                p = None
                if before + self.done + self.busy < self.options.points:
                    p = next(left, None)
                busy = self.busy
                self.busy += p is not None
            if p:
                self.point(p)
                with self.lock:
                    self.busy -= 1
            elif not busy or before + self.done >= self.options.points:
                return
            else:
                # One that another is at may turn out not to be met.
                time.sleep(.1)

    def run(self):
        points = self.plan()
        self.begun = time.monotonic()
        self.journal, already = None, set()
        if self.options.journal:
            if os.path.exists(self.options.journal):
                with open(self.options.journal, encoding="utf-8") as f:
                    already = set(f.read().split())
            self.journal = open(self.options.journal, "a", encoding="utf-8")
        before = len([p for p in points if p.key in already])
        left = iter([p for p in points if p.key not in already])
        with ThreadPoolExecutor(self.options.jobs) as pool:
            for worker in [pool.submit(self.work, left, before)
                           for _ in range(self.options.jobs)]:
                worker.result()
        print("%d points (%s), %d done before: %d wrong; %.0f s" % (
            self.done, ", ".join("%s %d" % e for e in
                                 sorted(self.ends.items())),
            before, self.bad,
            time.monotonic() - self.begun), flush=True)
        if self.kept:
            print("kept: %s/kept-*" % self.top)
        else:
            shutil.rmtree(self.top)
        return 65 if self.bad else 0


def main():
    p = argparse.ArgumentParser(prog="torture", allow_abbrev=False)
    p.add_argument("--points", type=int, default=2000)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    p.add_argument("--journal", metavar="FILE")
    sys.exit(Torture(p.parse_args()).run())


if __name__ == "__main__":
    main()
