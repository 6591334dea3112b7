#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Hidden limits of systems: trees of 3 to 6 services, in which one or two have a pool of handlers, a pool of connections
# to a server without spans, cores that handlers share, or a lock in the handler. Recorded at 20, 40 and 60 % of what the
# system carries, calibrated, learned from with what was found, and predicted at 80 and 90 %. The
# Universal Scalability Law is fitted to the same recordings (throughput against requests present). LOADCAST is the
# program; arguments: systems (30), number of the first one (1), requests of a recording (3000).
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
exec python3 - "${1:-30}" "${2:-1}" "${3:-3000}" <<'END_OF_PYTHON'
import collections, json, math, os, random, re, subprocess, sys

program, (count, first, requests) = os.environ['LOADCAST'], map(int, sys.argv[1:])
CARRIES, LOADS, GRID = 20, (0.2, 0.4, 0.6), (0.7, 0.8, 0.9)
# With a mean; c² of 1/4, 1, 1.5 and 2.
families = [lambda m: f'{{gamma: {{shape: 4, scale: {m / 4}}}}}', lambda m: f'{{exponential: {m}}}',
            lambda m: f'{{lognormal: {{mu: {math.log(m) - math.log(2.5) / 2}, sigma: {math.log(2.5) ** 0.5}}}}}',
            lambda m: f'{{gamma: {{shape: 0.5, scale: {2 * m}}}}}']


def loadcast(*arguments, good=(0,)):
    done = subprocess.run([program, *arguments, '--quiet'], capture_output=True, text=True)
    if done.returncode not in good:
        sys.exit(f'{" ".join(arguments)}: {done.stderr}')
    return done




class System:
    def __init__(self, seed):
        self.seed, rng = seed, random.Random(seed)
        n = rng.randint(3, 6)
        self.parents = [None] + [rng.randrange(i) for i in range(1, n)]
        self.own = [rng.uniform(0.005, 0.04) for _ in range(n)]
        self.limits, carries = {}, CARRIES
        for _ in range(rng.randint(1, 2)):
            kind = rng.choice(('threads', 'connections', 'cores', 'lock'))
            free = [i for i in range(1, n) if i not in self.limits and not self.related(i, kind)]
            if free:
                self.hide(rng.choice(free), kind, carries, rng)
            carries = CARRIES * rng.uniform(1, 1.3)

    def below(self, i):
        return [j for j in range(i + 1, len(self.own)) if j != i and i in self.above(j)]

    def above(self, j):
        return [] if self.parents[j] is None else [self.parents[j]] + self.above(self.parents[j])

    def related(self, i, kind):
        """What a pool's handlers wait for has no limit of its own: then the pool carries what it carries alone."""
        return (kind == 'threads' and any(j in self.limits for j in self.below(i))) or \
            any(self.limits[j]['kind'] == 'threads' for j in self.above(i) if j in self.limits)

    def hide(self, i, kind, carries, rng):
        limit = {'kind': kind, 'size': rng.randint(1, {'threads': 5, 'connections': 4, 'cores': 3, 'lock': 1}[kind])}
        if kind == 'threads':
            callees = sum(self.own[j] for j in self.below(i))
            while limit['size'] / carries < 1.5 * callees:
                limit['size'] += 1
            self.own[i] = limit['size'] / carries - callees
        elif kind == 'lock':
            limit |= {'hold': 1 / carries, 'share': rng.uniform(0.4, 0.85), 'late': rng.random() < 0.5}
            limit['size'] = 1 / carries
            self.own[i] = limit['hold'] * (1 / limit['share'] - 1)
        elif kind == 'cores':
            self.own[i] = limit['size'] / carries
        else:
            limit['time'] = limit['size'] / carries
        self.limits[i] = limit

    def model(self, rate):
        rng = random.Random(self.seed + 10**6)
        processors, tasks = ['c: {scheduling: inf}'], [
            f'users: {{processor: c, scheduling: open, service: false, arrivals: {{exponential: {1 / rate}}}, '
            f'entries: {{all: {{calls: [s0/go], deterministic: true}}}}}}']
        for i, own in enumerate(self.own):
            limit = self.limits.get(i, {'kind': None})
            calls, processor, threads = [f's{j}/go' for j, p in enumerate(self.parents) if p == i], 'c', 'infinite'
            if limit['kind'] == 'cores':
                processor = f'p{i}'
                processors.append(f'p{i}: {{scheduling: ps, multiplicity: {limit["size"]}}}')
            elif limit['kind'] == 'threads':
                threads = limit['size']
            elif limit['kind'] == 'lock':
                calls.insert(len(calls) if limit['late'] else 0, f'lock{i}/held')
                tasks.append(f'lock{i}: {{processor: c, service: false, entries: {{lock{i}/held: '
                             f'{{demand: {rng.choice(families)(limit["hold"])}}}}}}}')
            elif limit['kind'] == 'connections':
                calls.append(f'd{i}/query')
                tasks.append(f'd{i}: {{processor: c, multiplicity: {limit["size"]}, entries: {{d{i}/query: '
                             f'{{demand: {rng.choice(families)(limit["time"])}}}}}}}')
            tasks.append(f's{i}: {{processor: {processor}, {"scheduling: inf, " if threads == "infinite" else ""}'
                         f'multiplicity: {threads}, entries: {{s{i}/go: {{demand: {rng.choice(families)(own)}, '
                         f'calls: [{", ".join(calls)}], deterministic: true}}}}}}')
        return f'loadcast: model/1\ntime_unit: s\nprocessors: {{{", ".join(processors)}}}\ntasks:\n  ' + \
            '\n  '.join(tasks) + '\n'

    def expected(self):
        kinds = {(f's{i}', None): (None, 0) for i in range(len(self.own))}
        for i, limit in self.limits.items():
            kinds[f's{i}', f'd{i}' if limit['kind'] == 'connections' else None] = (limit['kind'], limit['size'])
        return kinds


