"""What a site consists of: names, ids and times, drawn from one seed.

Nothing here touches the disk.  The same options give the same plan, so whoever
needs to know what was built can draw the plan again instead of reading it back.
"""
import calendar
import hashlib
import random
import time
from dataclasses import dataclass, field

DAY = 86400

LETTERS = ("alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu"
           " nu xi omicron pi rho sigma tau upsilon phi chi psi omega").split()

# key, version, what plugin_state says (None: no row, so the default)
APPS = (("com.example.bb.checks", "3.2.1", True),
        ("com.example.bb.badges", "1.4.0", None),
        ("com.example.bb.reports", "2.0.5", False),
        ("com.example.bb.sync", "5.1.2", True))

# Planted: no output of any tool may ever show one of these.
SECRETS = {
    "jdbc.password": "planted-jdbc-4Qz7",
    "hazelcast.group.password": "planted-hazelcast-8Xw2",
    "plugin.search.config.password": "planted-search-5Kd9",
    "gonogo_backup": "planted-backup-role-3Mv6",
    "gonogo_audit": "planted-audit-role-9Tb1",
    "licence": "PLANTEDLICENCEAAAB4w0ODAoPeNpFkE",
    "applink": "planted-applink-secret-2Rc8",
    "ssh key": "UExBTlRFRFNTSEtFWQ2Hn5",
    "encryption key": "planted-encryption-key-6Jf4",
}


def rng(*key):
    """A generator of its own for each purpose: one draw more in one place
    must not change what is drawn elsewhere."""
    return random.Random("/".join(str(k) for k in key))


@dataclass
class Project:
    id: int
    key: str
    name: str
    personal: bool


@dataclass
class PullRequest:
    scoped_id: int
    state: int                  # 0 open, 1 merged, 2 declined
    from_repository: int
    from_branch: str
    created: int
    closed: int = 0
    title: str = ""
    commits: list = field(default_factory=list)
    from_hash: str = ""
    to_hash: str = ""
    merge_hash: str = ""        # open: the trial merge; merged: the real one


@dataclass
class Repository:
    id: int
    slug: str
    project: Project
    hierarchy: str
    origin: int = 0             # id of the direct origin, 0 if not a fork
    forks: list = field(default_factory=list)
    empty: bool = False
    archived: bool = False
    commits: int = 0
    created: int = 0
    main_hash: str = ""         # tip of main, once the repository is built
    size_bytes: int = 0         # of its own objects, likewise
    pull_requests: list = field(default_factory=list)
    attachments: list = field(default_factory=list)


@dataclass
class Plan:
    directory: str
    seed: int
    as_of: int
    days: int
    nodes: int
    version: str
    schema: str
    requests: int               # of the whole cluster on a working day
    lfs_bytes: int
    audit_rows: int
    large_objects: int
    users: list
    projects: list
    repositories: list

    @property
    def shared(self):
        return self.directory + "/shared"

    def node_home(self, node):
        return "%s/node-%d" % (self.directory, node)

    def repository_path(self, identity):
        return "%s/data/repositories/%d" % (self.shared, identity)


def parse_time(text):
    """Seconds since 1970 of a UTC time as 2026-10-15T12:00:00Z, or of now."""
    if text == "now":
        return int(time.time())
    return calendar.timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%SZ"))


def draw(o):
    """The plan for the parsed options O of make.py."""
    users = ["admin", "ci-bot"] + ["dev-%02d" % n for n in range(1, 13)]
    projects = [Project(1, "DEMO", "Demonstration", False),
                Project(2, "CORE", "Core services", False),
                Project(3, "OPS", "Operations", False),
                Project(4, "~DEV-01", "dev-01", True),
                Project(5, "~DEV-02", "dev-02", True)]
    repositories = [_repository(o, k, projects) for k in range(o.repos)]
    for fork in repositories:
        if fork.origin:
            origin = repositories[fork.origin - 1]
            origin.forks.append(fork.id)
            fork.slug = origin.slug if len(origin.forks) < 3 else (
                "%s-%d" % (origin.slug, fork.id))
            fork.hierarchy = origin.hierarchy
    return Plan(directory=o.directory, seed=o.seed, as_of=o.as_of, days=o.days,
                nodes=o.nodes, version=o.version, schema=o.schema,
                requests=int(o.requests * o.scale),
                lfs_bytes=int(o.lfs_mb * o.scale * (1 << 20)),
                audit_rows=int(o.audit_rows * o.scale),
                large_objects=o.large_objects, users=users, projects=projects,
                repositories=repositories)


def _repository(o, k, projects):
    """The K-th repository.  The first six show one kind each, so that the
    smallest site already has a fork and an empty one."""
    r = rng(o.seed, "repository", k)
    kind = {1: "fork", 3: "empty", 4: "archived", 5: "fork"}.get(
        k, "fork" if k > 5 and k % 10 == 9 else "own")
    slug = LETTERS[k % len(LETTERS)]
    if k >= len(LETTERS):
        slug += "-%d" % (k // len(LETTERS) + 1)
    project = projects[3 + (k // 5) % 2] if kind == "fork" else projects[k % 3]
    mean = o.commits * o.scale * (0.2 if kind == "fork" else 1)
    return Repository(
        id=k + 1, slug=slug, project=project,
        hierarchy=hashlib.sha1(b"%d/%d" % (o.seed, k)).hexdigest()[:20],
        origin=1 + k // 10 * 10 if kind == "fork" else 0, empty=kind == "empty",
        archived=kind == "archived",
        commits=max(3, int(mean * r.uniform(0.5, 1.5))),
        created=o.as_of - r.randint(300, 1500) * DAY)
