"""The shared home and the local homes, without repositories and logs.

Three sorts of files: what a backup must save, what it must leave out (each such
file says so in its text) and what is awkward to save: links, modes, times and
names that need care.
"""
import hashlib
import io
import os
import zipfile

from files import put
from plan import APPS, DAY, SECRETS, rng

UNWANTED = "must-not-be-saved\n"

PROPERTIES = """# bitbucket.properties of the demonstration cluster
setup.displayName=Demonstration
setup.baseUrl=https://bitbucket.example.com
jdbc.driver=org.postgresql.Driver
jdbc.url=jdbc:postgresql://db.example.com:5432/bitbucket?ssl=true
jdbc.user=bitbucket
jdbc.password=%(jdbc.password)s
throttle.resource.scm-hosting.adaptive.limit.min=12
hazelcast.network.multicast=false
hazelcast.network.tcpip=true
hazelcast.network.tcpip.members=%(members)s
hazelcast.group.name=demonstration
hazelcast.group.password=%(hazelcast.group.password)s
plugin.search.config.baseurl=https://search.example.com:9200
plugin.search.config.username=bitbucket
plugin.search.config.password=%(plugin.search.config.password)s
"""

# Folders that a backup leaves out: caches, what a start makes anew, and what
# can be built again.
SHARED_UNWANTED = ("caches/pages/1.bin", "plugins/.cache/felix/bundle.jar",
                   "tmp/upload.tmp", "log/old.log", "search/data/nodes/0/_0.si",
                   "export/archive.tar", "data/db.mv.db", ".lock")
LOCAL_UNWANTED = ("caches/idx/1.bin", "tmp/git/1.tmp", "export/threads.txt",
                  "plugins/.osgi-plugins/felix/bundle.jar", ".lock")

# Names on disk and in their rows: the first is not UTF-8.
AWKWARD_NAMES = [(b"r\xe9sum\xe9.pdf", "r\u00e9sum\u00e9.pdf")] + [
    (name.encode(), name) for name in (
        "smile-\u263a.png", "two\nlines\tand\\back.txt", "-rf .txt", " ")]


def jar(key, version):
    """A small app as the plugin system finds it: a zip with its descriptor."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for name, text in (
                ("META-INF/MANIFEST.MF", "Manifest-Version: 1.0\n"
                 "Bundle-SymbolicName: %s\nBundle-Version: %s\n"
                 % (key, version)),
                ("atlassian-plugin.xml", '<atlassian-plugin key="%s" name="%s"'
                 ' plugins-version="2">\n<plugin-info><version>%s</version>'
                 "</plugin-info>\n</atlassian-plugin>\n"
                 % (key, key.rsplit(".", 1)[1], version))):
            z.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), text)
    return out.getvalue()


def write_configuration(plan, old):
    members = ",".join("bb-node-%d.example.com:5701" % n
                       for n in range(1, plan.nodes + 1))
    put(plan.shared + "/bitbucket.properties",
        PROPERTIES % dict(SECRETS, members=members), 0o600, old)
    put(plan.shared + "/config/ssh-server-keys.pem",
        "-----BEGIN RSA PRIVATE KEY-----\n%s\n-----END RSA PRIVATE KEY-----\n"
        % SECRETS["ssh key"], 0o600, old)
    for n in (1, 2):
        put(plan.shared + "/config/encryption/%d.key" % n,
            "%s-%d\n" % (SECRETS["encryption key"], n), 0o600, old)
    os.chmod(plan.shared + "/config/encryption", 0o700)


def write_lfs(plan, old):
    """Large files: one that compresses well, the others not at all."""
    r = rng(plan.seed, "lfs")
    left = plan.lfs_bytes
    first = True
    owners = [repo for repo in plan.repositories if not repo.empty]
    while left > 0:
        size = min(left, r.randint(1 << 10, 3 << 20))
        data = r.randbytes(1024) * (size // 1024 + 1) if first else (
            r.randbytes(size))
        oid = hashlib.sha256(data).hexdigest()
        put("%s/data/git-lfs/storage/%s/%s/%s" % (
            plan.shared, r.choice(owners).hierarchy, oid[:2], oid[2:]),
            data, 0o640, old + r.randint(0, 20 * DAY))
        left -= len(data)
        first = False


def write_attachments(plan, old):
    """Attachments of each repository, the first also with awkward names."""
    r = rng(plan.seed, "attachments")
    for repo in plan.repositories:
        if repo.empty:
            continue
        names = ["screen-%d.png" % n for n in range(r.randint(1, 4))]
        names = [(n.encode(), n) for n in names]
        if repo is plan.repositories[0]:
            names += AWKWARD_NAMES
        for name, text in names:
            path = b"%s/data/attachments/repository/%d/%s/%s" % (
                os.fsencode(plan.shared), repo.id,
                r.randbytes(5).hex().encode(), name)
            put(path, r.randbytes(r.randint(0, 9000)), 0o640, old)
            repo.attachments.append(text)


def write_hook_scripts(plan, old):
    """Bodies of the hook scripts: what their rows in bb_hook_script say."""
    scripts = []
    for n, name in enumerate(("check-message", "refuse-large"), 1):
        body = "#!/bin/sh\n# %s\nexit 0\n" % name
        put("%s/data/hook-scripts/%d" % (plan.shared, n), body, 0o750, old)
        scripts.append((n, name, len(body),
                        hashlib.sha256(body.encode()).hexdigest()))
    return scripts


def write_awkward(plan, old):
    """What a copy loses when it isn't careful."""
    avatars = plan.shared + "/data/avatars"
    os.link(avatars + "/users/1/48.png", avatars + "/users/2/linked.png")
    os.symlink("../users/1/48.png", avatars + "/projects/link.png")
    os.symlink("/nonexistent/outside", avatars + "/projects/dangling.png")
    os.makedirs(plan.shared + "/data/attachments/empty-folder")
    put(avatars + "/odd-mode.png", b"", 0o604, old)
    put(avatars + "/ancient.png", b"old", 0o640, DAY * 365)
    try:
        os.setxattr(avatars + "/ancient.png", "user.gonogo", b"kept\0too")
    except OSError:
        pass    # not every file system has them


def build(plan):
    """Writes all of it; returns the rows of bb_hook_script."""
    old = plan.as_of - 90 * DAY
    r = rng(plan.seed, "home")
    write_configuration(plan, old)
    for key, version, _ in APPS:
        put("%s/plugins/installed-plugins/plugin.%s-%s.jar" % (
            plan.shared, key, version), jar(key, version), 0o640, old)
    for n in range(1, 5):
        put("%s/data/avatars/users/%d/48.png" % (plan.shared, n),
            r.randbytes(r.randint(300, 3000)), 0o640, old)
        put("%s/data/avatars/projects/%d/64.png" % (plan.shared, n),
            r.randbytes(r.randint(300, 3000)), 0o640, old)
    write_lfs(plan, old)
    write_attachments(plan, old)
    write_awkward(plan, old)
    for name in SHARED_UNWANTED:
        put("%s/%s" % (plan.shared, name), UNWANTED, 0o640, old)
    for node in range(1, plan.nodes + 1):
        home = plan.node_home(node)
        for name in LOCAL_UNWANTED:
            put("%s/%s" % (home, name), UNWANTED, 0o640, old)
        put(home + "/lib/extra-driver.jar", jar("com.example.driver", "1.0"),
            0o640, old)
        os.symlink("../shared", home + "/shared")
    return write_hook_scripts(plan, old)
