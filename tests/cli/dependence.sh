#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Requests that are slow in several places: a model in which they are is recorded, learned, and has its correlations and
# its tail back; one in which they are not is learned without.
set -eu
. "$SOURCE/tests/support/cli.sh"

for r in 0 0.8; do
    sed "s/size_correlation: 0.8/size_correlation: $r/" "$SOURCE/tests/data/hand/slow-together.yaml" >truth.yaml
    run 0 simulate truth.yaml --quiet --precision '50 %' --traces "$r.jsonl" --trace-count 800 --seed 5
    run 0 fit "$r.jsonl" -o "$r.yaml"
    grep 'dependence,' out >"$r.told" || :
    grep -o 'size_correlation: .*' "$r.yaml" >"$r.found" || :
done
[ ! -s 0.told ] && [ ! -s 0.found ] || fail "times that are independent depend on each other: $(cat 0.told)"
grep -q 'slow requests: slow in \(web and db\|db and web\) together: [34][0-9] % of them' 0.8.told ||
    fail "who is slow together is not told: $(cat 0.8.told)"
[ "$(wc -l <0.8.found)" -eq 2 ] || fail "other times than the two depend on the size: $(cat 0.8.found)"
awk '{ if ($2 < 0.7 || $2 > 0.9) exit 1 }' 0.8.found || fail "the correlations are not 0.8: $(cat 0.8.found)"

# Its tail, at the load that it was recorded at, and without what makes it.
run 0 simulate truth.yaml --quiet --precision '1 %' --json truth.json
sed '/size_correlation/d' 0.8.yaml >independent.yaml
printf 'workloads: [{name: users, entry: web/page, rate: 10/s}]\n' >load
{ printf 'traces: [0.8.jsonl]\ndeployment: {services: {web: {kind: delay}, db: {kind: delay}, rate: {kind: delay}}}\n' && cat load; } >s.yaml
{ echo 'model: independent.yaml' && cat load; } >independent-s.yaml
run 0 run s.yaml --quiet --precision '2 %' --json s.json
run 0 run independent-s.yaml --quiet --precision '2 %' --json i.json
"$PYTHON" - <<'END_OF_PYTHON' || fail "the tail is not that of the system that was recorded"
import json
truth = json.load(open('truth.json'))['workloads'][0]['percentiles']
learned, independent = (json.load(open(f + '.json'))['points'][0]['result']['workloads'][0] for f in 'si')
for k in '95', '99':
    low, high = learned['percentile_intervals'][k]
    assert low <= truth[k] <= high, (k, truth[k], low, high)
    assert independent['percentiles'][k] < 0.93 * truth[k], (k, truth[k], independent['percentiles'][k])
END_OF_PYTHON
