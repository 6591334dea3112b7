#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Goals on curves over time, where every number can be worked out by hand: eight requests come at 10 s, each takes 1 s
# of one server, so the k-th ends at 10 s + k and has a response time of k seconds.
set -u
. "$SOURCE/tests/support/cli.sh"

cat >model.yaml <<'END2'
loadcast: model/1
time_unit: ms
processors: {cpu: {}}
tasks: {t: {processor: cpu, entries: {e: {demand: {deterministic: {value: 1 s}}}}}}
END2

# scenario GOALS
scenario() {
    cat <<END2
name: burst
model: model.yaml
workloads:
  - {name: w, entry: e, arrivals: {times: [10 s, 10 s, 10 s, 10 s, 10 s, 10 s, 10 s, 10 s]}}
goals: {$1}
simulation: {mode: transient, duration: 20 s, step: 1 s, replications: 20}
END2
}

scenario "load: 50 %, response_time: {w: {mean: 4.5 s, p50: 6.5 s, p95: 8.5 s}}, throughput: {w: 0.5/s}, error_rate: {w: 1 %}" >missed.yaml
run 1 run missed.yaml --json missed.json --junit missed.xml
holds out "missed     load of every component ≤ 50.0 %: cpu (processor) above it from 10.0 s to 18.0 s"
holds out "missed     mean response of w ≤ 4.50 s: above it from 15.0 s to 19.0 s, furthest at 18.0 s: 8.00 "
holds out "missed     p50 response of w ≤ 6.50 s: above it from 17.0 s to 19.0 s, furthest at 17.0 s: 100.0 ± 0.0 % are slower"
holds out "missed     throughput of w ≥ 0.500/s: below it from 0 s to 11.0 s, and again: in all 12.0 s"
holds out "met        failed requests of w ≤ 1.0 %"
# One request in each of 20 runs cannot tell 5 %: Pr(none of 20) is 36 %.
holds out "undecided  p95 response of w ≤ 8.50 s: in no bin are there enough requests to judge"
holds missed.xml '<failure message="w above it from 15.0 s to 19.0 s'
holds missed.xml '<error message="w in no bin are there enough requests'
[ "$(grep -c '<testcase' missed.xml)" = 7 ] || fail "there are $(grep -c '<testcase' missed.xml) cases"
cp missed.json v.json
python='mean = [g for g in v["points"][0]["goals"] if g["goal"] == "response_time" and g["percentile"] is None][0]'
check "the JSON says when" "(mean['from'], mean['until'], mean['beyond']) == (15, 19, 4)"
python=''

scenario "response_time: {w: {mean: 8.5 s, p50: 8.5 s}}, load: 100 %" >met.yaml
run 0 run met.yaml --junit met.xml
holds out "met        mean response of w ≤ 8.50 s: nearest at 18.0 s: 8.00 "
holds out "12 of 20 bins have too few requests to judge"
grep -q '<failure\|<error' met.xml && fail "goals that are met are told as others: $(cat met.xml)"

scenario "response_time: {w: {p95: 8.5 s}}" >open.yaml
run 5 run open.yaml
run 0 run met.yaml --json - --junit met.xml
run 2 run met.yaml --json - --junit -
