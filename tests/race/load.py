"""Repositories that never stand still: a small shared home and those who work
in it, one thread for each repository.

    1  pushes, branches that go, pack-refs, and git gc with its expiry of two
       weeks, on packs made to look older than that: what a deleted branch
       alone held is gone at once
    2  lends its objects to 3 and 4; nothing in it is pruned
    3  4  forks of 2, which repack and prune what is theirs
    5  pull requests: stash-refs, which no git command sees, and prune with
       their tips

A thread holds its repository alone, so the journal tells exactly which value
each ref had when; what copies the home races with all of them.
"""
import os
import random
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))) + "/site")
import repositories                                          # noqa: E402
from files import put                                        # noqa: E402

ZERO = "0" * 40
OLD = 21 * 86400                # older than git's expiry of two weeks
REST = .06                      # at most, between two acts in a repository
REPOSITORIES = "data/repositories"
LENDER, FORKS, PULLS = 2, (3, 4), 5
IDS = (1, LENDER) + FORKS + (PULLS,)


class Journal:
    """When which ref had which value, in nanoseconds of the wall clock."""

    def __init__(self):
        self.lock = threading.Lock()
        self.values = {}        # (repository, ref): [(begin, end, value)]
        self.acts = {}

    def note(self, act):
        with self.lock:
            self.acts[act] = self.acts.get(act, 0) + 1

    def set(self, repository, ref, value, begin, end):
        with self.lock:
            self.values.setdefault((repository, ref), []).append(
                (begin, end, value))

    def possible(self, begin, end):
        """{(repository, ref): values it had between BEGIN and END}; ZERO when
        it was not there for a moment."""
        with self.lock:
            found = {}
            for key, history in self.values.items():
                had = set()
                if history[0][0] > begin:
                    had.add(ZERO)
                for n, (since, _, value) in enumerate(history):
                    until = history[n + 1][1] if n + 1 < len(history) else end
                    if since <= end and until >= begin:
                        had.add(value)
                found[key] = had
            return found

    def moved(self, begin, end):
        with self.lock:
            return sum(begin <= h[0] and h[1] <= end
                       for history in self.values.values() for h in history)


