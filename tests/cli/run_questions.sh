#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Questions above single points, on models whose answers are known.
set -u
. "$SOURCE/tests/support/cli.sh"
command=run

cat >model.yaml <<'END_OF_FILE'
loadcast: model/1
time_unit: s
processors: {web-host: {scheduling: inf}, db-host: {scheduling: inf}}
tasks:
  web: {processor: web-host, multiplicity: infinite, scheduling: inf, entries: {page: {deterministic: true, calls: [query]}}}
  db: {processor: db-host, entries: {query: {demand: 100 ms}}}
END_OF_FILE

# M/M/1 at 50 %. The 95th percentile is ln(20) / (μ − λ): 900 ms are kept up to λ = 10 − ln(20) / 0.9 = 6.6714, which is
# × 1.33428; growing by 10 % a month takes ln(1.33428) / ln(1.1) = 3.026 months to it, ln(1.6) / ln(1.1) = 4.931 months
# to a load of 80 % and 7.273 months to all of it.
cat >s.yaml <<'END_OF_FILE'
model: model.yaml
workloads: [{name: users, entry: page, rate: 5/s}]
goals: {load: 0.8, response_time: {users: {p95: 900 ms}}, error_rate: {users: 1 %}}
growth: {rate: 10 % / month, start: 2026-12-01, horizon: 4 months}
capacity: {of: mix, within: 4 %}
simulation: {precision: 10 %}
END_OF_FILE
run 1 s.yaml --json v.json
holds out "load of db ≤ 80.0 %"
holds out "2027-04-28"
holds out "Capacity: the highest load"
check "the capacity holds ln(20)" "v['capacity'][0]['keeps'] <= 1.33428 <= v['capacity'][0]['misses']"
check "the capacity is known to 10 %" "v['capacity'][0]['misses'] <= 1.1 * v['capacity'][0]['keeps'] and v['capacity'][0]['decided']"
check "the months are points" "[p['label'] for p in v['points']] == ['2026-12', '2027-01', '2027-02', '2027-03', '2027-04']"
check "the last month has its factor" "abs(v['points'][4]['factor'] - 1.1 ** 4) < 1e-9 and v['points'][4]['date'] == '2027-04-01'"
check "80 % is passed in 4.931 months" "[c['date'] for c in v['growth']['first_missed'] if c['goal'] == 'load'] == ['2027-04-28']"
check "100 % is passed in 7.273 months" "[c['date'] for c in v['growth']['first_missed'] if c['goal'] is None] == ['2027-07-09']"
check "the response is passed in 3.026 months" "[c['keeps'] <= 1.33428 <= c['misses'] and c['earliest'] <= '2027-03-01' <= c['latest'] for c in v['growth']['first_missed'] if c['goal'] == 'response_time'] == [True]"
check "no request fails" "[(c['workload'], c['misses']) for c in v['growth']['first_missed'] if c['goal'] == 'error_rate'] == [('users', None)]"
check "all of it is the users'" "v['attribution'][0]['workloads'] == [{'workload': 'users', 'share': 1.0}]"

# M/M/3 whose only goal is its utilization: 80 % at λ = 24, of 5 for one workload and 4 for another: both together × 8/3,
# the first alone × 4. No simulation can tell more than the traffic equations.
cat >s.yaml <<'END_OF_FILE'
model: model.yaml
deployment: {services: {db: {concurrency: 3}}}
workloads: [{name: users, entry: page, rate: 5/s}, {name: robots, entry: page, rate: 4/s}]
goals: {load: 80 %}
capacity: {of: [mix, users], within: 5 %}
simulation: {precision: 5 %}
END_OF_FILE
run 0 s.yaml --json v.json
check "both together" "v['capacity'][0]['keeps'] <= 8 / 3 <= v['capacity'][0]['misses'] * 1.000001 and v['capacity'][0]['keeps'] > 2.3"
check "users alone" "v['capacity'][1]['of'] == 'users' and v['capacity'][1]['keeps'] <= 4 <= v['capacity'][1]['misses'] * 1.000001 and v['capacity'][1]['keeps'] > 3.4"
check "by few simulations" "all(c['loads_simulated'] <= 2 < c['loads_solved'] for c in v['capacity'])"
check "what is at its limit" "v['capacity'][0]['at_limit'] == 'db'"
check "their shares" "abs(v['attribution'][0]['workloads'][0]['share'] - 5 / 9) < 1e-9"

# A goal that no load keeps.
cat >s.yaml <<'END_OF_FILE'
model: model.yaml
workloads: [{name: users, entry: page, rate: 5/s}]
goals: {response_time: {users: {mean: 90 ms}}}
capacity: mix
simulation: {precision: 10 %}
END_OF_FILE
run 1 s.yaml --json v.json
holds out "no load that was tried keeps every goal"
check "nothing keeps it" "v['capacity'][0]['keeps'] is None and v['capacity'][0]['decided']"

