"""Goes on pushing to a site while somebody looks, backs up or audits.

usage: site write DIR [options]

Every act keeps the product's order: objects, then the ref, then the row; a
deletion goes the other way.  So at any moment each hash that a row names was
written before the row, and when the writer has ended rows and repositories
agree as before.  Each act leaves a line in DIR/writes.tsv:

    begin_ns  end_ns  act  repository  ref  old  new
"""
import argparse
import contextlib
import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import repositories
from database import Database
from files import put
from plan import rng
from repositories import git

ZERO = "0" * 40


class Writer:
    def __init__(self, directory, seed, expire):
        self.directory = directory
        self.expire = expire
        self.store = directory + "/shared/data/repositories"
        self.r = rng(seed, "writer")
        self.database = Database(directory)
        self.scratch = tempfile.mkdtemp(prefix="gonogo-writer.")
        git(self.scratch, time.time(), "init", "-q", "--bare")
        self.journal = open(directory + "/writes.tsv", "a", encoding="utf-8")
        self.begun = self.count = 0

    def close(self):
        self.database.close()
        self.journal.close()
        shutil.rmtree(self.scratch)

    def note(self, act, repository, ref="-", old="-", new="-"):
        self.journal.write("%d\t%d\t%s\t%s\t%s\t%s\t%s\n" % (
            self.begun, time.time_ns(), act, repository, ref, old, new))
        self.journal.flush()
        self.begun = time.time_ns()

    def path(self, repository):
        return "%s/%s" % (self.store, repository)

    def git(self, repository, *arguments, **more):
        return git(self.path(repository), time.time(), *arguments,
                   **more).decode().strip()

    def heads(self, repository):
        """{branch: hash}"""
        out = self.git(repository, "for-each-ref", "refs/heads",
                       "--format=%(refname:lstrip=2) %(objectname)")
        return dict(line.split() for line in out.splitlines())

    def pick(self, where):
        """A live repository for which the SQL condition WHERE holds."""
        found = self.database.run(
            "SELECT r.id FROM repository r WHERE NOT r.is_archived AND %s"
            " ORDER BY r.id" % where)
        return int(self.r.choice(found)[0]) if found else None

    # ------------------------------------------------------------- git

    def commit(self, repository, parent, count=1):
        """Makes COUNT commits on PARENT (None: the first) in the scratch
        repository; returns the last."""
        alternate = self.path(repository) + "/objects"
        h = repositories.History(self.r, ["dev-01", "ci-bot"])
        tip = parent
        for n in range(count):
            tip = h.commit([tip] if tip else [],
                           h.change("written-%d" % self.r.randrange(10**9)),
                           int(time.time()), "Written %d.%d" % (self.count, n))
        name = "refs/heads/%d" % time.time_ns()
        text = b"".join(h.parts[0]).replace(b"refs/heads/main", name.encode())
        env = dict(repositories.environment(time.time()),
                   GIT_ALTERNATE_OBJECT_DIRECTORIES=alternate)
        subprocess.run(repositories.GIT + ["fast-import", "--quiet"],
                       input=text, cwd=self.scratch, env=env, check=True)
        with open("%s/%s" % (self.scratch, name), encoding="ascii") as f:
            return f.read().strip()

    def push(self, repository, *specs):
        """A real push, as a client's arrives: quarantine, objects, refs.  Now
        and then what it brings is kept as a pack."""
        path = self.path(repository)
        limit = self.r.choice((1, 100, 100))
        env = dict(repositories.environment(time.time()),
                   GIT_ALTERNATE_OBJECT_DIRECTORIES=path + "/objects")
        subprocess.run(repositories.GIT + [
            "push", "--quiet",
            "--receive-pack=git -c receive.unpackLimit=%d receive-pack" % limit,
            path, *specs], cwd=self.scratch, env=env, check=True)

    def stash_refs(self, repository, scoped, **hashes):
        """Sets stash-refs/pull-requests/SCOPED/from and /merge."""
        self.git(repository, "update-ref", "--stdin", input="".join(
            "update stash-refs/pull-requests/%s/%s %s\n" % (scoped, name, value)
            for name, value in hashes.items()).encode())

    def merge(self, repository, ours, theirs):
        """The merge of two commits, in the repository itself; None if they
        conflict."""
        try:
            tree = self.git(repository, "merge-tree", "--write-tree", ours,
                            theirs).split()[0]
        except subprocess.CalledProcessError:
            return None
        return self.git(repository, "commit-tree", tree, "-p", ours, "-p",
                        theirs, "-m", "Merge")

    # ------------------------------------------------------------- acts

    def write_commits(self):
        """A push to a branch; what is compared with it is compared anew."""
        repository = self.pick("true")
        heads = self.heads(repository)
        branch = self.r.choice(sorted(heads)) if heads else "main"
        old = heads.get(branch)
        new = self.commit(repository, old, self.r.randint(1, 3))
        self.push(repository, "%s:refs/heads/%s" % (new, branch))
        self.note("push", repository, "refs/heads/" + branch, old or ZERO, new)
        self.rescope(repository, branch, old or ZERO, new)

    def rescope(self, repository, branch, old, new):
        """Follows a moved branch in the open pull requests from and to it."""
        ref = "refs/heads/" + branch
        sides = self.database.run(
            "SELECT id, scoped_id, to_repository_id FROM sta_pull_request"
            " WHERE pr_state = 0 AND from_repository_id = %s"
            " AND from_branch_fqn = %s",
            repository, ref)
        for request, scoped, target in sides:
            if int(target) != repository:
                self.git(target, "fetch", "--quiet", "--no-write-fetch-head",
                         self.path(repository), ref)
            self.stash_refs(target, scoped, **{"from": new})
            self.note("rescope", target,
                      "stash-refs/pull-requests/%s/from" % scoped, "-", new)
            self.database.run(
                "UPDATE sta_pull_request SET from_hash = %s, entity_version ="
                " entity_version + 1, updated_timestamp = now(),"
                " rescoped_timestamp = now() WHERE id = %s", new, request)
        self.database.run(
            "UPDATE sta_pull_request SET to_hash = %s, entity_version ="
            " entity_version + 1, rescoped_timestamp = now() WHERE pr_state = 0"
            " AND to_repository_id = %s AND to_branch_fqn = %s",
            new, repository, ref)
        self.database.run(
            "INSERT INTO sta_repo_push_ref VALUES (%s, %s, %s, %s)",
            self.database.next_id("sta_activity"), ref, old, new)

    def open_pull_request(self):
        repository = self.pick("EXISTS (SELECT FROM sta_pull_request p"
                               " WHERE p.to_repository_id = r.id)")
        main = self.heads(repository)["main"]
        tip = self.commit(repository, main, self.r.randint(1, 2))
        scoped = self.database.run(
            "UPDATE sta_repository_scoped_id SET next_id = next_id + 1"
            " WHERE repository_id = %s RETURNING next_id - 1", repository)[0][0]
        branch = "feature/written-%s" % scoped
        self.push(repository, "%s:refs/heads/%s" % (tip, branch))
        self.note("push", repository, "refs/heads/" + branch, ZERO, tip)
        merge = self.merge(repository, main, tip)
        self.stash_refs(repository, scoped, **{"from": tip, "merge": merge})
        self.note("propose", repository,
                  "stash-refs/pull-requests/%s/from" % scoped, ZERO, tip)
        request = self.database.next_id("sta_pull_request")
        self.database.run(
            "INSERT INTO sta_pull_request SELECT %s, 0, %s, 0, now(), now(),"
            " %s, %s, 'refs/heads/' || b, 'refs/heads/main', b, 'main', %s, %s,"
            " 'Written', NULL, NULL, now(), NULL FROM (VALUES (%s)) v (b)",
            request, scoped, repository, repository, tip, main, branch)
        self.database.run("INSERT INTO bb_pr_commit VALUES (%s, %s)",
                          request, tip)

    def close_pull_request(self):
        """Merges an open pull request of one repository, or declines it."""
        found = self.database.run(
            "SELECT p.id, scoped_id, to_repository_id, from_branch_name,"
            " from_hash FROM sta_pull_request p JOIN repository r ON r.id ="
            " to_repository_id WHERE pr_state = 0 AND NOT r.is_archived AND"
            " from_repository_id = to_repository_id ORDER BY p.id")
        if len(found) < 3:
            return
        request, _, repository, branch, tip = self.r.choice(found)
        repository = int(repository)
        main = self.heads(repository)["main"]
        merge = self.merge(repository, main, tip)
        if merge and self.r.random() < .7:
            self.git(repository, "update-ref", "refs/heads/main", merge, main)
            self.note("merge", repository, "refs/heads/main", main, merge)
            self.database.run(
                "INSERT INTO sta_pr_merge_activity VALUES (%s, %s)",
                self.database.next_id("sta_activity"), merge)
            self.database.run(
                "UPDATE sta_pull_request SET pr_state = 1, closed_timestamp ="
                " now(), updated_timestamp = now() WHERE id = %s", request)
            self.rescope(repository, "main", main, merge)
        else:
            self.database.run(
                "UPDATE sta_pull_request SET pr_state = 2, closed_timestamp ="
                " now(), updated_timestamp = now() WHERE id = %s", request)
        self.push(repository, ":refs/heads/" + branch)
        self.note("delete", repository, "refs/heads/" + branch, tip, ZERO)

    def tag(self):
        repository = self.pick("NOT EXISTS (SELECT FROM sta_repo_origin o WHERE"
                               " o.repository_id = r.id)")
        heads = self.heads(repository)
        if not heads:
            return
        name = "written-%d" % time.time_ns()
        self.git(repository, "tag", "-a", "-m", name, name,
                 heads[self.r.choice(sorted(heads))])
        self.note("tag", repository, "refs/tags/" + name, ZERO,
                  self.git(repository, "rev-parse", "refs/tags/" + name))

    def drop_branch(self):
        """Makes a branch and deletes one that no open request needs."""
        repository = self.pick("true")
        heads = self.heads(repository)
        kept = {row[0] for row in self.database.run(
            "SELECT from_branch_name FROM sta_pull_request WHERE pr_state = 0"
            " AND from_repository_id = %s", repository)}
        free = sorted(set(heads) - kept - {"main"})
        if len(free) > 1:
            branch = self.r.choice(free)
            self.push(repository, ":refs/heads/" + branch)
            self.note("delete", repository, "refs/heads/" + branch,
                      heads[branch], ZERO)
        elif heads:
            new = self.commit(repository, heads["main"])
            ref = "refs/heads/topic-%d" % time.time_ns()
            self.push(repository, "%s:%s" % (new, ref))
            self.note("push", repository, ref, ZERO, new)

    def maintain(self):
        """What the product does instead of git gc: pack refs, repack, prune.

        Nothing is pruned while there are forks, nor what a pull request needs,
        and the latter is no ref in git's eyes.
        """
        repository = self.pick("true")
        self.git(repository, "pack-refs", "--all")
        bitmap = ["--write-bitmap-index"] if self.r.random() < .3 and (
            not os.path.exists(self.path(repository) +
                               "/objects/info/alternates")) else []
        self.git(repository, "repack", "-A", "-d", "-l", "-q", *bitmap)
        forks = self.database.run(
            "SELECT FROM sta_repo_origin WHERE origin_id = %s", repository)
        if not forks:
            self.git(repository, "prune", "--expire=" + self.expire,
                     *self.pull_tips(repository))
        self.note("maintain", repository)

    def pull_tips(self, repository):
        tips = set()
        for folder, _, files in os.walk(self.path(repository) + "/stash-refs"):
            for name in files:
                with open(os.path.join(folder, name), encoding="ascii") as f:
                    tips.add(f.read().strip())
        packed = self.path(repository) + "/stash-packed-refs"
        if os.path.exists(packed):
            with open(packed, encoding="ascii") as f:
                tips.update(line.split()[0] for line in f if line[0] != "#")
        return sorted(tips)

    def attach(self):
        repository = self.pick("true")
        number = self.database.next_id("bb_attachment")
        name = "written-%d.png" % number
        put("%s/shared/data/attachments/repository/%d/%s/%s" % (
            self.directory, repository, self.r.randbytes(5).hex(), name),
            self.r.randbytes(self.r.randint(1, 50000)))
        self.note("attach", repository, name)
        self.database.run("INSERT INTO bb_attachment VALUES (%s, %s, %s)",
                          number, repository, name)

    def create_repository(self):
        number = self.database.next_id("repository")
        slug = "written-%d" % number
        hierarchy = hashlib.sha1(slug.encode()).hexdigest()[:20]
        repositories.lay_out(self.path(number), hierarchy, "DEMO", slug)
        self.note("create", number)
        self.database.run(
            "INSERT INTO repository SELECT %s, s, s, 1, 1, 'git', %s, true,"
            " false, NULL, NULL, NULL, false, false FROM (VALUES (%s)) v (s)",
            number, hierarchy, slug)
        self.database.run("INSERT INTO sta_repository_scoped_id"
                          " VALUES (%s, 'pull-request', 1)", number)

    def delete_repository(self):
        """Deletes one of those that this writer makes: row, then folder."""
        number = self.pick("r.slug LIKE 'written-%%'")
        if number is None:
            return
        self.database.run("DELETE FROM repository WHERE id = %s", number)
        shutil.rmtree(self.path(number))
        shutil.rmtree("%s/shared/data/attachments/repository/%d" % (
            self.directory, number), ignore_errors=True)
        self.note("remove", number)

    def act(self, churn):
        acts = [(self.write_commits, 40), (self.open_pull_request, 12),
                (self.close_pull_request, 10), (self.tag, 6),
                (self.drop_branch, 8), (self.maintain, 10), (self.attach, 4)]
        if churn:
            acts += [(self.create_repository, 4), (self.delete_repository, 2)]
        self.begun = time.time_ns()
        self.r.choices([a for a, _ in acts], [w for _, w in acts])[0]()
        self.count += 1


