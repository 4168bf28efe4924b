"""The logs of one node over the days of the site.

A day is drawn as a list of requests; a sweep over their starts and ends gives
each its number and the requests in progress beside it, as the product puts them
into the request id.  The access log has both ends of every request, the
application log names some of the same requests, the audit log is in UTC.
"""
import gzip
import heapq
import json
import os
import time

from plan import APPS, DAY, rng

# load by hour of the day, against the busiest
CURVE = (.12, .10, .09, .09, .10, .14, .25, .50, .85, 1.0, 1.0, .95,
         .80, .90, 1.0, .97, .90, .75, .50, .35, .28, .22, .18, .15)
WEEKEND = .2
ROTATE_BYTES = 25 << 20

GIT_AGENTS = ("git/2.39.5", "git/2.43.0", "JGit/6.7.0")
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Firefox/128.0"
PAGES = ("browse", "commits", "branches", "pull-requests")
CALLS = ("branches?limit=100", "commits?until=main&limit=1", "tags?limit=100",
         "pull-requests?state=OPEN")
FETCHES = (("fetch, cache:miss", 500), ("clone, cache:hit", 900),
           ("shallow clone, cache:miss", 700), ("fetch, protocol:2", 300),
           ("clone, cache:miss", 2500))

START = ("INFO ", "[spring-startup]", "", "c.a.b.i.boot.log.BuildInfoLogger",
         "Starting Bitbucket %s (0123abc built on 2026-07-14)")
STOP = ("INFO ", "[SpringApplicationShutdownHook]", "",
        "c.a.b.i.boot.log.BuildInfoLogger", "Bitbucket %s has shut down")
BACKGROUND = (
    ("INFO ", "[Caesium-1-3]", "", "c.a.c.d.DbCachingRemoteDirectory",
     "INCREMENTAL synchronisation for directory [ 32771 ] starting"),
    ("INFO ", "[Caesium-1-2]", "", "c.a.s.i.s.g.DefaultGitScheduler",
     "Repository maintenance found nothing to do"),
    ("DEBUG", "[AtlassianEvent::thread-1]", "", "c.a.b.i.e.EventMonitor",
     "All listeners answered in time"))
TRACE = """com.example.transfer.ClientWentAwayException: sample
	at com.example.transfer.Copy.run(Copy.java:%d)
	at com.example.web.Filter.doFilter(Filter.java:88)
	... 37 frames trimmed
Caused by: java.io.IOException: Broken pipe
	at java.base/sun.nio.ch.FileDispatcherImpl.write0(Native Method)
	... 41 common frames omitted
"""


def stamp(ms):
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(ms // 1000)) + (
        ",%03d" % (ms % 1000))


