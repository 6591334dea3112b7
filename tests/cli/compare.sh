#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# loadcast compare: results in either format, models, thresholds, and what goes wrong.
set -eu
. "$SOURCE/tests/support/cli.sh"
data=$SOURCE/tests/data/lqn

simulate() { # MODEL SEED NAME: one result in both formats
    "$LOADCAST" simulate "$1" --seed "$2" --replications 5 --run-time 2000 --warmup 100 --quiet --format lqnx --json "$3.json" >"$3.lqnx"
}
simulate "$data/mixed.lqnx" 1 one
simulate "$data/mixed.lqnx" 2 two
sed 's/host-demand-mean="[0-9.]*"/host-demand-mean="0.01"/' "$data/mixed.lqnx" >changed.lqnx
simulate changed.lqnx 1 three

# The same result in two formats is the same, and the formats may be mixed.
for pair in "one.json one.json" "one.lqnx one.lqnx" "one.json one.lqnx" "one.lqnx one.json"; do
    run 0 compare $pair --threshold 1e-4
    grep -q '^Calls$' out || fail "$pair: calls are missing"
    ! grep -q ' \*$' out || fail "$pair: a difference of nothing is significant"
    ! grep -q 'In one of them only' out || fail "$pair: an element is missing"
done

# Other demands are found, with a sign, in text and document.
run 0 compare one.json three.json
grep -q ' \*$' out || fail "no difference is significant"
grep -q '^Relative differences$' out || fail "the summary is missing"
run 1 compare one.json three.lqnx --threshold '5 %' --json differences.json
check "schema, or that the threshold is exceeded" "v['schema'] == 'loadcast.compare/1' and v['exceeded']" differences.json
run 1 compare one.json three.lqnx --threshold 0.05 --json -
[ "$(head -c 1 out)" = "{" ] || fail "--json - is not a document alone"
run 0 compare one.json three.json --threshold '100000 %'

# Half-widths of one block, as LQSIM writes them, become those of the mean: 4 blocks, half of what the file says.
cat >blocks.lqxo <<'END'
<lqn-model name="m"><solver-params><result-general solver-info="lqsim 6.2.31" valid="true" conv-val="1" iterations="4" platform-info="x"/></solver-params>
<processor name="p"><result-processor utilization="0.5"><result-conf-95 utilization="0.08"/></result-processor></processor></lqn-model>
END
run 0 compare blocks.lqxo blocks.lqxo
grep -q 'p  *utilization  0.5  0.04  0.5  0.04' out || fail "half-widths of one block: $(cat out)"

# An element that one result lacks is more than any threshold.
sed 's/"p"/"q"/' blocks.lqxo >other.lqxo
run 3 compare blocks.lqxo other.lqxo
sed 's/<processor/<processor name="r"><result-processor utilization="1"\/><\/processor><processor/' blocks.lqxo >more.lqxo
run 1 compare blocks.lqxo more.lqxo --threshold 1
grep -q 'B: processor r' out || fail "the processor of B alone is not named"

# Models.
"$LOADCAST" convert "$data/mixed.lqnx" -o mixed.yaml --quiet
run 0 compare "$data/mixed.lqnx" mixed.yaml --quiet
run 1 compare "$data/mixed.lqnx" changed.lqnx --quiet
grep -q 'the models differ: .*demand differs' out || fail "the difference is not named: $(cat out)"

# What is wrong.
run 2 compare one.json
run 2 compare one.json - </dev/null
run 3 compare one.json "$data/mixed.lqnx"
grep -q 'one.json has results and' err || fail "a model and a result: $(cat err)"
run 3 compare one.json nowhere.json
"$PYTHON" -c "
import json
v = json.load(open('one.json'), object_pairs_hook=lambda pairs: {k: [1] if k == 'ci95' else x for k, x in pairs})
json.dump(v, open('broken.json', 'w'), indent=1)"
run 3 compare one.json broken.json
grep -q 'broken.json:[0-9]*:[0-9]*: ' err || fail "the place is missing: $(head -n 1 err)"
sed 's/ utilization="0.5"/ utilization="half"/' blocks.lqxo >broken.lqxo
run 3 compare blocks.lqxo broken.lqxo
grep -q "broken.lqxo:2:.*utilization is 'half'; expected a number" err || fail "the place is missing: $(cat err)"
for cut in 10 500 3000; do
    head -c "$cut" one.json >cut.json
    run 3 compare one.json cut.json
done
