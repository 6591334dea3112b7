# SPDX-License-Identifier: GPL-3.0-or-later
# loadcast run --method: M/M/1 and machine repair by their formulas, what both say side by side, and what has no
# analytic treatment.
. "$SOURCE/tests/support/cli.sh"
cat > model.yaml <<'YAML'
loadcast: model/1
processors: {host: {scheduling: inf}}
tasks:
  db: {processor: host, multiplicity: 1, entries: {page: {phase1: {demand: 100 ms}}}}
YAML
cat > open.yaml <<'YAML'
name: open
model: model.yaml
workloads: [{name: u, entry: page, rate: 5/s}]
load: {factors: [1, 1.6, 3]}
what_if: [{name: two threads, change: {db.concurrency: 2}}]
goals: {load: {db: 90 %}, response_time: {u: {mean: 300 ms}}}
capacity: {of: mix, within: 10 %}
simulation: {precision: 10 %, seed: 7}
YAML
status=0
"$LOADCAST" run open.yaml --method analytic --json v.json > text 2> err || status=$?
[ $status = 1 ] || fail "status $status: $(cat err)"
grep -q '^Solved, not simulated' text || fail "the text does not say that nothing was simulated"
# 1 / (μ − λ); the mean is 300 ms at λ = μ − 1 / 0.3; no interval, nothing simulated
check "M/M/1" "v['method'] == v['summary']['method'] == 'analytic' and all(
  abs(p['result']['workloads'][0]['response_time']['mean'] - t) < 1e-9 and
  p['result']['workloads'][0]['response_time']['ci95'] is None and p['result']['method'] == 'analytic' and
  p['result']['events'] == 0 for p, t in zip(v['points'][0:3:2], (1 / 5, 1 / 2)))" v.json
check "goals" "[g['met'] for g in v['points'][0]['goals']] == [True, True] and
  [g['met'] for g in v['points'][2]['goals']] == [True, False] and v['points'][4]['overload']['component'] == 'db'" v.json
check "capacity" "v['capacity'][0]['keeps'] <= (10 - 1 / 0.3) / 5 <= v['capacity'][0]['misses'] and
  v['capacity'][0]['misses'] < 1.2 * v['capacity'][0]['keeps'] and v['capacity'][0]['decided']" v.json
check "the change" "any(c['quantity'] == 'response_time' and c['factor'] == 1 and c['significant'] and
  abs(c['difference']['mean'] - (0.1 / (1 - 0.0625) - 0.2)) < 1e-6 for c in v['comparisons'])" v.json

status=0
"$LOADCAST" run open.yaml --method both --json both.json > text 2> err || status=$?
[ $status = 1 ] || fail "status $status of both: $(cat err)"
grep -q 'side by side' text || fail "nothing stands side by side"
grep -q 'by the solver alone: ×' text || fail "no capacity by the solver"
check "side by side" "v['method'] == 'both' and all(
  abs(s['analytic'] - (s['simulated']['mean'])) < 0.1 * s['analytic'] and
  s['beyond_interval'] == (abs(s['analytic'] - s['simulated']['mean']) > s['simulated']['ci95'])
  for s in v['points'][0]['side_by_side']) and v['points'][0]['result']['method'] == 'simulation' and
  v['points'][0]['analytic']['method'] == 'analytic'" both.json
check "both capacities" "v['capacity'][0]['analytic']['keeps'] <= 1.3334 <= v['capacity'][0]['analytic']['misses']" both.json

sed 's/rate: 5.s/users: 6, think_time: 400 ms/; /^load/d; /^capacity/d; /^what_if/d; /^goals/d' open.yaml > closed.yaml
"$LOADCAST" run closed.yaml --method analytic --json v.json > text 2> err || fail "closed: $(cat err)"
exact=$(python3 -c "
q = 0
for n in range(1, 7): x = n / (0.4 + 0.1 * (1 + q)); q = n - 0.4 * x
print(x)")
check "machine repair" "abs(v['points'][0]['result']['workloads'][0]['throughput']['mean'] - $exact) < 1e-9" v.json

# What has no analytic treatment is named once; beside a simulation it is said, and the simulation goes on.
sed 's/multiplicity: 1/multiplicity: 1, policies: [{timeout: 1}]/' model.yaml > bounded.yaml
sed 's/model.yaml/bounded.yaml/' closed.yaml > limited.yaml
status=0
"$LOADCAST" run limited.yaml --method analytic > out 2> err || status=$?
[ $status = 3 ] && [ ! -s out ] && [ "$(wc -l < err)" = 1 ] || fail "a timeout was solved: $status $(cat err)"
grep -q "'db'.* has no analytic treatment; simulate the model instead" err || fail "$(cat err)"
"$LOADCAST" run limited.yaml --method both > out 2> err || fail "both: $(cat err)"
flat err | grep -q 'no analytic treatment.*the simulation answers alone' || fail "nothing is said: $(cat err)"
! grep -q 'side by side' out || fail "side by side with nothing"
status=0
"$LOADCAST" run open.yaml --method exact > out 2> err || status=$?
[ $status = 2 ] && grep -q "no method 'exact'; expected simulate, analytic or both" err || fail "$status $(cat err)"
