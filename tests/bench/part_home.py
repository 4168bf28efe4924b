#!/usr/bin/python3 -B
"""PART=home: full, unchanged and daily backups of a home, verify and restore,
against tar, bsdtar, cp, rsync, restic and borg.

usage: part_home.py [--home DIR] [--megabytes N] [--repositories N]
                    [--rounds N] [--warm] [--keep]

Without --home one is made.  A home that is named is given two days of changes.
"""
import argparse
import os
import shutil
import subprocess
import sys
import tempfile

from measure import BUILD, HERE, Bench, fresh, install

BORG = {"BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK": "yes",
        "BORG_RELOCATED_REPO_ACCESS_IS_OK": "yes"}


SMALL = 1200000         # bytes of the small repository that is restored alone


class Home:
    def __init__(self, o):
        self.o = o
        self.top = tempfile.mkdtemp(prefix="gonogo-bench.")
        self.home = os.path.abspath(o.home) if o.home else self.top + "/home"
        self.b = Bench("home", self.top, o.rounds, o.warm)
        self.env = dict(BORG, RESTIC_PASSWORD="x",
                        RESTIC_CACHE_DIR=self.top + "/cache",
                        BORG_BASE_DIR=self.top + "/borgbase")
        self.gonogo = BUILD + "/gonogo-backup"
        self.sources = "%s/list" % self.top

    def at(self, name):
        return "%s/%s" % (self.top, name)

    def create(self, store):
        return [self.gonogo, "create", "--home", self.home, "--store",
                self.at(store), "--mode", "hot", "--no-database"]

    def generator(self, *words):
        subprocess.run([HERE + "/tests/bench/home.py", *words], check=True)

    def make(self):
        if not self.o.home:
            self.generator("make", self.home, "--megabytes",
                           str(self.o.megabytes), "--repositories",
                           str(self.o.repositories))
        subprocess.run(["cc", "-O2", "-pthread", "-D_GNU_SOURCE", "-o",
                        self.at("limit"), HERE + "/tests/bench/limit.c"],
                       check=True)
        self.list_files()

    def list_files(self):
        subprocess.run(
            "find %s -type f -printf '%%i %%p\\n' | sort -n | cut -d' ' -f2- "
            ">%s" % (self.home, self.sources), shell=True, check=True)

    def limit(self, what, name, cold=True):
        self.b.run(name, "%s %s 8 <%s" % (
            self.at("limit"), what, self.sources), cold=cold)

    def borg_new(self):
        shutil.rmtree(self.at("borg"), ignore_errors=True)
        shutil.rmtree(self.at("borgbase"), ignore_errors=True)
        subprocess.run(["borg", "init", "-e", "none", self.at("borg")],
                       check=True, env=dict(os.environ, **self.env))

    def restic_new(self):
        shutil.rmtree(self.at("restic"), ignore_errors=True)
        shutil.rmtree(self.at("cache"), ignore_errors=True)
        subprocess.run(["restic", "init", "-q", "-r", self.at("restic")],
                       check=True, env=dict(os.environ, **self.env))

    # --------------------------------------------------------------- jobs

    def full(self):
        b, h = self.b, self.home
        for n in range(self.o.rounds):
            self.limit("read", "limit: read all")
            b.run("full: gonogo", self.create("store"), durable=True,
                  before=fresh(self.at("store")))
            b.run("full: tar | zstd -1", "tar -cf - -C %s . | zstd -1 -T2 -q "
                  "-f -o %s" % (h, self.at("tar.zst")), durable=True)
            b.run("full: borg lz4", ["borg", "create", "-C", "lz4",
                                     self.at("borg") + "::a", h],
                  env=self.env, durable=True, before=self.borg_new)
            b.run("full: restic", ["restic", "-q", "-r", self.at("restic"),
                                   "backup", h],
                  env=self.env, durable=True, before=self.restic_new)
            if n:
                continue        # worth one round only
            b.run("full: bsdtar --zstd", "bsdtar --zstd --options "
                  "zstd:compression-level=1,zstd:threads=2 -cf %s -C %s ." % (
                      self.at("bsd.zst"), h), durable=True)
            b.run("full: cp -a", ["cp", "-a", h, self.at("cp")], durable=True)
            b.run("full: rsync -a", ["rsync", "-a", h + "/",
                                     self.at("rsync/")], durable=True)
        b.row("first full, cold, durable", "full: gonogo",
              ["full: tar | zstd -1", "full: borg lz4", "full: restic",
               "full: bsdtar --zstd", "full: cp -a", "full: rsync -a"],
              "limit: read all", {"full: tar | zstd -1": 3,
                                  "full: borg lz4": 5, "full: restic": 5})
        for name in ("cp", "bsd.zst"):
            subprocess.run(["rm", "-rf", self.at(name)], check=True)

    def warm(self):
        b, h = self.b, self.home
        for _ in range(self.o.rounds):
            self.limit("read", "limit: read all, warm", cold=False)
            b.run("warm: gonogo", self.create("store"), cold=False,
                  durable=True, before=fresh(self.at("store")))
            b.run("warm: tar | zstd -1", "tar -cf - -C %s . | zstd -1 -T2 -q "
                  "-f -o %s" % (h, self.at("tar.zst")), cold=False,
                  durable=True)
            b.run("warm: borg lz4", ["borg", "create", "-C", "lz4",
                                     self.at("borg") + "::a", h],
                  cold=False, env=self.env, durable=True,
                  before=self.borg_new)
            b.run("warm: restic", ["restic", "-q", "-r", self.at("restic"),
                                   "backup", h], cold=False,
                  env=self.env, durable=True, before=self.restic_new)
        b.row("first full, warm, durable", "warm: gonogo",
              ["warm: tar | zstd -1", "warm: borg lz4", "warm: restic"],
              "limit: read all, warm", {"warm: tar | zstd -1": 1.5,
                                        "warm: borg lz4": 3,
                                        "warm: restic": 4})

    def snar(self):
        shutil.copy(self.at("snar"), self.at("snar.now"))

    def tar_g(self, name, cold, out):
        self.b.run(name, "tar -g %s -cf - -C %s . | zstd -1 -T2 -q -f -o %s"
                   % (self.at("snar.now"), self.home, self.at(out)),
                   cold=cold, before=self.snar)

    def unchanged(self):
        b, h = self.b, self.home
        subprocess.run("tar -g %s -cf - -C %s . >%s" % (
            self.at("snar"), h, "/dev/null"), shell=True, check=True)
        # tar reads nothing when it sees that it writes to /dev/null; what is
        # needed here is its list alone.
        for heat in ("cold", "warm"):
            cold = heat == "cold"
            for _ in range(self.o.rounds):
                self.limit("stat", "limit: stat, " + heat, cold)
                b.run("same, %s: gonogo" % heat, self.create("store"), cold)
                self.tar_g("same, %s: tar -g" % heat, cold, "inc.zst")
                b.run("same, %s: restic" % heat,
                      ["restic", "-q", "-r", self.at("restic"), "backup", h],
                      cold, env=self.env)
                b.run("same, %s: borg" % heat, "borg create -C lz4 "
                      "%s::s$(date +%%s%%N) %s" % (self.at("borg"), h), cold,
                      env=self.env)
                b.run("same, %s: rsync -a" % heat,
                      ["rsync", "-a", h + "/", self.at("rsync/")], cold)
            b.row("nothing changed, " + heat, "same, %s: gonogo" % heat,
                  ["same, %s: %s" % (heat, p) for p in (
                      "tar -g", "restic", "borg", "rsync -a")],
                  "limit: stat, " + heat,
                  {"same, %s: tar -g" % heat: 2,
                   "same, %s: restic" % heat: 3.3 if cold else 7})

    def day(self):
        b, h = self.b, self.home
        for n in range(self.o.rounds):
            self.generator("day", h, "--seed", str(n))
            b.run("day: gonogo", self.create("store"))
            self.tar_g("day: tar -g", True, "inc.zst")
            os.rename(self.at("snar.now"), self.at("snar"))
            b.run("day: restic", ["restic", "-q", "-r", self.at("restic"),
                                  "backup", h], env=self.env)
            b.run("day: borg", "borg create -C lz4 %s::d%d %s" % (
                self.at("borg"), n, h), env=self.env)
        b.row("a day's changes, cold", "day: gonogo",
              ["day: tar -g", "day: restic", "day: borg"], None,
              {"day: tar -g": 1.6, "day: restic": 3.3, "day: borg": 5})
        self.list_files()

    def verify(self):
        b = self.b
        for _ in range(self.o.rounds):
            b.run("verify: gonogo", [self.gonogo, "verify", "--store",
                                     self.at("store"), "--level", "full"])
            b.run("verify: restic --read-data",
                  ["restic", "-q", "-r", self.at("restic"), "check",
                   "--read-data"], env=self.env)
            b.run("verify: borg --verify-data",
                  ["borg", "check", "--verify-data", self.at("borg")],
                  env=self.env)
            b.run("verify: sha256sum", "find %s -type f -print0 | xargs -0 "
                  "sha256sum" % self.at("store"))
        b.row("full verify, cold", "verify: gonogo",
              ["verify: restic --read-data", "verify: borg --verify-data",
               "verify: sha256sum"], None,
              {"verify: restic --read-data": 3, "verify: borg --verify-data": 3,
               "verify: sha256sum": 3})

    def own_repositories(self):
        """(bytes, number) of those that borrow nothing, smallest first: what
        is restored with its lenders is no measure of one alone."""
        place = self.home + "/data/repositories/"
        found = []
        for name in os.listdir(place):
            if os.path.exists(place + name + "/objects/info/alternates"):
                continue
            found.append((sum(os.lstat(os.path.join(f, n)).st_size
                              for f, _, names in os.walk(place + name)
                              for n in names), name))
        return sorted(found)

    def same(self, what, place):
        done = subprocess.run(["diff", "-r", "--no-dereference", what, place],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              check=False)
        # Alternates name the home that they were restored into.
        wrong = [l for l in done.stdout.decode().splitlines()
                 if not l.startswith(("< ", "> ", "diff ", "---", "1c1")) and
                 "alternates" not in l]
        if wrong:
            sys.exit("bench: what came back is not equal: %s" % wrong[:5])

    def restore(self):
        b, to = self.b, self.at("back")
        clean = fresh(to)
        borg_last = subprocess.run(
            ["borg", "list", "--short", "--last", "1", self.at("borg")],
            check=True, stdout=subprocess.PIPE,
            env=dict(os.environ, **self.env)).stdout.decode().strip()
        subprocess.run("tar -cf - -C %s . | zstd -1 -T2 -q -f -o %s" % (
            self.home, self.at("tar.zst")), shell=True, check=True)

        def room():
            clean()
            os.mkdir(to)

        for n in range(self.o.rounds):
            b.run("restore: gonogo", [self.gonogo, "restore", "--store",
                                      self.at("store"), "--to", to],
                  durable=True, before=clean)
            if n == 0:
                self.same(self.home, to)
            b.run("restore: tar | zstd", "tar -I zstd -xf %s -C %s" % (
                self.at("tar.zst"), to), durable=True, before=room)
            b.run("restore: restic", ["restic", "-q", "-r", self.at("restic"),
                                      "restore", "latest", "--target", to],
                  env=self.env, durable=True, before=room)
            b.run("restore: borg", "cd %s && borg extract %s::%s" % (
                to, self.at("borg"), borg_last), env=self.env, durable=True,
                before=room)
        b.row("restore all, cold, durable", "restore: gonogo",
              ["restore: tar | zstd", "restore: borg", "restore: restic"],
              None, {"restore: tar | zstd": 1.5, "restore: borg": 3,
                     "restore: restic": 3})
        own = self.own_repositories()
        small = min(own, key=lambda one: abs(one[0] - SMALL))
        for size, (length, number) in (("small", small), ("large", own[-1])):
            place = "data/repositories/" + number
            print("# %s: repository %s, %.1f MB" % (
                size, number, length / 1e6), file=sys.stderr)
            for _ in range(self.o.rounds):
                b.run("one, %s: gonogo" % size,
                      [self.gonogo, "restore", "--store", self.at("store"),
                       "--to", to, "--repository", number], before=clean)
                b.run("one, %s: restic" % size,
                      ["restic", "-q", "-r", self.at("restic"), "restore",
                       "latest", "--target", to, "--include",
                       "%s/%s" % (self.home, place)], env=self.env,
                      before=room)
                b.run("one, %s: borg" % size, "cd %s && borg extract %s::%s %s"
                      % (to, self.at("borg"), borg_last,
                         "%s/%s" % (self.home.lstrip("/"), place)),
                      env=self.env, before=room)
                b.run("one, %s: cp -a" % size,
                      ["cp", "-a", "%s/%s" % (self.home, place), to],
                      before=room)
            wanted = 7 if size == "small" else 3
            b.row("restore one repository, " + size, "one, %s: gonogo" % size,
                  ["one, %s: restic" % size, "one, %s: borg" % size],
                  "one, %s: cp -a" % size,
                  {"one, %s: %s" % (size, p): wanted
                   for p in ("restic", "borg")})
        clean()

    # ------------------------------------------------------------ memory

    def peak_mib(self, command):
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as p:
            _, status, usage = os.wait4(p.pid, 0)
            p.returncode = os.waitstatus_to_exitcode(status)
        if p.returncode:
            sys.exit("bench: %s: exit %d" % (command[1], p.returncode))
        return usage.ru_maxrss // 1024

    def million(self):
        """Memory must not grow with the number of files."""
        small = self.home
        for thousands in (100, 1000):
            self.home = self.at("many")
            self.generator("many", self.home, "--thousands", str(thousands))
            for night in ("first full", "unchanged night"):
                self.b.say("%s, %d,000 files" % (night, thousands),
                           self.peak_mib(self.create("many.store")),
                           "<= 128" if night != "first full" else "",
                           "MiB at most")
            for name in ("many", "many.store"):
                subprocess.run(["rm", "-rf", self.at(name)], check=True)
        self.home = small

    def run(self):
        every = (self.full, self.warm, self.unchanged, self.day, self.verify,
                 self.restore, self.million)
        asked = self.o.only.split(",") if self.o.only else [
            job.__name__ for job in every]
        try:
            if asked != ["million"]:
                self.make()
            for job in every:
                if job.__name__ in asked:
                    job()
            self.b.end({"home": subprocess.run(
                "du -sm %s | cut -f1; wc -l <%s" % (self.home, self.sources),
                shell=True, check=True, stdout=subprocess.PIPE)
                .stdout.decode().split() if os.path.exists(self.sources)
                else []})
        finally:
            if not self.o.keep:
                shutil.rmtree(self.top, ignore_errors=True)


def main():
    p = argparse.ArgumentParser(prog="part_home", allow_abbrev=False)
    p.add_argument("--home")
    p.add_argument("--megabytes", type=int, default=2200)
    p.add_argument("--repositories", type=int, default=800)
    p.add_argument("--rounds", type=int, default=3)
    p.add_argument("--only", help="full,warm,unchanged,day,verify,restore,"
                   "million")
    p.add_argument("--warm", action="store_true",
                   help="drop no caches: not root; the figures say less")
    p.add_argument("--keep", action="store_true")
    o = p.parse_args()
    install("restic", "borgbackup", "rsync", "libarchive-tools", "zstd")
    Home(o).run()


if __name__ == "__main__":
    main()
