#!/usr/bin/python3 -B
"""A home to measure with, and a day's changes in it.

usage: home.py make DIR [--megabytes N] [--repositories N] [--seed N]
       home.py day DIR [--percent N] [--seed N]
       home.py many DIR [--thousands N]

As a home is after years: most bytes in packs and LFS objects that do not
compress, most files small: loose objects, refs, attachments.  About 62 % of the
bytes are git's; one repository in eight is a fork that borrows from another.
A day pushes to some repositories, repacks a fifth as many, and brings LFS
objects and attachments.

Many files are half loose objects, a thousand to a repository, and half
attachments; so small and so alike that only their number counts.
"""
import argparse
import hashlib
import json
import multiprocessing
import os
import random
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))) + "/site")
import repositories                                          # noqa: E402

STORE = "/data/repositories"
OLD = 40 * 86400                # how long ago all was written, at least


def put(path, data):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(data)


def text(r, size):
    """Lines that press about as well as source code does."""
    lines = repositories.source_lines()
    return "".join(r.choices(lines, k=max(1, size // 34))).encode()


def stream(r, ref, parent, commits, blob_bytes, pressed):
    out = []
    for n in range(commits):
        out.append(b"commit %s\ncommitter x <x@x> %d +0000\ndata 2\nx\n" % (
            ref.encode(), 1600000000 + n))
        if n == 0 and parent:
            out.append(b"from %s\n" % parent.encode())
        for _ in range(3):
            data = r.randbytes(blob_bytes) if pressed else text(r, blob_bytes)
            out.append(b"M 100644 inline d%d/f%d\ndata %d\n%s\n" % (
                r.randrange(20), r.randrange(40), len(data), data))
    return b"".join(out)


def bring(path, r, commits, blob_bytes, limit, pressed=False):
    parent = None
    if os.path.exists(path + "/refs/heads/main") or \
            os.path.exists(path + "/packed-refs"):
        parent = "refs/heads/main^0"
    repositories.git(
        path, time.time(), "-c", "fastimport.unpackLimit=%d" % limit,
        "fast-import", "--quiet", "--force",
        input=stream(r, "refs/heads/main", parent, commits, blob_bytes,
                     pressed))


def age(path, r):
    for folder, _, files in os.walk(path):
        for name in files:
            then = time.time() - OLD - r.randrange(600 * 86400)
            os.utime(os.path.join(folder, name), (then, then))


def build(job):
    seed, home, number, size, origin = job
    r = random.Random("%s %d" % (seed, number))
    path = "%s%s/%d" % (home, STORE, number)
    lender = origin and "%s%s/%d" % (home, STORE, origin)
    repositories.lay_out(path, "%020d" % (origin or number), "B",
                         "r%d" % number, lender)
    if origin:
        tip = repositories.git(lender, 1, "rev-parse", "refs/heads/main")
        repositories.git(path, 1, "update-ref", "refs/heads/main",
                         tip.decode().strip())
        bring(path, r, r.randint(2, 12), 2000, r.choice((1, 10**6)))
    else:
        # Big blobs make most of the bytes, small commits most of the files.
        left = size
        while left > 60000:
            part = min(left, 24 << 20)
            bring(path, r, max(1, part // 300000), min(100000, part // 3), 1,
                  pressed=True)
            left -= part
        for _ in range(r.randint(1, 3)):
            bring(path, r, r.randint(4, 20), 1500, 1)
        if number % 4 == 1:
            repositories.git(path, 1, "pack-refs", "--all")
            repositories.git(path, 1, "repack", "-adq",
                             "--write-bitmap-index")
        if number % 4 == 3:
            bring(path, r, r.randint(2, 12), 1500, 10**6)
        for pull in range(1, r.randint(1, 16)):
            tip = repositories.git(path, 1, "rev-parse", "refs/heads/main")
            for side in ("from", "merge"):
                put("%s/stash-refs/pull-requests/%d/%s" % (path, pull, side),
                    tip)
    age(path, r)


def blobs(home, r, total, average, place):
    while total > 0:
        size = min(int(r.expovariate(1 / average)) + 200, total + 200)
        data = r.randbytes(size)
        name = hashlib.sha256(data).hexdigest()
        put("%s/%s/%s/%s" % (home, place % r.randrange(50), name[:2],
                             name[2:]), data)
        total -= size


def make(o):
    home = os.path.abspath(o.directory)
    total = o.megabytes << 20
    r = random.Random(o.seed)
    os.makedirs(home + STORE)
    numbers = range(1, o.repositories + 1)
    lenders = max(1, o.repositories // 50)
    forks = {n: r.randint(1, lenders) for n in numbers
             if n > lenders and r.random() < .12}
    own = [n for n in numbers if n not in forks]
    weight = {n: 1 / (k + 2) ** 1.1 for k, n in enumerate(own)}
    scale = total * .62 / sum(weight.values())
    with multiprocessing.Pool() as pool:
        pool.map(build, [(o.seed, home, n, int(weight[n] * scale), None)
                         for n in own], chunksize=1)
        pool.map(build, [(o.seed, home, n, 0, forks[n]) for n in forks])
    put(home + "/bitbucket.properties", b"setup.displayName=Bench\n")
    put(home + "/config/server.id", b"bench\n")
    for n in range(8):
        put("%s/plugins/installed-plugins/app-%d.jar" % (home, n),
            r.randbytes(total // 800))
    for n in range(min(300, o.repositories)):
        put("%s/data/avatars/users/%d/48.png" % (home, n),
            r.randbytes(r.randint(900, 9000)))
    blobs(home, r, total // 12, 60000, "data/attachments/repository/%d")
    blobs(home, r, total // 4, 2000000, "data/git-lfs/storage/%d")
    for folder in ("plugins", "data/attachments", "data/git-lfs"):
        age("%s/%s" % (home, folder), r)
    with open(home + "/../bench-home.json", "w", encoding="utf-8") as f:
        json.dump({"own": own, "forks": len(forks), "day": 0}, f)


def push(job):
    seed, path, commits, loose, repack = job
    r = random.Random("%s %s" % (seed, path))
    if commits:
        bring(path, r, commits, 1500, 10**6 if loose else 1)
    if repack:
        repositories.git(path, 1, "pack-refs", "--all")
        repositories.git(path, 1, "repack", "-adlq")


def day(o):
    home = os.path.abspath(o.directory)
    name = home + "/../bench-home.json"
    with open(name, encoding="utf-8") as f:
        told = json.load(f)
    told["day"] += 1
    r = random.Random("%d day %d" % (o.seed, told["day"]))
    own = told["own"][len(told["own"]) // 50 + 1:]
    pushed = set(r.sample(own, max(1, len(own) * o.percent // 100)))
    packed = set(r.sample(own, max(1, len(pushed) // 5)))
    with multiprocessing.Pool() as pool:
        pool.map(push, [("%d %d" % (o.seed, told["day"]),
                         "%s%s/%d" % (home, STORE, n),
                         r.randint(1, 20) if n in pushed else 0,
                         r.random() < .7, n in packed)
                        for n in sorted(pushed | packed)], chunksize=1)
    blobs(home, r, 11 << 20, 1000000, "data/git-lfs/storage/%d")
    blobs(home, r, 2 << 20, 100000, "data/attachments/repository/%d")
    with open(name, "w", encoding="utf-8") as f:
        json.dump(told, f)


def loose(job):
    home, number = job
    path = "%s%s/%d" % (home, STORE, number)
    repositories.lay_out(path, "%020d" % number, "M", "m%d" % number, None)
    for n in range(1000):
        name = hashlib.sha1(b"%d %d" % (number, n)).hexdigest()
        put("%s/objects/%s/%s" % (path, name[:2], name[2:]), b"x%d" % n)
    put(path + "/refs/heads/main", name.encode() + b"\n")
    for n in range(1000):
        put("%s/data/attachments/repository/%d/%x/%d" % (
            home, number, n % 16, n), b"a%d" % n)


def many(o):
    home = os.path.abspath(o.directory)
    os.makedirs(home + STORE)
    put(home + "/bitbucket.properties", b"setup.displayName=Many\n")
    with multiprocessing.Pool() as pool:
        pool.map(loose, [(home, n) for n in range(1, o.thousands // 2 + 1)],
                 chunksize=4)


def main():
    p = argparse.ArgumentParser(prog="home.py", allow_abbrev=False)
    p.add_argument("verb", choices=("make", "day", "many"))
    p.add_argument("directory", metavar="DIR")
    p.add_argument("--megabytes", type=int, default=2200)
    p.add_argument("--repositories", type=int, default=800)
    p.add_argument("--percent", type=int, default=10)
    p.add_argument("--thousands", type=int, default=1000)
    p.add_argument("--seed", type=int, default=1)
    o = p.parse_args()
    {"make": make, "day": day, "many": many}[o.verb](o)


if __name__ == "__main__":
    main()
