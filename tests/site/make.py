"""Makes a site: its homes and logs, and the script that fills the database."""
import argparse
import os
import shlex
import sys
from concurrent.futures import ProcessPoolExecutor

import home
import logs
import plan as plans
import repositories
import rows
from files import put


def options(arguments):
    p = argparse.ArgumentParser(prog="site make", allow_abbrev=False)
    p.add_argument("directory", metavar="DIR", help="a new or empty folder")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--repos", type=int, default=14, help="repositories")
    p.add_argument("--commits", type=int, default=40,
                   help="commits of one repository, roughly")
    p.add_argument("--days", type=int, default=14, help="days of logs")
    p.add_argument("--nodes", type=int, default=3)
    p.add_argument("--requests", type=int, default=6000,
                   help="requests of the cluster on a working day")
    p.add_argument("--lfs-mb", type=float, default=6)
    p.add_argument("--audit-rows", type=int, default=2000)
    p.add_argument("--large-objects", type=int, default=0)
    p.add_argument("--scale", type=float, default=1,
                   help="multiplies commits, requests, LFS and audit rows")
    p.add_argument("--version", default="9.4.22")
    p.add_argument("--schema", default="public", help="of the tables")
    p.add_argument("--as-of", default="2026-10-15T12:00:00Z",
                   type=plans.parse_time, metavar="TIME",
                   help="the site's present: a UTC time, or now")
    o = p.parse_args(arguments)
    if min(o.repos, o.nodes) < 1 or o.days < 0 or not o.schema.isidentifier():
        p.error("--repos and --nodes start at 1, --days at 0; --schema is a"
                " plain name")
    o.directory = os.path.abspath(o.directory)
    return o


def build_repositories(plan, pool):
    """Origins first: their forks need to know what to fork."""
    by_id = {repo.id: repo for repo in plan.repositories}
    for forks in (False, True):
        some = [r for r in plan.repositories if bool(r.origin) == forks]
        jobs = [pool.submit(repositories.build, plan, r, by_id.get(r.origin))
                for r in some]
        for job in jobs:
            built = job.result()
            by_id[built.id] = built
    plan.repositories = [by_id[repo.id] for repo in plan.repositories]


def write_environment(plan):
    """What a test wants to know, as shell assignments."""
    d = plan.directory
    known = {
        "SITE_DIR": d, "SITE_SHARED": plan.shared,
        "SITE_NODES": plan.nodes,
        "SITE_NODE_NAMES": " ".join(
            "bb-node-%d" % n for n in range(1, plan.nodes + 1)),
        "SITE_NODE_HOMES": " ".join(
            plan.node_home(n) for n in range(1, plan.nodes + 1)),
        "SITE_VERSION": plan.version, "SITE_AS_OF": plan.as_of,
        "SITE_DAYS": plan.days, "SITE_USERS": " ".join(plan.users),
        "SITE_REPOSITORIES": len(plan.repositories),
        "SITE_FORKS": sum(bool(r.origin) for r in plan.repositories),
        "SITE_PULL_REQUESTS": sum(
            len(r.pull_requests) for r in plan.repositories),
        "SITE_APPS": " ".join("%s:%s" % a[:2] for a in plans.APPS),
        "SITE_SCHEMA": plan.schema, "SITE_SECRETS": d + "/secrets.txt",
        "SITE_PASSWORDS": d + "/passwords",
        "SITE_UNWANTED": home.UNWANTED.strip(),
    }
    with open(d + "/site.env", "w", encoding="utf-8") as f:
        for name, value in known.items():
            f.write("%s=%s\n" % (name, shlex.quote(str(value))))


def write_secrets(plan):
    """Every planted secret on a line, and a password file for each role."""
    d = plan.directory
    os.mkdir(d + "/passwords", 0o700)
    put(d + "/secrets.txt",
                     "".join(s + "\n" for s in plans.SECRETS.values()), 0o600)
    for role, secret in (("bitbucket", "jdbc.password"),
                         ("gonogo_backup", "gonogo_backup"),
                         ("gonogo_audit", "gonogo_audit")):
        put("%s/passwords/%s" % (d, role),
                         plans.SECRETS[secret] + "\n", 0o600)


def main():
    plan = plans.draw(options(sys.argv[1:]))
    os.makedirs(plan.shared + "/data/repositories")
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        written = [pool.submit(logs.build, plan, n)
                   for n in range(1, plan.nodes + 1)]
        hooks = home.build(plan)
        build_repositories(plan, pool)
        for job in written:
            job.result()
    with open(plan.directory + "/load.sql", "w", encoding="utf-8") as out:
        rows.build(plan, hooks, out)
    write_secrets(plan)
    write_environment(plan)


if __name__ == "__main__":
    main()
