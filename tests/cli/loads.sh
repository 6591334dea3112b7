#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Scenarios whose load changes with time or comes in bursts: all of scenarios/loads, curves as text and JSON, and what is
# refused.
set -u
. "$SOURCE/tests/support/cli.sh"

# refused TEXT KEYS: a workload with these keys, curves asked for.
refused() {
    printf 'model: model.yaml\nworkloads:\n  - {name: w, entry: e, %s}\nsimulation: {mode: transient, duration: 10 s}\n' \
        "$2" >bad.yaml
    run 3 run bad.yaml
    holds err "$1"
}

for scenario in spike diurnal bursts script replay recorded ramp sessions; do
    [ -f "$SOURCE/scenarios/loads/$scenario.yaml" ] || continue
    run 0 run "$SOURCE/scenarios/loads/$scenario.yaml" --json "$scenario.json"
    holds "$scenario.json" '"schema": "loadcast.verdict/1"'
done
run 1 run "$SOURCE/scenarios/loads/storm.yaml"
holds out "Does not recover from the spike (60.0 s to 66.0 s) within the time: the queue of web stays up"

run 0 run "$SOURCE/scenarios/loads/spike.yaml"
holds out "Recovers "
holds out "after the spike (60.0 s to 90.0 s)"

# Over v: series(NAME): the means of a curve.
python='
def series(name):
    return [c for c in v["points"][0]["transient"]["series"] if c["name"] == name][0]["mean"]
'

# The script's creations by the second: 25 × 1, then 4 a second for 5 s.
"$LOADCAST" run "$SOURCE/scenarios/loads/script.yaml" --json v.json >out 2>err
check "the script's times" "series('test arrivals')[:30] == 25 * [1] + 5 * [4]"

# A replay: 300 arrivals, all of them; twice as fast at load × 2.
"$LOADCAST" run "$SOURCE/scenarios/loads/replay.yaml" --json replay.json --jobs 1 >out1 2>err
cp replay.json v.json
check "the number of arrivals in the replay" "abs(sum(series('log arrivals')) - 300) < 1e-6"
"$LOADCAST" run "$SOURCE/scenarios/loads/replay.yaml" --json again.json --jobs 2 >out2 2>err
untimed replay.json >a
untimed again.json >b
cmp -s a b || fail "the curves depend on the number of threads"

# A replay of traces: the starts of their roots, whatever their order in the file, from the first of both workloads on.
span() { # ID NAME START-IN-US
    printf '[{"traceId": "%016d", "id": "%016d", "name": "%s", "kind": "SERVER", "timestamp": %d, "duration": 2000, "localEndpoint": {"serviceName": "web"}}]\n' \
        "$1" "$1" "$2" $((1700000000000000 + $3))
}
{
    span 1 pay 7250000
    span 2 look 4500000
    span 3 look 1000000
    span 4 pay 3250000
    span 5 other 500000
    span 6 look 4600000
    span 7 look 9100000
} >recorded.zipkin.jsonl
cat >recorded.yaml <<'END2'
traces: [recorded.zipkin.jsonl]
deployment: {services: {web: {concurrency: 4}}}
workloads:
  - {name: looks, entry: web/look, arrivals: {replay: traces}}
  - {name: payments, entry: web/pay, arrivals: {replay: traces}}
load: {factors: [1, 2]}
simulation: {mode: transient, duration: 9 s, step: 1 s, replications: 3}
END2
run 0 run recorded.yaml --json v.json
check "when looks come" "series('looks arrivals') == [1, 0, 0, 2, 0, 0, 0, 0, 1]"
check "when payments come" "series('payments arrivals') == [0, 0, 1, 0, 0, 0, 1, 0, 0]"
sed 's/\[1, 2\]/[2]/' recorded.yaml >faster.yaml
run 0 run faster.yaml --json v.json
check "when looks come at load × 2" "series('looks arrivals') == [1, 2, 0, 0, 1, 0, 0, 0, 0]"
sed '/^simulation/d' recorded.yaml >steady.yaml
run 3 run steady.yaml
holds err "the load of workload 'looks' changes with time"
sed 's|factors: .*|rate: {from: 1/s, to: 9/s, steps: 2}}|' recorded.yaml >rates.yaml
run 3 run rates.yaml
holds err "the rate of workload 'looks' is known only when the traces are read"
sed 's|entry: web/pay|activity: test|' recorded.yaml >activity.yaml
run 3 run activity.yaml
holds err "expected an 'entry' or a 'mix', not an activity"

cat >model.yaml <<'END2'
loadcast: model/1
processors: {cpu: {}}
tasks: {t: {processor: cpu, entries: {e: {demand: 10 ms}}}}
END2
refused "a rate, such as '12/s'" "arrivals: {steps: [[0 s, 1]]}"
refused "did you mean 'steps'?" "rate: 5/s, arrivals: {stepss: [[0 s, 1]], period: 1 s}"
refused "expected one for each hour" "rate: 5/s, arrivals: {diurnal: [1, 2, 3]}"
refused "leave 'rate' out" "rate: 5/s, script: once()"
refused "expected once(), list(…), loop(…) or random(…)" "script: twice()"
refused "nothing.csv: " "arrivals: {replay: nothing.csv}"
refused "'replay: traces' needs a scenario on traces" "arrivals: {replay: traces}"
refused "such as [60 s, 20]" "users: [[0 s, 1], 5]"
refused "lacks 'rate'" "arrivals: {batch: 5}"
printf 'when\n0.5\nlater\n' >bad.csv
refused "bad.csv:3:1: 'later' begins with no time" "arrivals: {replay: bad.csv}"

# In a steady state such a load is refused, with what to do.
cat >steady.yaml <<'END2'
model: model.yaml
workloads:
  - {name: w, entry: e, rate: 5/s, arrivals: {steps: [[0 s, 1], [9 s, 2]]}}
END2
run 3 run steady.yaml
holds err "steady.yaml:3:5: the load of workload 'w' changes with time"
holds err "simulation: {mode: transient, duration: 10 min}"

# One model: curves of the first minute.
sed 's/^tasks:.*//' model.yaml >open.yaml
cat >>open.yaml <<'END2'
tasks:
  source: {processor: cpu, scheduling: open, pattern: {rates: [[0 s, 0/s], [60 s, 60/s]]}, entries: {s: {calls: [e]}}}
  t: {processor: cpu, entries: {e: {demand: 1 ms}}}
END2
run 0 simulate open.yaml --transient '1 min' --step '10 s' --replications 10
holds out "Means of 10 runs in bins of 10.0 s, beginning with empty queues"
run 3 simulate open.yaml
holds err "simulate --transient"
run 2 simulate open.yaml --transient '1 min' --format lqnx
run 5 simulate open.yaml --transient '10 min' --replications 100000 --max-time '0.2 s'