# A grid: utilization is rate × demand, at both loads; a rate that is swept is multiplied by the load as well. Costs are
# sums: 730.5 hours a month; 5/s make 13 149 000 invocations, and 0.5 busy threads of 0.5 GB.
cat >s.yaml <<'END_OF_FILE'
model: model.yaml
workloads: [{name: users, entry: page, rate: 5/s}]
load: {factors: [1, 1.5]}
sweep: {query.demand: [x 0.5, 80 ms], users.rate: [4/s, x 1.2]}
cost: {db: {replica_hour: 0.1, invocation: 0.000001, gb_second: 0.00001, memory: 500 MB}}
simulation: {precision: 10 %}
END_OF_FILE
run 0 s.yaml --json v.json
check "every point of the grid" "all(abs(p['result']['tasks'][1]['load']['mean'] / u - 1) < 0.05 for p, u in zip(v['points'], [0.5, 0.2, 0.3, 0.32, 0.48, 0.75, 0.3, 0.45, 0.48, 0.72]))"
check "the cost" "abs(v['points'][0]['cost']['components'][0]['replicas'] - 73.05) < 1e-6 and abs(v['points'][0]['cost']['components'][0]['invocations'] / 13.149 - 1) < 0.05 and abs(v['points'][0]['cost']['components'][0]['memory'] / 6.5745 - 1) < 0.05"
check "the axes" "v['sweep']['combinations'][3]['values'] == {'query.demand': '80 ms', 'users.rate': 'x 1.2'}"
grep -Eq '80 ms +x 1.2' out || fail 'the grid is not shown'

# Replicas that come and go cost what there are of them, not what is stated: three, 10 cents an hour each; of a steady
# state in a month, of curves in their ten minutes.
cat >s.yaml <<'END_OF_FILE'
model: model.yaml
deployment: {services: {db: {replicas: 1, scaling: {min: 3, max: 3, target_load: 50 %, period: 10 s}}}}
workloads: [{name: users, entry: page, rate: 5/s}]
cost: {db: {replica_hour: 0.1}}
simulation: {precision: 10 %}
END_OF_FILE
run 0 s.yaml --json v.json
check "three replicas" "abs(v['points'][0]['cost']['total'] - 3 * 73.05) < 1e-6"
sed 's/^simulation.*/simulation: {mode: transient, duration: 10 min, replications: 5}/' s.yaml >t.yaml
run 0 t.yaml --json v.json
check "three replicas over time" "abs(v['points'][0]['cost']['total'] - 0.05) < 1e-9 and all(abs(c - 0.3) < 1e-9 for c in v['points'][0]['cost']['per_hour'])"
holds out "in all 10.0 min"
sed 's/min: 3, max: 3/min: 1, max: 3/; s/50 %, period: 10 s/50 %, period: 10 s, start_up: 20 s/; s/rate: 5/rate: 20/' t.yaml >u.yaml
run 0 u.yaml --json v.json
check "the cost follows the curve" "abs(v['points'][0]['cost']['total'] - sum(0.1 * r / 6 / 60 for s in v['points'][0]['transient']['series'] if s['quantity'] == 'replicas' for r in s['mean'])) < 1e-6"

# On a terminal one bar goes over points and searches: it never goes back, and ends full. Elsewhere there is none.
cat >s.yaml <<'END_OF_FILE'
model: model.yaml
workloads: [{name: users, entry: page, rate: 5/s}]
goals: {response_time: {users: {p95: 900 ms}}}
capacity: {of: mix, within: 10 %}
what_if: [{name: faster, change: {query.demand: 80 ms}}]
simulation: {precision: 2 %}
END_OF_FILE
run 0 s.yaml
[ -s err ] && fail "something stands on standard error: $(cat err)"
"$PYTHON" - >err <<'END_OF_PYTHON' || fail "the bar goes back, or does not end full: $(cat err)"
import os, pty, re, sys
try:
    [os.close(fd) for fd in pty.openpty()]
except OSError as e:
    sys.stderr.write('no terminal can be made here, so the bar is not looked at: %s\n' % e)
    sys.exit(0)
def read(fd, shown=bytearray()):
    some = os.read(fd, 4096)
    shown += some
    return some
shown = read.__defaults__[0]
pty.spawn([os.environ['LOADCAST'], 'run', 's.yaml', '--json', 'v.json', '--junit', 'v.xml'], read)
parts = [int(p) for p in re.findall(rb'\] +(\d+) %', bytes(shown))]
sys.exit(parts != sorted(parts) or parts[-1:] != [100])
END_OF_PYTHON

# Requests and memory over time cost what they do in a steady state, for as long: 600 s at 5/s make 3,000 invocations and
# 0.5 busy threads × 0.5 GB × 600 s = 150 GB-s. Where the rate falls to none in the middle, it is half of that.
cat >s.yaml <<'END_OF_FILE'
model: model.yaml
workloads: [{name: users, entry: page, rate: 5/s}]
cost: {db: {replica_hour: 0.6, invocation: 0.001, gb_second: 0.01, memory: 500 MB}}
what_if: [{name: dear, change: {cost.db.invocation: x 3}}]
simulation: {mode: transient, duration: 10 min, step: 10 s, warmup: 10 s, replications: 40}
END_OF_FILE
run 0 s.yaml --json v.json
python='parts = [p["cost"]["components"][0] for p in v["points"]]'
check "costs of requests over time" "abs(parts[0]['invocations'] / 3 - 1) < 0.02 and abs(parts[0]['memory'] / 1.5 - 1) < 0.04 and abs(parts[0]['replicas'] / 0.1 - 1) < 1e-9"
check "costs add up" "all(abs(c['total'] - c['replicas'] - c['invocations'] - c['memory']) < 1e-9 and abs(sum(c['per_hour']) / 360 - c['total']) < 1e-9 for c in parts)"
check "a dearer request" "abs(parts[1]['invocations'] / parts[0]['invocations'] - 3) < 1e-9 and parts[1]['memory'] == parts[0]['memory']"
sed -e 's|rate: 5/s|arrivals: {steps: [[0 s, 5/s], [300 s, 0/s]]}|' s.yaml >t.yaml
run 0 t.yaml --json v.json
check "half of the requests" "abs(parts[0]['invocations'] / 1.5 - 1) < 0.03 and sum(parts[0]['per_hour'][40:]) < 20 * 0.61"
python=