def options(arguments):
    p = argparse.ArgumentParser(prog="site write", allow_abbrev=False)
    p.add_argument("directory", metavar="DIR")
    p.add_argument("--seconds", type=float, help="how long to go on")
    p.add_argument("--until", metavar="FILE", help="end when FILE is there")
    p.add_argument("--count", type=int, help="end after so many acts")
    p.add_argument("--pause", type=float, default=0,
                   help="seconds to wait between acts")
    p.add_argument("--churn", action="store_true",
                   help="create and delete repositories too")
    p.add_argument("--expire", default="2.weeks.ago",
                   help="how old an object is that maintenance may prune")
    p.add_argument("--seed", type=int, default=1)
    return p.parse_args(arguments)


def main():
    o = options(sys.argv[1:])
    alone = open(o.directory + "/writes.lock", "w", encoding="ascii")
    try:
        fcntl.flock(alone, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        sys.exit("site: %s: another writer is at work" % o.directory)
    stop = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.append(True))
    end = time.monotonic() + (o.seconds if o.seconds is not None else 1 << 40)
    with contextlib.closing(Writer(o.directory, o.seed, o.expire)) as writer:
        while not stop and time.monotonic() < end and (
                o.count is None or writer.count < o.count) and not (
                o.until and os.path.exists(o.until)):
            writer.act(o.churn)
            time.sleep(o.pause)
        print("%d acts" % writer.count)


if __name__ == "__main__":
    main()
