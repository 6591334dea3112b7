# SPDX-License-Identifier: GPL-3.0-or-later
# loadcast solve: every format of results, what it refuses, and an end without convergence.
. "$SOURCE/tests/support/cli.sh"
model=$SOURCE/tests/data/lqn/layers-3.lqnx

"$LOADCAST" solve "$model" > table || fail "solve"
grep -q '^Analytic: ' table || fail "the table does not say how it was made"
"$LOADCAST" solve "$model" --json result.json --format text > text || fail "solve --json"
check "no method, or no residual" "v['method'] == 'analytic' and v['residual'] > 0" result.json
check "percentiles have a precision that nobody measured" "v['percentile_precision'] is None" result.json
"$LOADCAST" solve "$model" --format lqnx > solved.lqnx || fail "lqnx"
"$LOADCAST" solve "$model" --format p > solved.p || fail "p"
"$LOADCAST" compare solved.lqnx solved.lqnx > /dev/null || fail "the result cannot be read"

status=0
"$LOADCAST" solve "$model" --iterations 2 > out 2> err || status=$?
[ $status = 5 ] || fail "status $status without convergence"
grep -q 'not converged: after 2 iterations' err || fail "no residual is told: $(cat err)"

status=0
"$LOADCAST" solve "$SOURCE/tests/data/lqn/order/rw.lqn" > out 2> err || status=$?
[ $status = 3 ] && [ ! -s out ] || fail "a lock was solved"
grep -q "read-write lock has no analytic treatment; simulate the model instead" err || fail "$(cat err)"

# A model without load has no answer.
refused 3 "nothing makes load in this model; expected a ref task" solve "$SOURCE/scenarios/shop/model.yaml"

# A sweep begins each point with the solution of the one before, and says the same as each point alone.
cat > sweep.yaml <<'YAML'
loadcast: model/1
variables: {n: [1, 4, 9, 20]}
bindings: {task:users.multiplicity: $n}
processors: {u: {scheduling: inf}, cpu: {multiplicity: 2}, disk: {scheduling: inf}}
tasks:
  users: {processor: u, scheduling: ref, multiplicity: 1, think_time: 1 s, entries: {go: {calls: {page: 1}}}}
  web: {processor: cpu, multiplicity: 4, entries: {page: {demand: 100 ms, calls: {read: 2}}}}
  store: {processor: disk, multiplicity: 1, entries: {read: {demand: 50 ms}}}
observations: {x: task/users/%f}
reports: [$n, $x]
YAML
"$LOADCAST" solve sweep.yaml > sweep.csv 2> err || fail "a sweep: $(cat err)"
for n in 1 4 9 20; do
    sed "s/n: \[.*\]/n: $n/" sweep.yaml > one.yaml
    "$LOADCAST" solve one.yaml --format csv 2> err | tail -1 | cut -d, -f2-
done > ones.csv
tail -n +2 sweep.csv | cut -d, -f2- > points.csv
[ "$(wc -l < points.csv)" = 4 ] || fail "not every point: $(cat sweep.csv)"
same ones.csv points.csv