class Log:
    """One log: the current file and, for each day gone by, rotated ones."""

    def __init__(self, folder, base):
        self.folder = folder
        self.base = base
        os.makedirs(folder, exist_ok=True)

    def write_day(self, day, lines, current, lead=""):
        """Writes LEAD and the LINES of one DAY; returns what a rotation in the
        middle of a line would leave to the next file: nothing if CURRENT."""
        data = (lead + "".join(lines)).encode()
        rest = b""
        if current:
            self._put("%s.log" % self.base, data, day + DAY // 2)
            return ""
        if len(data) > 4096 and day % (5 * DAY) == 0:
            cut = len(data) - 40
            data, rest = data[:cut], data[cut:]
        date = time.strftime("%Y-%m-%d", time.gmtime(day))
        for n in range(0, len(data) // ROTATE_BYTES + 1):
            part = data[n * ROTATE_BYTES:(n + 1) * ROTATE_BYTES]
            self._put("%s-%s.%d.log.gz" % (self.base, date, n),
                      gzip.compress(part, 4, mtime=0), day + DAY)
        return rest.decode()

    def _put(self, name, data, when):
        path = "%s/%s" % (self.folder, name)
        with open(path, "wb") as f:
            f.write(data)
        os.utime(path, (when, when))


class Node:
    """A running node: its requests, numbered and swept."""

    def __init__(self, plan, number):
        self.plan = plan
        self.number = number
        self.name = "bb-node-%d" % number
        self.r = rng(plan.seed, "log", number)
        self.repositories = [repo for repo in plan.repositories
                             if not repo.empty] or plan.repositories
        self.addresses = ["192.0.2.%d" % n for n in range(10, 60)] + [
            "198.51.100.%d,192.0.2.2" % n for n in range(10, 30)]
        self.down = (0, 0)      # seconds: when it was last stopped and started
        self.running = []       # heap of (end, counter, text of the o line)
        self.access = []        # lines of the day in hand
        self.application = []   # (ms, text) of the day in hand
        self.start_run()

    def start_run(self):
        """A new start: a new token, and the counter begins again."""
        self.token = "".join(self.r.choices("ABCDEFGHJKMNPQRSTUVWXYZ123456789",
                                            k=7))
        self.counter = 0

    def operation(self, at):
        """The requests of one act that begins AT, in ms: each is (start,
        client, duration, protocol, user, action, details, status, read,
        written, labels), where client is (address, session, repository id)."""
        repo = self.r.choice(self.repositories)
        client = (self.r.choice(self.addresses),
                  "%07x" % self.r.getrandbits(28), repo.id)
        return [(q[0], client) + q[1:] for q in self.draw(at, repo)]

    def draw(self, at, repo):
        r = self.r
        user = r.choice(self.plan.users)
        where = "/scm/%s/%s.git" % (repo.project.key.lower(), repo.slug)
        page = "/projects/%s/repos/%s/" % (repo.project.key, repo.slug)
        agent = '"" "%s"' % r.choice(GIT_AGENTS)
        x = r.random()
        if x < .35:             # git over HTTP: asked for a login, refs, pack
            push = x < .03
            service = "git-receive-pack" if push else "git-upload-pack"
            labels, mean = ("push", 600) if push else r.choice(FETCHES)
            ask = '"GET %s/info/refs?service=%s HTTP/1.1"' % (where, service)
            refs = r.randint(5, 60)
            return [(at, 3, "https", "-", ask, agent, 401, 0, 0, "-"),
                    (at + 20, refs, "https", user, ask, agent, 200, 0,
                     r.randint(300, 5000), "refs"),
                    (at + 40 + refs, int(r.expovariate(1 / mean)) + 9, "https",
                     user, '"POST %s/%s HTTP/1.1"' % (where, service), agent,
                     200, r.randint(200, 90000), r.randint(400, 9000000),
                     labels)]
        if x < .45:
            labels, mean = r.choice(FETCHES)
            return [(at, int(r.expovariate(1 / mean)) + 9, "ssh", user,
                     "SSH - git-upload-pack '%s'" % where[4:],
                     '"SSH-2.0-OpenSSH_9.6"', 0, r.randint(100, 900),
                     r.randint(400, 9000000),
                     "%s, ssh:id:%d, ssh:label:'key of %s'"
                     % (labels, r.randint(1, 99), user))]
        if x < .55:
            return [(at, 2, "https", "-", '"GET /status HTTP/1.1"', '"" ""',
                     200, 0, 19, "-")]
        if x < .80:
            return [(at, int(r.expovariate(1 / 60)) + 2, "https", "ci-bot",
                     '"GET /rest/api/1.0%s%s HTTP/1.1"' % (
                         page, r.choice(CALLS)), '"" "python-requests/2.31.0"',
                     200, 0, r.randint(90, 9000), "-")]
        return [(at, int(r.expovariate(1 / 180)) + 5, "https", user,
                 '"GET %s%s HTTP/1.1"' % (page, r.choice(PAGES)),
                 '"https://bitbucket.example.com/dashboard" "%s"' % BROWSER,
                 200 if r.random() < .99 else 404, 0, r.randint(900, 60000),
                 "-")]

    def requests_between(self, begin, end):
        """All requests that start in [BEGIN, END) seconds, in order."""
        plan, r = self.plan, self.r
        curve = sum(CURVE)
        out = []
        for hour in range(begin // 3600, -(-end // 3600)):
            weekend = time.gmtime(hour * 3600).tm_wday >= 5
            acts = (plan.requests / plan.nodes / 1.7 * CURVE[hour % 24] / curve
                    * (WEEKEND if weekend else 1) * r.uniform(.9, 1.1))
            for _ in range(int(acts) + (r.random() < acts % 1)):
                out += self.operation(hour * 3600000 + r.randrange(3600000))
        return sorted(q for q in out if begin * 1000 <= q[0] < end * 1000)

    def finish_until(self, ms):
        while self.running and self.running[0][0] <= ms:
            end, _, head, tail = heapq.heappop(self.running)
            self.access.append("%s%s%s" % (head, stamp(end), tail))

    def sweep(self, requests, last=None):
        """Logs REQUESTS; none of them may outlast LAST, in ms."""
        for (at, (address, session, repository), took, protocol, user, action,
             details, status, read, written, labels) in requests:
            self.finish_until(at)
            if last is not None:
                took = max(1, min(took, last - at))
            self.counter += 1
            identity = "@%sx%dx%dx%d" % (self.token, at // 60000 % 1440,
                                         self.counter, len(self.running))
            head = "%s | %s | %%s%s | %%s | " % (address, protocol, identity)
            what = " | %s | %s | " % (action, details)
            self.access.append("%s%s%s- | - | - | - | - | %s |\n" % (
                head % ("i", "-"), stamp(at), what, session))
            heapq.heappush(self.running, (
                at + took, self.counter, head % ("o", user),
                "%s%d | %d | %d | %s | %d | %s |\n" % (
                    what, status, read, written, labels, took, session)))
            if self.r.random() < .004:
                context = '%s %s %s "%s"' % (identity, session, address,
                                             action.strip('"'))
                if user != "-":
                    context = "%s %s" % (user, context)
                self.complain(at + took, context, address,
                              self.plan.repositories[repository - 1])

    def complain(self, at, context, address, repo):
        thread = "[http-nio-7990-exec-%d]" % self.r.randint(1, 90)
        self.note(at, "WARN ", thread, context,
                  "c.a.s.i.s.g.p.h.GitSmartExitHandler",
                  "%s/%s[%d]: Read request from %s failed: %s" % (
                      repo.project.key, repo.slug, repo.id,
                      address.split(",")[0], TRACE % self.r.randint(9, 99)))

    def note(self, at, level, thread, context, logger, message):
        self.application.append((at, "%s %s %s %s %s %s\n" % (
            stamp(at), level, thread, context, logger, message.rstrip("\n"))))

    def restart(self, at):
        """A clean stop and start AT, in seconds; takes a minute and a half."""
        self.finish_until(at * 1000)
        self.down = (at, at + 90)
        for what, when in zip((STOP, START), self.down):
            self.note(when * 1000 + 93, *what[:4], what[4] % self.plan.version)
        self.start_run()

    def day(self, begin, end):
        """One day; every node is restarted once, in the night of a Sunday."""
        recent = begin > self.plan.as_of - 8 * DAY
        if recent and end == begin + DAY and time.gmtime(begin).tm_wday == 6:
            stop = begin + 10000 + 600 * self.number
            self.sweep(self.requests_between(begin, stop - 30), stop * 1000)
            self.restart(stop)
            self.sweep(self.requests_between(stop + 90, end))
        else:
            self.sweep(self.requests_between(begin, end))
        self.finish_until(end * 1000 - 1)
        for at in range(begin, end, 600):
            ms = at * 1000 + self.r.randrange(600000)
            if not self.down[0] <= ms // 1000 <= self.down[1]:
                self.note(ms, *self.r.choice(BACKGROUND))
        notes = sorted(self.application)
        self.application = [n for n in notes if n[0] >= end * 1000]
        access, self.access = self.access, []
        return access, [text for at, text in notes if at < end * 1000]

    def audit_lines(self, begin, end, upgrade):
        """JSON lines in UTC: logins, permissions; if UPGRADE, also an app's."""
        r = self.r
        events = []
        for _ in range(r.randint(5, 15)):
            events.append((begin + r.randrange(end - begin), r.choice((
                ("User login success", "SECURITY", "User management"),
                ("Repository permission granted", "PERMISSIONS",
                 "Permissions"))), r.choice(self.plan.users), []))
        if upgrade:
            events.append((begin + 3600, ("Plugin upgraded",
                                          "GLOBAL_CONFIG_AND_ADMINISTRATION",
                                          "Apps"), "admin",
                           [{"id": APPS[0][0], "name": APPS[0][0],
                             "type": "PLUGIN"}]))
        out = []
        for when, (action, area, category), user, objects in sorted(
                events, key=lambda e: e[:1]):
            identity = self.plan.users.index(user) + 1
            out.append(json.dumps({
                "affectedObjects": objects, "changedValues": [],
                "auditType": {"action": action, "area": area,
                              "category": category},
                "author": {"id": str(identity), "name": user,
                           "type": "NORMAL"},
                "extraAttributes": [], "method": "Browser", "node": self.name,
                "source": "192.0.2.%d" % (10 + identity),
                "system": "https://bitbucket.example.com",
                "timestamp": {"epochSecond": when,
                              "nano": r.randrange(1000) * 1000000},
                "version": "1.0"}, sort_keys=True) + "\n")
        return out


def build(plan, number):
    """Writes the logs of node NUMBER: plan.days whole days and the current."""
    node = Node(plan, number)
    folder = plan.node_home(number) + "/log"
    access = Log(folder, "atlassian-bitbucket-access")
    application = Log(folder, "atlassian-bitbucket")
    os.makedirs(folder + "/audit")
    today = (plan.as_of - 1) // DAY * DAY
    first = today - plan.days * DAY
    lead = ""
    for day in range(first, today + DAY, DAY):
        end = min(day + DAY, plan.as_of)
        entries, notes = node.day(day, end)
        current = day == today
        lead = access.write_day(day, entries, current, lead)
        application.write_day(day, notes, current)
        with open("%s/audit/%s.00000.audit.log" % (
                folder, time.strftime("%Y%m%d", time.gmtime(day))), "w",
                encoding="utf-8") as f:
            f.writelines(node.audit_lines(
                day, end, number == 1 and day == first < today))
