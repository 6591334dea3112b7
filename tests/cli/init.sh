#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Traces and nothing else: `init` writes a scenario that runs as it is and tells the measured rates, limits that can be seen
# and what is assumed; `run` answers without one as that scenario would.
set -u
. "$SOURCE/tests/support/cli.sh"

# Two entries of the same name but for the method, one of them called like a service; a pool of two that is busy enough.
model() { # RATE
    cat <<END_OF_MODEL
loadcast: model/1
time_unit: s
processors: {c: {scheduling: inf}}
tasks:
  readers: {processor: c, scheduling: open, arrivals: $1, entries: {r: {calls: ["GET /db"], deterministic: true}}}
  writers: {processor: c, scheduling: open, arrivals: 1, entries: {w: {calls: ["PUT /db"], deterministic: true}}}
  web: {processor: c, multiplicity: infinite, entries: {"GET /db": {demand: {deterministic: 0.01}, calls: [read], deterministic: true}, "PUT /db": {demand: {deterministic: 0.02}, calls: [read], deterministic: true}}}
  db: {processor: c, multiplicity: 2, entries: {read: {demand: {exponential: 0.1}}}}
END_OF_MODEL
}
model 0.1 >quiet.yaml
model 0.0769 >busy.yaml
command=simulate
run 0 quiet.yaml --quiet --seed 3 --precision '20 %' --traces quiet.jsonl --trace-count 2000 --trace-without-queues
run 0 busy.yaml --quiet --seed 4 --precision '20 %' --traces busy.jsonl --trace-count 3000 --trace-without-queues
command=
mkdir -p traces scenarios
# The second recording an hour after the first one.
cp quiet.jsonl traces/a.jsonl
"$PYTHON" - <<'END_OF_PYTHON'
import re
later = 3600 * 10**9
text = open('busy.jsonl').read()
text = re.sub(r'("(?:start|end)TimeUnixNano": *")(\d+)"', lambda m: f'{m.group(1)}{int(m.group(2)) + later}"', text)
text = re.sub(r'("(?:traceId|spanId|parentSpanId)": *")([0-9a-f])', lambda m: m.group(1) + '%x' % (int(m.group(2), 16) ^ 8), text)
open('traces/b.jsonl', 'w').write(text)
END_OF_PYTHON

run 0 init traces -o scenarios/first.yaml
run 0 init traces/ -o first.yaml
holds first.yaml '  - "traces/"'
holds scenarios/first.yaml "$(pwd -P)/traces\""
holds first.yaml 'name: "get-db", entry: "web/GET /db", rate: 1
holds first.yaml 'name: "put-db", entry: "web/PUT /db", rate: 1.'
holds first.yaml '; the busiest of 2 recordings: '
grep -q '^      concurrency: 2  # seen so often, and never more: it looks like a limit' first.yaml || fail "the pool of two: $(cat first.yaml)"
grep -q '^#    "web":' first.yaml || fail "web has no suggestion: $(cat first.yaml)"

# As it stands, and without it: one answer.
run 1 run first.yaml --json v.json
check "db is full first, at 2 / 100 ms" 'v["saturation"]["component"] == "db" and abs(v["saturation"]["rate"] / 20 - 1) < 0.05'
grep -v '^loadcast' out >with
run 1 run traces
holds err "no scenario is given: assumed are the loads that were recorded (get-db 1"
grep -v '^loadcast' out >without
head -1 with >a
head -1 without >b
same a b
run 1 run traces/a.jsonl traces/b.jsonl
head -1 out >b
same a b

# Of a rare operation the busiest recording tells little: its share of all requests does. One that comes in another
# recording alone keeps its own rate.
"$PYTHON" - <<'END_OF_PYTHON'
import random
rng, n, counts = random.Random(2), 0, {}
with open('rare.csv', 'w') as out:
    print('trace,span,parent,service,operation,kind,start,duration', file=out)
    for part, rate in enumerate((5, 20, 5, 10)):
        at = 700 * part
        while (at := at + rng.expovariate(rate)) < 700 * part + 60:
            n += 1
            name = 'rare' if rng.random() < 0.004 else 'other' if part == 2 and rng.random() < 0.3 else 'usual'
            counts[part, name] = counts.get((part, name), 0) + 1
            print(f'{n:x},1,,web,GET /{name},server,{1764460740 * 10**6 + int(at * 1e6)},{1 + int(rng.expovariate(1 / 5000))}',
                  file=out)
busiest = sum(k for (part, _), k in counts.items() if part == 1) / 60
rare = sum(k for (_, name), k in counts.items() if name == 'rare')
print(rare / n * busiest, counts[2, 'other'] / 60, file=open('wanted', 'w'))
END_OF_PYTHON
run 0 init rare.csv -o rare.yaml
holds rare.yaml 'in the busiest of 4 recordings: its share of all, '
"$PYTHON" - <<'END_OF_PYTHON' || fail "rates of rare operations: $(cat rare.yaml)"
import re
rates = {name: float(rate) for name, rate in re.findall(r'name: "(\w+)".* rate: ([\d.]+)/s', open('rare.yaml').read())}
for name, wanted in zip(('rare', 'other'), map(float, open('wanted').read().split())):
    if abs(rates[name] / wanted - 1) > 0.05:
        raise SystemExit(f'{name}: expected {wanted}, found {rates[name]}')
END_OF_PYTHON

# Every '#' taken away it is a scenario still.
sed -n '/^traces/,$p' first.yaml | sed '/^# [^ ]/d; s/^#//' >all.yaml
run 1 run all.yaml
holds out "Goals"

refused 2 "no traces are given" init
refused 2 "standard input cannot be read again" init -
refused 3 "nowhere" init nowhere
refused 2 "one scenario at a time, or only traces" run first.yaml traces
exit $failures