class Repository(threading.Thread):
    def __init__(self, home, number, journal, seed, stop):
        super().__init__(daemon=True)
        self.number = number
        self.path = "%s/%s/%d" % (home, REPOSITORIES, number)
        self.journal = journal
        self.r = random.Random("%s %d" % (seed, number))
        self.stop = stop
        self.count = 0
        self.heads = {}
        self.pulls = {}         # stash-refs that are there
        self.error = None

    def git(self, *arguments, **more):
        return repositories.git(self.path, time.time(), *arguments,
                                **more).decode().strip()

    def set(self, ref, value, begin):
        self.journal.set(self.number, ref, value, begin, time.time_ns())
        if ref.startswith("refs/heads/"):
            self.heads.pop(ref, None)
            if value != ZERO:
                self.heads[ref] = value

    # ------------------------------------------------------------ history

    def text(self, ref, parent, commits):
        """A stream of COMMITS commits for fast-import; each changes a file."""
        out = []
        for n in range(commits):
            self.count += 1
            data = b"%d\n" % self.count + bytes(
                self.r.choices(b"abcdefgh \n", k=self.r.choice((30, 3000))))
            out.append(b"commit %s\ncommitter x <x@x> %d +0000\ndata 2\nx\n" % (
                ref.encode(), int(time.time())))
            if n == 0 and parent:
                out.append(b"from %s\n" % parent.encode())
            out.append(b"M 100644 inline d%d/f%d\ndata %d\n%s\n" % (
                self.r.randrange(4), self.r.randrange(20), len(data), data))
        return b"".join(out)

    def bring(self, ref, parent, commits, limit):
        """Puts commits behind PARENT and moves REF there, objects first."""
        begin = time.time_ns()
        self.git("-c", "fastimport.unpackLimit=%d" % limit, "fast-import",
                 "--quiet", "--force",
                 input=self.text(ref, parent, commits))
        self.set(ref, self.git("rev-parse", ref), begin)

    def make(self, lender=None):
        repositories.lay_out(self.path, "%020d" % self.number, "RACE",
                             "r%d" % self.number, lender and lender.path)
        if lender:
            begin = time.time_ns()
            tip = lender.heads["refs/heads/main"]
            self.git("update-ref", "refs/heads/main", tip)
            self.set("refs/heads/main", tip, begin)
        for commits, limit in ((40, 1), (12, 1), (12, 1), (10, 100)):
            self.bring("refs/heads/main",
                       self.heads.get("refs/heads/main"), commits, limit)
        for n in range(8):
            self.bring("refs/heads/b%d" % n, self.heads["refs/heads/main"], 2,
                       100)
        if self.number == PULLS:
            for n in range(6):
                self.pull_request()
        self.backdate()

    # --------------------------------------------------------------- acts

    def push(self):
        """Objects into the repository, then the ref, as after a push; now and
        then by a real one, which goes through a quarantine."""
        ref = self.r.choice(sorted(self.heads))
        if self.r.random() < .15:
            self.push_really(ref)
        else:
            self.bring(ref, self.heads[ref], self.r.randint(1, 3),
                       self.r.choice((1, 100, 100)))
        self.journal.note("push")

    def push_really(self, ref):
        client = self.path + "/../../../../client-%d" % self.number
        if not os.path.isdir(client):
            repositories.git("/", time.time(), "init", "-q", "--bare", client)
        env = dict(repositories.environment(time.time()),
                   GIT_ALTERNATE_OBJECT_DIRECTORIES=self.path + "/objects")
        subprocess.run(repositories.GIT + ["fast-import", "--quiet", "--force"],
                       input=self.text("refs/heads/new", self.heads[ref], 2),
                       cwd=client, env=env, check=True)
        begin = time.time_ns()
        subprocess.run(repositories.GIT + [
            "push", "--quiet", self.path, "+refs/heads/new:" + ref],
            cwd=client, env=env, check=True)
        self.set(ref, self.git("rev-parse", ref), begin)

    def branch(self):
        """A new branch; its name may stand in the way of another's."""
        name = "refs/heads/b%d" % self.r.randrange(12)
        name += self.r.choice(("", "", "/x"))
        if any(h == name or h.startswith(name + "/") or
               name.startswith(h + "/") for h in self.heads):
            return
        self.bring(name, self.heads["refs/heads/main"], 2, 100)
        self.journal.note("branch")

    def drop(self):
        """A branch goes, and at once all that it alone had."""
        free = sorted(set(self.heads) - {"refs/heads/main"})
        if len(free) < 3:
            return
        for ref in self.r.sample(free, 2):
            begin = time.time_ns()
            self.git("update-ref", "-d", ref)
            self.set(ref, ZERO, begin)
            self.journal.note("delete")
        self.maintain()

    def pull_request(self):
        """A stash-ref moves: its branch is gone, and it alone holds the
        commits."""
        scoped = self.r.randrange(1, 9)
        ref = "stash-refs/pull-requests/%d/from" % scoped
        begin = time.time_ns()
        self.git("-c", "fastimport.unpackLimit=100", "fast-import", "--quiet",
                 "--force", input=self.text(
                     "refs/heads/mine", self.heads["refs/heads/main"], 2))
        value = self.git("rev-parse", "refs/heads/mine")
        self.git("update-ref", ref, value)
        self.set(ref, value, begin)
        self.pulls[ref] = value
        begin = time.time_ns()
        self.git("update-ref", "-d", "refs/heads/mine")
        self.journal.set(self.number, "refs/heads/mine", value, begin, begin)
        self.journal.set(self.number, "refs/heads/mine", ZERO, begin,
                         time.time_ns())
        self.journal.note("propose")

    def backdate(self):
        then = time.time() - OLD
        for folder, _, files in os.walk(self.path + "/objects"):
            for name in files:
                os.utime(os.path.join(folder, name), (then, then))

    def maintain(self):
        self.backdate()
        if self.number == LENDER:
            self.git("pack-refs", "--all")
            self.git("repack", "-a", "-d", "-k", "-q")
        elif self.number == 1:
            self.git("gc", "--quiet", "--prune=2.weeks.ago")
        else:
            self.git("pack-refs", "--all")
            if self.number == PULLS:
                self.git("repack", "-A", "-d", "-l", "-q")
                self.backdate()
            else:
                self.git("repack", "-A", "-d", "-l", "-q",
                         "--unpack-unreachable=2.weeks.ago")
            self.git("prune", "--expire=2.weeks.ago",
                     *sorted(set(self.pulls.values())))
        self.journal.note("maintain")

    def act(self):
        acts = [(self.push, 30), (self.branch, 12), (self.drop, 8),
                (self.maintain, 4)]
        if self.number == PULLS:
            acts.append((self.pull_request, 20))
        self.r.choices([a for a, _ in acts], [w for _, w in acts])[0]()

    def run(self):
        try:
            while not self.stop.is_set():
                self.act()
                time.sleep(self.r.random() * REST)
        except Exception as error:              # told by whoever joins us
            self.error = error


class Load:
    """The home and all who work in it, until stopped."""

    def __init__(self, home, seed):
        self.home = home
        self.journal = Journal()
        self.halt = threading.Event()
        put(home + "/bitbucket.properties", "setup.displayName=Race\n")
        put(home + "/config/server.id", "race\n")
        self.all = {n: Repository(home, n, self.journal, seed, self.halt)
                    for n in IDS}
        for number, repository in self.all.items():
            repository.make(self.all[LENDER] if number in FORKS else None)

    def start(self):
        for repository in self.all.values():
            repository.start()

    def stop(self):
        self.halt.set()
        for repository in self.all.values():
            repository.join()

    def failed(self):
        return next((r.error for r in self.all.values() if r.error), None)
