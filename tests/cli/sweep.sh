#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# loadcast simulate of models with variables: a report as CSV, tables, JSON, points without a steady state.
set -eu
. "$SOURCE/tests/support/cli.sh"
command=simulate
cat >open.lqn <<'END'
$rate = [0.2 : 0.8, 0.3]
$service = [1, 0.5]
G "M/M/1" -1
P 0 p cpu f %u $u -1
T 0 t app f serve -1 cpu -1
E 0 a serve $rate %w95 $r $half s serve { $service } -1 -1
R 0
  $0
  $rate
  $service
  $u
  $u_law = $rate * $service
  $r
  $r_law = $service / (1 - $u_law)
-1
END
run 0 open.lqn --precision '2 %'
head -1 out | grep -qx '$0, $rate, $service, $u, $u_law, $r, $r_law' || fail "no header"
[ "$(wc -l <out)" = 7 ] || fail "not six rows"
awk -F', ' 'function abs(x) { return x < 0 ? -x : x }
    NR > 1 && ($1 != NR - 1 || abs($4 / $5 - 1) > 0.05 || abs($6 / $7 - 1) > 0.08) { bad = 1 }
    END { exit bad }' out || { cat out >&2; fail "the results are not those of an M/M/1 queue"; }
tail -1 out | grep -q '^6, 0.8, 0.5, ' || fail "the list declared last changes fastest"

run 0 open.lqn --precision '5 %' --format table --json sweep.json
[ "$(grep -c '^Point [1-6] of 6: \$rate = ' out)" = 6 ] || fail "not a table per point"
check "no schema, or not a result per point" \
    "(v['schema'], [p['result']['schema'] for p in v['points']]) == ('loadcast.sweep/1', ['loadcast.result/1'] * 6)" sweep.json
run 0 open.lqn --precision '5 %' --json - --jobs 1
untimed out >one
run 0 open.lqn --precision '5 %' --json - --jobs 2
untimed out >two
cmp one two || fail "the sweep depends on the number of threads"

# A point that has no steady state is told, and the others have their results.
sed 's/0.2 : 0.8, 0.3/0.5, 2/' open.lqn >overload.lqn
run 3 overload.lqn --precision '5 %'
grep -q 'no steady state' err || fail "the overload is not told"
grep -q 'point 3 of 4 .*has no result' err || fail "the point is not named"
grep -q '^3, 2, 1, nan' out && fail "a report without results has values" || true
grep -q '^1, 0.5, 1, 0\.' out || fail "the other points are missing"

run 3 open.lqn --format lqnx
grep -q 'a sweep of 6 points' err || fail "sweeps cannot be one LQN XML file"
"$LOADCAST" convert open.lqn -o open.lqnx
run 0 open.lqnx --precision '5 %'
cut -d, -f1-3,5 out >xml
run 0 open.lqn --precision '5 %'
cut -d, -f1-3,5 out >text
cmp xml text || fail "LQN XML is another sweep"

# A single point can be written as one result, and what nothing observes is an empty column.
cat >one.lqn <<'END'
$s = 1
G "one point" 1e-5 50 5 0.9 -1
P 0 p cc i p pp f -1
T 0 t c r e -1 cc %f $x t d n f -1 pp -1
E 0 s e 1 -1 y e f 1 -1 s f $s -1 -1
R 0 $x $unknown -1
END
run 0 one.lqn --precision '5 %'
grep -q 'nothing gives $unknown a value' err || fail "the unknown variable is not told"
grep -q '^1, 0\.[0-9]*, nan$' out || fail "what is known is not reported"
run 0 one.lqn --precision '5 %' --format lqnx
grep -q '<result-task' out || fail "one point is not a result in LQN XML"