def simulated(system, load):
    open('m.yaml', 'w').write(system.model(load * CARRIES))
    loadcast('simulate', 'm.yaml', '--precision', '2 %', '--json', 'r.json', good=(0, 5))
    return means(json.load(open('r.json')))


def record(system, number):
    """What is not instrumented is not in the traces; recordings follow each other with hours between."""
    open('m.yaml', 'w').write(system.model(LOADS[number] * CARRIES))
    loadcast('simulate', 'm.yaml', '--precision', '20 %', '--trace-count', str(requests), '--seed', str(system.seed * 10 + number),
             '--traces', 'all.jsonl')
    times, response = [], 0
    with open(f'{number}.jsonl', 'w') as out:
        for line in open('all.jsonl'):
            trace, hidden = json.loads(line), set()
            for resource in trace['resourceSpans']:
                name = resource['resource']['attributes'][0]['value']['stringValue']
                spans = [s for scope in resource['scopeSpans'] for s in scope['spans']]
                if name[0] in 'dl':
                    hidden |= {s['spanId'] for s in spans} | {s['parentSpanId'] for s in spans if name[0] == 'l'}
                for s in spans:
                    if name == 's0' and s['kind'] == 2:
                        times.append(int(s['startTimeUnixNano']))
                        response += (int(s['endTimeUnixNano']) - times[-1]) * 1e-9
                    s['startTimeUnixNano'] = str(int(s['startTimeUnixNano']) + number * 10**13)
                    s['endTimeUnixNano'] = str(int(s['endTimeUnixNano']) + number * 10**13)
            for resource in trace['resourceSpans']:
                for scope in resource['scopeSpans']:
                    scope['spans'] = [s for s in scope['spans'] if s['spanId'] not in hidden]
            print(json.dumps(trace), file=out)
    rate = (len(times) - 1) / (max(times) - min(times)) * 1e9
    return rate, rate * response / len(times)


