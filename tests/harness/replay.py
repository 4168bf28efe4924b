#!/usr/bin/python3 -B
"""Another simulator of the replay (audit/capacity/replay.h), made from its
description alone: it keeps what is left of each request in service, where the
other keeps one sum for all.  usage: replay.py PROGRAM COUNT

Draws COUNT traces, gives each to `PROGRAM replay`, and compares every wait.
"""
import random
import subprocess
import sys

WHOLE, EACH = 65536, 500


class Station:
    def __init__(self, tickets, cores):
        self.tickets, self.cores = tickets, cores
        self.now = None
        self.serving = []       # what is left of each, in 65,536ths of a ms
        self.queue = []         # (came, took, number)
        self.since = 0
        self.over = 0

    def rate(self):
        asked = len(self.serving) * EACH
        if not self.cores or asked <= self.cores:
            return WHOLE
        return self.cores * WHOLE // asked

    def until(self, moment, waits, timeout):
        """Lets time go by; MOMENT itself included."""
        if self.now is None:
            self.now = moment
        while self.serving:
            rate = self.rate()
            ms = -(-max(0, min(self.serving)) // rate)
            if self.now + ms > moment:
                break
            self.now += ms
            self.serving = [left - ms * rate for left in self.serving]
            self.serving.remove(min(self.serving))
            self.leave(self.now, waits, timeout)
            if self.queue:
                came, took, number = self.queue.pop(0)
                waits[number] = self.now - came
                self.serving.append(took * WHOLE)
                self.empty(self.now)
        gone = moment - self.now
        rate = self.rate()
        self.serving = [left - gone * rate for left in self.serving]
        self.now = moment
        self.leave(moment, waits, timeout)

    def leave(self, now, waits, timeout):
        while self.queue and self.queue[0][0] + timeout < now:
            came, _, number = self.queue.pop(0)
            waits[number] = -1
            self.empty(came + timeout)

    def empty(self, at):
        if not self.queue:
            self.over += max(0, at - max(0, self.since))

    def come(self, now, took, number, waits):
        if len(self.serving) < self.tickets:
            waits[number] = 0
            self.serving.append(took * WHOLE)
        else:
            if not self.queue:
                self.since = now
            self.queue.append((now, took, number))
        return len(self.serving) + len(self.queue)


def simulate(trace):
    nodes, balance, cored, temporary, timeout, rows, away, requests = trace
    stations = [Station(t, c if cored else 0) for t, c, _ in rows]
    weights = [w for _, _, w in rows]
    if temporary:
        stations.append(Station(temporary, temporary * EACH if cored else 0))
        weights.append(sum(weights) * temporary // sum(t for t, _, _ in rows))
    credit = [0] * len(stations)
    waits = [None] * len(requests)
    moved = peak = 0
    for number, (start, took, node, client) in enumerate(requests):
        here = [n for n in range(len(stations))
                if not any(a == n and f <= start < u for a, f, u in away)]
        to = node
        if node not in here:
            moved += 1
            if not here:
                waits[number] = -1
                continue
            if balance == 0:
                for n in here:
                    credit[n] += max(1, weights[n])
                to = max(here, key=lambda n: (credit[n], -n))
                credit[to] -= sum(max(1, weights[n]) for n in here)
            elif balance == 1:
                for n in here:
                    stations[n].until(start, waits, timeout)
                to = min(here, key=lambda n: (len(stations[n].serving)
                                              + len(stations[n].queue), n))
            else:
                to = here[client % len(here)]
        stations[to].until(start, waits, timeout)
        peak = max(peak, stations[to].come(start, took, number, waits))
    for s in stations:
        while s.queue:
            s.until(s.now + timeout, waits, timeout)
    served = sorted(w for w in waits if w >= 0)
    p99 = 0
    if served:
        p99 = served[max(0, -(-len(served) * 990 // 1000) - 1)]
    return waits, "moved %d refused %d p99 %d over %d peak %d" % (
        moved, waits.count(-1), p99, sum(s.over for s in stations), peak)


def draw(seed):
    r = random.Random(seed)
    nodes = r.randint(1, 5)
    rows = [(r.randint(1, 6), r.choice((500, 700, 1000, 1500, 3300)),
             r.randint(0, 9)) for _ in range(nodes)]
    span = r.choice((20000, 200000, 2000000))
    away = []
    for _ in range(r.randint(0, nodes)):
        f = r.randint(0, span)
        away.append((r.randrange(nodes), f, f + r.randint(0, span)))
    count = r.randint(1, 400)
    mean = span * sum(t for t, _, _ in rows) / count * r.uniform(.3, 2)
    burst = r.random() < .4
    requests = sorted(
        (r.randrange(span) // (5000 if burst else 1) * (5000 if burst else 1),
         int(r.expovariate(1 / mean)) if r.random() < .9 else 0,
         r.randrange(nodes), r.randrange(1024)) for _ in range(count))
    return (nodes, r.randint(0, 2), r.randint(0, 1),
            r.choice((0, 0, 1, 3)), r.choice((500, 5000, 300000)), rows, away,
            requests)


def text_of(trace):
    nodes, balance, cored, temporary, timeout, rows, away, requests = trace
    head = (nodes, balance, cored, len(away), temporary, timeout,
            len(requests))
    return "\n".join(" ".join(map(str, line)) for line in
                     [head] + rows + away + requests) + "\n"


def main():
    for seed in range(int(sys.argv[2])):
        trace = draw(seed)
        out = subprocess.run([sys.argv[1], "replay"], input=text_of(trace),
                             text=True, stdout=subprocess.PIPE, check=True)
        *waits, told = out.stdout.splitlines()
        wanted, summary = simulate(trace)
        if [int(w) for w in waits] != wanted or told != summary:
            where = [i for i, (a, b) in enumerate(zip(waits, wanted))
                     if int(a) != b][:3]
            sys.exit("trace %d: %s\nnot %s\nrequests %s" % (
                seed, told, summary, where))
    print("%s traces, every wait equal" % sys.argv[2])


main()
