"""The bare repositories of a site.

Each is imported as one stream of commits, the old part as packs with packed
refs and the newest as loose objects with loose refs, so that a repository looks
as after months of pushes:

    main   o--o--o--M--o--o     M: a merged pull request
               \\   /      \\
                o-o         o   an open one: a branch, stash-refs/.../from and
                                a trial merge in stash-refs/.../merge
                 \\
                  o             a declined one: only stash-refs/.../from is left
"""
import functools
import os
import subprocess

from files import put
from plan import DAY, LETTERS, PullRequest, rng

GIT = ("git -c pack.threads=1 -c core.compression=1 -c pack.compression=1"
       " -c gc.auto=0 -c core.fsync=none -c safe.directory=*").split()

HOOK = "#!/bin/sh\nexit 0\n"

CONFIG = """[core]
	repositoryformatversion = 0
	filemode = true
	bare = true
	logAllRefUpdates = true
[gc]
	auto = 0
%s[include]
	path = repository-config
"""

REPOSITORY_CONFIG = """#>*******************
# maintained by the product
#>*******************
[bitbucket]
	hierarchy = %s
	project = %s
	repository = %s
"""


def environment(when):
    """Variables for a git that sees no settings but ours and the clock WHEN."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    stamp = "@%d +0000" % when
    return dict(kept, GIT_CONFIG_NOSYSTEM="1", GIT_CONFIG_GLOBAL="/dev/null",
                LC_ALL="C", TZ="UTC", GIT_AUTHOR_NAME="Bitbucket",
                GIT_AUTHOR_EMAIL="bitbucket@example.com",
                GIT_COMMITTER_NAME="Bitbucket",
                GIT_COMMITTER_EMAIL="bitbucket@example.com",
                GIT_AUTHOR_DATE=stamp, GIT_COMMITTER_DATE=stamp)


def git(path, when, *args, **more):
    return subprocess.run(GIT + list(args), cwd=path, env=environment(when),
                          check=True, stdout=subprocess.PIPE, **more).stdout


def lay_out(path, hierarchy, project, slug, alternate=None, forked=False):
    """An empty repository as the product makes it, in the new folder PATH."""
    for d in ("objects/info", "objects/pack", "refs/heads", "refs/tags",
              "hooks", "info", "stash-refs/pull-requests"):
        os.makedirs(os.path.join(path, d))
    put(path + "/HEAD", "ref: refs/heads/main\n")
    put(path + "/config",
        CONFIG % ("\tpruneExpire = never\n" if forked else ""))
    put(path + "/repository-config",
        REPOSITORY_CONFIG % (hierarchy, project, slug))
    put(path + "/info/exclude", "# nothing is excluded\n")
    for hook in ("pre-receive", "post-receive"):
        put("%s/hooks/%s" % (path, hook), HOOK, 0o755)
    if alternate:
        put(path + "/objects/info/alternates", alternate + "/objects\n")


@functools.cache
def source_lines():
    """Lines that compress about as well as source code does."""
    r = rng("source lines")

    def word():
        return r.choice(LETTERS) + r.choice(LETTERS)[:2]

    return ["    %s.%s(%s, %d); /* %s %s */\n" % (
        word(), word(), word(), r.randrange(9999), word(), word())
        for _ in range(2000)]


class History:
    """The commands of the imports that make one repository."""

    def __init__(self, r, users):
        self.r = r
        self.users = users
        self.parts = [[]]           # one list of commands for each import
        self.mark = 0
        self.main = None            # mark or hash of main's tip
        self.refs = {}              # ref: the mark or hash it ends at

    def say(self, *parts):
        self.parts[-1].extend(p if isinstance(p, bytes) else p.encode()
                              for p in parts)

    def blob(self, data):
        self.mark += 1
        self.say("blob\nmark :%d\ndata %d\n" % (self.mark, len(data)),
                 data, "\n")
        return ":%d" % self.mark

    def change(self, folder):
        """File commands for one commit below FOLDER."""
        r = self.r
        files = []
        for _ in range(r.randint(1, 3)):
            name = "%s/%s/%s.c" % (folder, r.choice(LETTERS),
                                   r.choice(LETTERS))
            text = "".join(r.choices(source_lines(), k=r.randint(5, 60)))
            files.append("M 100644 %s %s\n" % (self.blob(text.encode()), name))
        if r.random() < 0.08:
            files.append("M 100644 %s %s/%s.png\n" % (
                self.blob(r.randbytes(r.randint(500, 40000))), folder,
                r.choice(LETTERS)))
        return files

    def first_files(self):
        return ["M 100644 %s README.md\n" % self.blob(b"# A repository\n"),
                "M 100755 %s build.sh\n" % self.blob(b"#!/bin/sh\nmake\n"),
                "M 120000 %s READ.ME\n" % self.blob(b"README.md"),
                'M 100644 %s "docs/caf\\351.txt"\n' % self.blob(b"latin-1\n")]

    def commit(self, parents, files, when, subject):
        who = self.r.choice(self.users)
        self.mark += 1
        self.say("commit refs/heads/main\nmark :%d\n"
                 "committer %s <%s@example.com> %d +0000\ndata %d\n%s\n"
                 % (self.mark, who, who, when, len(subject), subject))
        for verb, parent in zip(("from", "merge"), parents):
            self.say("%s %s\n" % (verb, parent))
        self.say("".join(files), "\n")
        return ":%d" % self.mark

    def tag(self, name, target, when):
        self.say("tag %s\nfrom %s\ntagger admin <admin@example.com> %d +0000\n"
                 "data %d\n%s\n" % (name, target, when, len(name), name))

    def end_part(self):
        """Sets every ref to where it stands and begins the next import."""
        for ref, at in sorted(self.refs.items()):
            self.say("reset %s\nfrom %s\n\n" % (ref, at))
        self.parts.append([])


def pull_requests(repo, r):
    """A repository's pull requests in order of creation: the first merged, the
    second declined, the last two open."""
    if repo.origin:
        return []
    more = min(repo.commits // 10, 40)
    states = [1, 2] + r.choices((1, 1, 2), k=more) + [0, 0]
    out = [PullRequest(scoped_id=n, state=state, from_repository=repo.id,
                       from_branch="feature/work-%d" % n, created=0,
                       title="Change of %s" % r.choice(LETTERS))
           for n, state in enumerate(states, 1)]
    if repo.forks:
        out[-1].from_repository = repo.forks[0]
    return out


def propose(h, repo, pr, when):
    """The commits of PR and, if it was merged, their merge into main.

    Until the import is done its hashes are marks.  Returns its file commands.
    """
    files = []
    pr.created = when
    pr.to_hash = pr.from_hash = h.main
    for n in range(h.r.randint(1, 3)):
        new = h.change("pr-%d" % pr.scoped_id)
        pr.from_hash = h.commit([pr.from_hash], new, when + n, pr.title)
        pr.commits.append(pr.from_hash)
        files += new
    if pr.state == 1:
        h.main = pr.merge_hash = h.commit(
            [pr.to_hash, pr.from_hash], files, when + 20,
            "Merge of pull request %d" % pr.scoped_id)
    if pr.state:
        pr.closed = when + 25
    elif pr.from_repository == repo.id:
        h.refs["refs/heads/" + pr.from_branch] = pr.from_hash
    return files


def write_history(plan, repo, base, refs):
    """The history of REPO from nothing, or on top of the commit BASE; REFS are
    refs that it has beside its own."""
    r = rng(plan.seed, "history", repo.id)
    h = History(r, plan.users)
    h.refs.update(refs)
    requests = pull_requests(repo, r)
    waiting = list(requests)
    still_open = []
    span = plan.as_of - 3600 - repo.created
    every = max(1, repo.commits // (len(requests) + 1))
    h.main = base
    for k in range(repo.commits):
        when = repo.created + span * k // repo.commits
        files = h.change("src")
        if h.main is None:
            files += h.first_files()
        h.main = h.commit([h.main] if h.main else [], files, when,
                          "%s-%d" % (repo.project.key, k))
        if waiting and k % every == every - 1:
            pr = waiting.pop(0)
            files = propose(h, repo, pr, when + 60)
            if pr.state == 0:
                still_open.append((pr, files))
        if k % 10 == 7:
            h.refs["refs/heads/topic/%d" % k] = h.commit(
                [h.main], h.change("topic"), when + 80, "Left lying")
        if k % 16 == 2:
            h.tag("v1.%d.0" % (k // 16), h.main, when + 90)
        h.refs["refs/heads/main"] = h.main
        if k == repo.commits * 3 // 4:
            h.refs["refs/heads/release/1"] = h.main
            h.refs["refs/tags/build-%d" % k] = h.main
            h.end_part()
    # What is open now is compared with main as it stands now.
    for pr, files in still_open:
        pr.to_hash = h.main
        pr.merge_hash = h.commit([h.main, pr.from_hash], files,
                                 plan.as_of - 1800, "Trial merge")
    h.end_part()
    repo.pull_requests = requests[:len(requests) - len(waiting)]
    return h


def import_parts(plan, path, h):
    """Runs the imports and returns {mark: hash}."""
    marks = path + "/marks"
    put(marks, "")
    for n, part in enumerate(h.parts):
        if not part:
            continue
        recent = n > 0
        git(path, plan.as_of, "-c",
            "fastimport.unpackLimit=%d" % (1 << 30 if recent else 1),
            "fast-import", "--quiet", "--force", "--import-marks=" + marks,
            "--export-marks=" + marks, input=b"".join(part))
        if not recent:
            git(path, plan.as_of, "pack-refs", "--all")
    with open(marks, encoding="ascii") as f:
        hashes = dict(line.split() for line in f)
    os.unlink(marks)
    return hashes


def put_pull_refs(path, repo):
    """The second ref namespace; where it is long its oldest refs are packed."""
    refs = []
    for pr in repo.pull_requests:
        name = "/stash-refs/pull-requests/%d/" % pr.scoped_id
        refs.append((name + "from", pr.from_hash))
        if pr.state == 0:
            refs.append((name + "merge", pr.merge_hash))
    packed = refs[:2] if len(refs) > 4 else []
    if packed:
        put(path + "/stash-packed-refs",
            "# pack-refs with: peeled fully-peeled sorted \n" +
            "".join("%s %s\n" % (commit, name[1:]) for name, commit in packed))
    for name, commit in refs[len(packed):]:
        put(path + name, commit + "\n")


def age(path, when):
    """Gives everything below PATH a time in the past: packs and objects that
    are old enough to be pruned the moment nothing refers to them."""
    stamp = when * 10**9 + 123456789
    for folder, _, files in os.walk(path, topdown=False):
        for name in files:
            os.utime(os.path.join(folder, name), ns=(stamp, stamp))
        os.utime(folder, ns=(stamp, stamp))


def size_of_objects(path):
    return sum(os.stat(os.path.join(folder, name)).st_size
               for folder, _, files in os.walk(path + "/objects")
               for name in files if name != "alternates")


def build(plan, repo, origin=None):
    """Writes REPO, a fork of ORIGIN if that is given, and gives REPO back with
    the hashes and the size that it got."""
    path = plan.repository_path(repo.id)
    alternate = plan.repository_path(repo.origin) if repo.origin else None
    lay_out(path, repo.hierarchy, repo.project.key, repo.slug, alternate,
            bool(repo.forks))
    if not repo.empty:
        proposed = {"refs/heads/" + pr.from_branch: pr.from_hash
                    for pr in (origin.pull_requests if origin else ())
                    if pr.from_repository == repo.id}
        h = write_history(plan, repo, origin and origin.main_hash, proposed)
        hashes = import_parts(plan, path, h)
        for pr in repo.pull_requests:
            pr.commits = [hashes[m] for m in pr.commits]
            for name in ("from_hash", "to_hash", "merge_hash"):
                setattr(pr, name, hashes.get(getattr(pr, name), ""))
        repo.main_hash = hashes[h.main]
        put_pull_refs(path, repo)
        if repo.id % 4 == 3:
            git(path, plan.as_of, "repack", "-A", "-d", "-q",
                "--write-bitmap-index")
            git(path, plan.as_of, "commit-graph", "write", "--reachable")
    repo.size_bytes = size_of_objects(path)
    age(path, plan.as_of - 40 * DAY)
    return repo