def predicted():
    open('s.yaml', 'w').write(f'''traces: [0.jsonl, 1.jsonl, 2.jsonl]
deployment: limits.yaml
workloads: [{{name: all, entry: s0/go, rate: {CARRIES}/s}}]
load: {{factors: {list(GRID)}}}
''')
    loadcast('run', 's.yaml', '--precision', '3 %', '--json', 'v.json', good=(0, 1, 5))
    return [means(point['result']) for point in json.load(open('v.json'))['points']]


def means(result):
    return (result and result['workloads'][0]['response_time']['mean']) or math.inf


def usl(points):
    """N/X = (1 + a (N - 1) + b N (N - 1))/c by least squares, a and b at least 0."""
    best = (math.inf, None)
    for use in ((0,), (0, 1), (0, 2), (0, 1, 2)):
        rows = [[(1, n - 1, n * (n - 1))[k] for k in use] + [n / x] for x, n in points]
        a = [[sum(r[i] * r[j] for r in rows) for j in range(len(use) + 1)] for i in range(len(use))]
        for p in range(len(use)):
            for r in range(len(use)):
                if r != p:
                    a[r] = [v - a[r][p] / a[p][p] * w for v, w in zip(a[r], a[p])]
        c = [0, 0, 0]
        for p, k in enumerate(use):
            c[k] = a[p][-1] / a[p][p]
        if c[0] > 0 and min(c) >= 0:
            law = lambda n, c=c: n / (c[0] + c[1] * (n - 1) + c[2] * n * (n - 1))
            best = min(best, (sum((law(n) - x) ** 2 for x, n in points), law), key=lambda t: t[0])
    return best[1]


def throughput_at(responses, wanted, measured):
    """At which rate so many requests are present, between the loads of the grid."""
    points = [measured] + [(load * CARRIES, load * CARRIES * r) for load, r in zip(GRID, responses)]
    for (x, n), (x1, n1) in zip(points, points[1:]):
        if n1 >= wanted:
            return x + (x1 - x) * max(0, wanted - n) / (n1 - n) if math.isfinite(n1) else x
    return points[-1][0]


n = collections.Counter()
for number in range(first, first + count):
    system = System(number)
    recorded = [record(system, i) for i in range(len(LOADS))]
    loadcast('calibrate', '0.jsonl', '1.jsonl', '2.jsonl', '-o', 'limits.yaml', '--json', 'found.json')
    text = []
    for c in json.load(open('found.json'))['components']:
        kind, size = system.expected().get((c['component'], c['target']), (None, 0))
        low, high = c['interval95']
        if kind is None:
            n['free'] += 1
            n['false'] += c['kind'] not in ('none', 'unknown')
            if c['kind'] not in ('none', 'unknown'):
                text.append(f'{c["component"]}: {c["kind"]}, but there is none')
            continue
        n['limits'] += 1
        n['kinds'] += c['kind'] == kind
        n['sizes'] += c['kind'] == kind and low <= size <= high
        text.append(f'{kind} {size:.4g} -> {c["kind"]} {c["size"] or 0:.4g} [{low or 0:.4g}, {high or 0:.4g}]')
    ours, truth = predicted(), [simulated(system, load) for load in GRID]
    off = []
    for at in (1, 2):
        off.append(f'{100 * GRID[at]:.0f} %: {100 * (ours[at] / truth[at] - 1):+.1f} %')
        n['near', at] += abs(ours[at] / truth[at] - 1) < 0.1
    law = usl(recorded)
    for times in (1.5, 2):
        wanted = times * recorded[-1][1]
        right = throughput_at(truth, wanted, recorded[-1])
        n['usl'] += 1
        n['nearer'] += abs(throughput_at(ours, wanted, recorded[-1]) - right) <= abs(law(wanted) - right)
    n['systems'] += 1
    print(number, '; '.join(text + off), flush=True)
print(f'{n["systems"]} systems: kind right: {n["kinds"]} of {n["limits"]}; size within its interval: {n["sizes"]}; a limit '
      f'where there is none: {n["false"]} of {n["free"]}; mean response within 10 %: at 80 % {n["near", 1]}, '
      f'at 90 % {n["near", 2]}; nearer than the Universal Scalability Law: {n["nearer"]} of {n["usl"]}')
END_OF_PYTHON
