#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Whether backtests are honest: recordings of random known models at 15, 50 and 80 % of what they carry, learned from the
# quietest, with the right pools stated. Counts how many figures lie inside their 95 % intervals (93 to 97 % expected), how
# often the right model is said to hold, and how often one whose bottleneck has a thread too many is said not to. LOADCAST
# is the program; arguments: models (30), number of the first one (1).
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
exec python3 - "${1:-30}" "${2:-1}" <<'END_OF_PYTHON'
import collections, json, math, os, random, re, statistics, subprocess, sys

program, count, first = os.environ['LOADCAST'], int(sys.argv[1]), int(sys.argv[2])
families = [lambda m: f'{{exponential: {m}}}', lambda m: f'{{gamma: {{shape: 4, scale: {m / 4}}}}}',
            lambda m: f'{{gamma: {{shape: 0.5, scale: {2 * m}}}}}', lambda m: f'{{deterministic: {m}}}',
            lambda m: f'{{lognormal: {{mu: {math.log(m) - math.log(2.5) / 2}, sigma: {math.log(2.5) ** 0.5}}}}}',
            lambda m: f'{{uniform: {{minimum: {m / 2}, maximum: {1.5 * m}}}}}']


def loadcast(*arguments):
    done = subprocess.run([program, *arguments, '--quiet'], capture_output=True, text=True)
    if done.returncode not in (0, 1):
        sys.exit(f'{" ".join(arguments)}: {done.stderr}')
    return done


def model(m, rate):
    return f'''loadcast: model/1
time_unit: s
processors: {{c: {{scheduling: inf}}}}
tasks:
  users: {{processor: c, scheduling: open, arrivals: {1 / rate}, entries: {{u: {{calls: [page], deterministic: true}}}}}}
  web: {{processor: c, multiplicity: infinite, entries: {{page: {{demand: {m['web']}, calls: [work, read], deterministic: true}}}}}}
  work: {{processor: c, multiplicity: {m['threads'][0]}, entries: {{work: {{demand: {m['work']}, calls: [store], deterministic: true}}}}}}
  store: {{processor: c, multiplicity: infinite, entries: {{store: {{demand: {m['store']}}}}}}}
  db: {{processor: c, multiplicity: {m['threads'][1]}, entries: {{read: {{demand: {m['db']}}}}}}}
'''


def draw(rng):
    means = {name: rng.uniform(0.01, 0.1) for name in ('web', 'work', 'store', 'db')}
    m = {name: rng.choice(families)(mean) for name, mean in means.items()}
    m['threads'] = [rng.randint(1, 4), rng.randint(1, 4)]
    carries = [m['threads'][0] / (means['work'] + means['store']), m['threads'][1] / means['db']]
    m['carries'], m['bottleneck'] = min(carries), carries.index(min(carries))
    return m


def later(number):
    """Recordings follow each other with hours between, and ids of their own."""
    text = open(f'{number}.jsonl').read()
    text = re.sub(r'("(?:start|end)TimeUnixNano": *")(\d+)"',
                  lambda x: f'{x.group(1)}{int(x.group(2)) + number * 3600 * 10**9 * 5}"', text)
    text = re.sub(r'("(?:traceId|spanId|parentSpanId)": *")([0-9a-f]{2})',
                  lambda x: x.group(1) + f'{int(x.group(2), 16) ^ (number * 37):02x}', text)
    open(f'{number}.jsonl', 'w').write(text)


def backtest(m, threads):
    open('s.yaml', 'w').write(f'''traces: [0.jsonl, 1.jsonl, 2.jsonl]
deployment: {{services: {{work: {{concurrency: {threads[0]}}}, db: {{concurrency: {threads[1]}}}}}}}
workloads: [{{name: all, entry: web/page, rate: 1/s}}]
''')
    loadcast('backtest', 's.yaml', '--json', 'v.json')
    return json.load(open('v.json'))


def reach(f):
    """How far 0 is from the difference, as a part of the interval's side; 1/1.96 in the root mean square."""
    low, high, d = *f['difference95'], f['difference']
    side = (d - low) if d > 0 else (None if high is None else high - d)
    return abs(d) / side if side else 0


inside, told, squares = collections.Counter(), collections.Counter(), collections.Counter()
right = wrong = 0
shares = [] # inside, of each model: its figures go together
for number in range(first, first + count):
    rng = random.Random(number)
    m = draw(rng)
    for i, (load, traces) in enumerate(((0.15, 1500), (0.5, 2500), (0.8, 4000))):
        open('m.yaml', 'w').write(model(m, load * m['carries']))
        loadcast('simulate', 'm.yaml', '--seed', str(1000 * number + i), '--precision', '20 %', '--traces', f'{i}.jsonl',
                 '--trace-count', str(traces))
        later(i)
    v = backtest(m, m['threads'])
    right += v['holds']
    before = inside['all'], told['all']
    for level in v['levels'][1:]:
        for f in level['figures']:
            if f['quantity'] == 'throughput':
                continue # the rate of the recording: right whatever the model
            kind = f['quantity'] + (f' p{f["percentile"]}' if f['percentile'] else '')
            for k in (kind, f'at {level["name"] == v["levels"][1]["name"] and "50" or "80"} %', 'all'):
                told[k] += 1
                squares[k] += reach(f) ** 2
                inside[k] += f['inside']
    shares.append((inside['all'] - before[0]) / max(1, told['all'] - before[1]))
    more = list(m['threads'])
    more[m['bottleneck']] += 1
    w = backtest(m, more)
    wrong += not w['holds']
    print(f'{number}: {m["threads"]} {"holds" if v["holds"] else "does not hold: " + v["answer"]}; with {more} '
          f'{"holds" if w["holds"] else "does not"}; inside so far {inside["all"] / told["all"]:.1%}', flush=True)
for kind in told:
    print(f'{kind:20} {inside[kind]:5} of {told[kind]:5} inside: {inside[kind] / told[kind]:.1%}; '
          f'errors are {(squares[kind] / told[kind]) ** 0.5 * 1.96:.2f} times as large as told')
if count > 1:
    print(f'inside: {statistics.mean(shares):.1%} ± {1.96 * statistics.stdev(shares) / count ** 0.5:.1%} (95 %, by models)')
print(f'the right model holds {right} times of {count}; one with a thread too many is called wrong {wrong} times')
END_OF_PYTHON
