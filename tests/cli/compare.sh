#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# loadcast compare: results in either format, models, thresholds, and what goes wrong.
set -eu
data=$SOURCE/tests/data/lqn

fail() {
    echo "compare.sh: $1" >&2
    exit 1
}

# expect STATUS COMMAND…: output goes to out, messages to err.
expect() {
    wanted=$1
    shift
    status=0
    "$@" >out 2>err || status=$?
    [ "$status" -eq "$wanted" ] || fail "'$*' ended with $status instead of $wanted: $(cat err)"
}

simulate() { # MODEL SEED NAME: one result in both formats
    "$LOADCAST" simulate "$1" --seed "$2" --replications 5 --run-time 2000 --warmup 100 --quiet --format lqnx --json "$3.json" >"$3.lqnx"
}
simulate "$data/mixed.lqnx" 1 one
simulate "$data/mixed.lqnx" 2 two
sed 's/host-demand-mean="[0-9.]*"/host-demand-mean="0.01"/' "$data/mixed.lqnx" >changed.lqnx
simulate changed.lqnx 1 three

# The same result in two formats is the same, and the formats may be mixed.
for pair in "one.json one.json" "one.lqnx one.lqnx" "one.json one.lqnx" "one.lqnx one.json"; do
    expect 0 "$LOADCAST" compare $pair --threshold 1e-4
    grep -q '^Calls$' out || fail "$pair: calls are missing"
    ! grep -q ' \*$' out || fail "$pair: a difference of nothing is significant"
    ! grep -q 'In one of them only' out || fail "$pair: an element is missing"
done

# Other demands are found, with a sign, in text and document.
expect 0 "$LOADCAST" compare one.json three.json
grep -q ' \*$' out || fail "no difference is significant"
grep -q '^Relative differences$' out || fail "the summary is missing"
expect 1 "$LOADCAST" compare one.json three.lqnx --threshold '5 %' --json differences.json
grep -q '"schema": "loadcast.compare/1"' differences.json || fail "no schema"
grep -q '"exceeded": true' differences.json || fail "exceeded is not told"
expect 1 "$LOADCAST" compare one.json three.lqnx --threshold 0.05 --json -
[ "$(head -c 1 out)" = "{" ] || fail "--json - is not a document alone"
expect 0 "$LOADCAST" compare one.json three.json --threshold '100000 %'

# Half-widths of one block, as LQSIM writes them, become those of the mean: 4 blocks, half of what the file says.
cat >blocks.lqxo <<'END'
<lqn-model name="m"><solver-params><result-general solver-info="lqsim 6.2.31" valid="true" conv-val="1" iterations="4" platform-info="x"/></solver-params>
<processor name="p"><result-processor utilization="0.5"><result-conf-95 utilization="0.08"/></result-processor></processor></lqn-model>
END
expect 0 "$LOADCAST" compare blocks.lqxo blocks.lqxo
grep -q 'p  *utilization  0.5  0.04  0.5  0.04' out || fail "half-widths of one block: $(cat out)"

# An element that one result lacks is more than any threshold.
sed 's/"p"/"q"/' blocks.lqxo >other.lqxo
expect 3 "$LOADCAST" compare blocks.lqxo other.lqxo
sed 's/<processor/<processor name="r"><result-processor utilization="1"\/><\/processor><processor/' blocks.lqxo >more.lqxo
expect 1 "$LOADCAST" compare blocks.lqxo more.lqxo --threshold 1
grep -q 'B: processor r' out || fail "the processor of B alone is not named"

# Models.
"$LOADCAST" convert "$data/mixed.lqnx" -o mixed.yaml --quiet
expect 0 "$LOADCAST" compare "$data/mixed.lqnx" mixed.yaml --quiet
expect 1 "$LOADCAST" compare "$data/mixed.lqnx" changed.lqnx --quiet
grep -q 'the models differ: .*demand differs' out || fail "the difference is not named: $(cat out)"

# What is wrong.
expect 2 "$LOADCAST" compare one.json
expect 2 "$LOADCAST" compare one.json - </dev/null
expect 3 "$LOADCAST" compare one.json "$data/mixed.lqnx"
grep -q 'one.json has results and' err || fail "a model and a result: $(cat err)"
expect 3 "$LOADCAST" compare one.json nowhere.json
sed 's/"ci95": [0-9.e-]*/"ci95": [1]/' one.json >broken.json
expect 3 "$LOADCAST" compare one.json broken.json
grep -q 'broken.json:[0-9]*:[0-9]*: ' err || fail "the place is missing: $(head -n 1 err)"
sed 's/ utilization="0.5"/ utilization="half"/' blocks.lqxo >broken.lqxo
expect 3 "$LOADCAST" compare blocks.lqxo broken.lqxo
grep -q "broken.lqxo:2:.*utilization is 'half'; right is a number" err || fail "the place is missing: $(cat err)"
for cut in 10 500 3000; do
    head -c "$cut" one.json >cut.json
    expect 3 "$LOADCAST" compare one.json cut.json
done
