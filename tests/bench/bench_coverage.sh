#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# How often intervals of 95 % hold the truth: one server whose service times have a known distribution is recorded with
# one request at a time, learned, and asked for a load of 60 %, many times over. The truth of the mean is that of
# Pollaczek and Khinchine, of the 95th percentile a long simulation's. LOADCAST is the program; arguments: recordings of
# each kind (40), then numbers of requests (30 300 3000). Recordings that make 60 % too much for the server have no
# interval and are counted apart.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
recordings=${1:-40}
[ $# -eq 0 ] || shift
sizes=${*:-30 300 3000}
cd "$folder"

model() { # DISTRIBUTION OPEN-RATE [THREADS]: of a mean of 100 ms, in a model without time on the way
    cat <<END_OF_MODEL
loadcast: model/1
processors: {outside: {scheduling: inf}, host: {scheduling: inf}}
tasks:
  web: {processor: outside, scheduling: inf, entries: {web/page: {open_rate: $2, phase1: {demand: 1 ms, deterministic: true, calls: [{to: db/query}]}}}}
  db: {processor: host, ${3:-scheduling: inf}, entries: {db/query: {phase1: {demand: $1}}}}
  users: {processor: outside, scheduling: ref, entries: {users: {phase1: {deterministic: true, calls: [{to: web/page}]}}}}
END_OF_MODEL
}
cat >s.yaml <<END_OF_SCENARIO
traces: [t.jsonl]
deployment: {services: {db: {concurrency: 1}, web: {kind: delay}}}
workloads: [{name: users, entry: web/page, rate: 6/s}]
simulation: {precision: 5 %}
END_OF_SCENARIO

printf '%-12s %8s   %s\n' '' '' 'held by the interval, and its median half-width'
printf '%-12s %8s   %-18s %-18s %-18s\n' 'service time' requests load 'mean response' '95th percentile'
# Name, squared coefficient of variation, distribution.
while IFS='|' read -r name cv2 distribution; do
    model "$distribution" 6/s 'multiplicity: 1' | sed '/users:/d' >truth.yaml
    "$LOADCAST" simulate truth.yaml --quiet --precision '1 %' --json truth.json >/dev/null
    for n in $sizes; do
        model "$distribution" 0 >recorded.yaml
        "$LOADCAST" simulate recorded.yaml --quiet --precision '50 %' --traces all.jsonl \
            --trace-count $((n * recordings)) --seed 3 >/dev/null
        i=0
        while [ $i -lt "$recordings" ]; do
            sed -n "$((n * i + 1)),$((n * (i + 1)))p" all.jsonl >t.jsonl
            status=0
            "$LOADCAST" run s.yaml --quiet --json "v$i.json" >/dev/null </dev/null || status=$?
            case $status in # what was learned may be overloaded, or its draws may: 1, 5
            0 | 1 | 5) ;;
            *) exit 1 ;;
            esac
            i=$((i + 1))
        done
        python3 - "$name" "$n" "$cv2" "$recordings" <<'END_OF_PYTHON'
import json, sys
name, n, cv2, recordings = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4])
truth = {'load': 0.6, 'mean': 0.001 + 0.1 + 6 * 0.1**2 * (1 + cv2) / 2 / (1 - 0.6),
         'p95': json.load(open('truth.json'))['workloads'][0]['percentiles']['95']}
held, widths = dict.fromkeys(truth, 0), {figure: [] for figure in truth}
for i in range(recordings):
    result = json.load(open('v%d.json' % i))['points'][0]['result']
    if result is None:  # too much for the model that was learned: no interval
        continue
    db = [t for t in result['tasks'] if t['name'] == 'db'][0]
    users = result['workloads'][0]
    intervals = {'load': (db['load']['mean'], db['load']['interval95']),
                 'mean': (users['response_time']['mean'], users['response_time']['interval95']),
                 'p95': (users['percentiles']['95'], users['percentile_intervals']['95'])}
    for figure, (value, (low, high)) in intervals.items():
        high = float('inf') if high is None else high
        held[figure] += low <= truth[figure] <= high
        widths[figure].append((high - low) / 2 / truth[figure])
def told(figure):
    known = sorted(widths[figure])
    middle = known[len(known) // 2]
    return '%3.0f %%  ± %s' % (100 * held[figure] / len(known), '∞' if middle == float('inf') else '%.0f %%' % (100 * middle))
print('%-12s %8d   %-18s %-18s %-18s%s' % (name, n, told('load'), told('mean'), told('p95'),
      '' if len(widths['load']) == recordings else ' %d overloaded' % (recordings - len(widths['load']))), flush=True)
END_OF_PYTHON
    done
done <<'END_OF_SHAPES'
exponential|1|100 ms
lognormal|3|{lognormal: {mu: -2.995732, sigma: 1.177410}}
erlang|0.25|{erlang: {shape: 4, mean: 100 ms}}
bimodal|1.684|{gamma_mixture: [{p: 0.8, shape: 10, scale: 4 ms}, {p: 0.2, shape: 10, scale: 34 ms}]}
END_OF_SHAPES
