#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Data of rosebery: its CSV and dumps of its tables are pipelines of steps.
set -eu
. "$SOURCE/tests/support/cli.sh"
data=$SOURCE/tests/data/traces/rosebery

# Hops, a fan-out to three records, their join by the last one; an exception; records without a sequence. Tables name
# nodes by their numbers and may be given in any order; their first lines may name the columns, or not.
run 0 extract "$data/runtime.csv" --format text
mv out both
run 0 extract "$data/tables/runtime_performance.csv" "$data/tables" --format text --quiet
cat out >>both
same "$SOURCE/tests/data/extract/rosebery.txt" both
{
    echo 'nodeId,nodePurpose,sequence,startTime,endTime,duration,result'
    tr ';' ',' <"$data/runtime.csv"
} >named.csv
"$LOADCAST" extract named.csv --format text >named
head -n "$(wc -l <named)" "$SOURCE/tests/data/extract/rosebery.txt" | sed 's/^trace [^ ]*/trace/' >wanted
sed -i 's/^trace [^ ]*/trace/' named
same wanted named

# Equal lines are several records; a file that is given twice is read once.
printf 'n;p;null;0;10;10;OK\nn;p;null;10;20;10;OK\nn;p;null;10;20;10;OK\n' >ms.csv
run 0 extract ms.csv ms.csv --summary --json -
grep -q '"spans": 3' out || fail "equal lines: $(cat out)"
holds err 'ms.csv: 3 records whose duration is end - start in ms, though durations are ns: taken as ms'

# What is wrong is said with its line.
printf 'n;p;null;0;10;10000000;OK\nn;p;null;0;x;10;OK\n' >wrong.csv
refused 3 "wrong.csv:2: expected an end in ms since 1970, found 'x'" extract wrong.csv
printf 'n;p;null;0;10;10000000;OK\nn;p;null;0;10;10;FINE\n' >wrong.csv
refused 3 "wrong.csv:2" extract wrong.csv
run 0 extract "$data/tables/runtime_performance.csv" --summary
holds err "3 records of nodes that no table 'node' names"
run 0 extract "$data/tables/node.csv" --summary
holds err 'expected records beside them'

# The clocks of threads divide the time of a step: 40 of 100 ms and 25 of 50 ms keep a core, the rest the thread alone.
# One file has counters, the other increments.
cpu() {
    run 0 fit "$@" -o model.yaml --json fit.json
    check "processor work of $1" "any(a['value'] == '43.3 % of its own time' for a in v['assumptions'])" fit.json
    holds out '× 0.433 on the processor: processor time of the threads of 2 visits'
}
cpu "$data/profiles.csv"
run 0 fit "$data/profiles.csv" --summary part.gz
cpu --merge part.gz
awk -F';' -v OFS=';' '/OK$/ { last = 0 } /[0-9]$/ { now = $5; $5 = last ? now - last : 0; last = now } 1' \
    "$data/profiles.csv" >increments.csv
sed -i '3s/20000000/20000001/; 4s/20000000/19999999/' increments.csv
cpu increments.csv

# Metrics, by rosebery's definitions and by what they mean: 4 records of 200 ms at 0, 400, 900 and 1500 ms.
for start in 0 400 900 1500; do
    echo "n1;p;null;$start;$((start + 200));200000000;OK"
done >rates.csv
python='
def row(name, subject="", step="p"):
    return next(m for m in v["measures"] if (m["measure"], m["subject"], m["service"]) == (name, subject, step))
def mean(*of):
    return row(*of)["mean"]'
run 0 measure rates.csv --literal --json v.json
check "rates" 'mean("arrival_rate") == 2 and mean("service_rate") == 5 and mean("utilization") == 0.4'
check "capacity" 'mean("capacity") == 5 and mean("servers") == 1 and mean("throughput") == 2'
check "literal" 'mean("literal_arrival_rate") == 2 and mean("literal_throughput") == 5 and mean("literal_capacity") == 0.4'
check "totals" 'mean("absolute_total", "", "") == 1.7 and mean("runtime", "n1") == 0.2'
run 0 measure rates.csv --interval 500ms --json v.json
check "intervals" 'row("arrival_rate")["count"] == 4 and mean("arrival_rate") == 2'
run 0 measure "$data/runtime.csv" --json v.json
check "runtimes" 'row("runtime", "distance2", "distance")["count"] == 2 and mean("runtime_max", "", "distance") == 0.0121'
check "latency" 'abs(mean("latency", "distance/distance", "summary") - 0.0019) < 1e-9'
check "cumulated" 'abs(mean("cumulated_runtime", "", "summary") - 0.0656) < 1e-9'
check "exceptions" 'mean("exceptions", "", "path") == 1'
refused 2 '--interval: expected a time of 1 ms or more' measure rates.csv --interval 0.1ms

python="$python
def ms(name):
    return next(m['mean'] for m in json.load(open('measured.json'))['measures'] if m['measure'] == name)
def low(e): return e['interval95'][0]
def high(e): return e['interval95'][1]
if 'points' in v:
    ends = v['points'][0]['result']['workloads'][0]
    steps = {e['task']: e['cumulated_runtime'] for e in v['points'][0]['result']['entries'] if e['cumulated_runtime']}
    recorded = {m['service']: m['mean'] for m in json.load(open('measured.json'))['measures']
                if m['measure'] == 'cumulated_runtime'}"
# The demonstration: made anew its recordings are the same, and what saturates is the step with 19 records a sequence:
# 19 × 12.8 ms at two nodes, 8.2/s. A burst is worked off as fast as it was recorded.
ready=$SOURCE/scenarios/pipeline
"$PYTHON" "$ready/record.py" 25 10 2 made
for file in made/*; do
    gzip -dc "$file" >one
    gzip -dc "$ready/loop-25-10/${file#made/}" >other
    cmp one other || fail "$file is not what record.py makes"
done
run 0 measure "$ready/loop-25-1000" --json measured.json
run 1 run "$ready/pipeline.yaml" --precision '10 %' --json v.json
holds out 'distance saturates first, at load × 8.2'
# What is predicted until a sequence has ended is what was recorded, and so it is of each step (nodes look for work
# every ms).
check "until all has ended" 'low(ends["completion_time"]) < 0.2179 < high(ends["completion_time"])
    and all(low(steps[s]) < recorded[s] < high(steps[s]) + 2e-3 for s in ("creation", "extraction", "path", "distance"))'
check "work on cores" \
    'abs(next(p for p in v["points"][0]["result"]["processors"] if p["name"] == "distance")["load"]["mean"] - 0.115) < 0.02'
grep -q '→ end of distance/distance  *1[0-9][0-9] \[' out && ! grep -q '→ end of creation' out ||
    fail "steps for which nobody waits, and no others"
flat out | grep -q 'missed mean completion of routes ≤ 400 ms: at load × 8 .*; holds at load × 4' || fail "the goal of a whole sequence"
flat out | grep -q 'each of distance/distance calls summary/summary by chance, alone' || fail "nothing tells of the join"
[ "$(wc -l <err)" -eq 0 ] || fail "the scenario has messages: $(cat err)"
run 0 measure "$ready/loop-25-10" --json v.json
check "the burst" 'mean("absolute_total", "", "") > 3 and row("latency", "path/path", "distance")["count"] == 475'

# Records of a window of 7 s that are worked for together at its end wait for a batch, not in a queue: a delay stands for
# that. A backlog that grows, whose delays are as uniform, is a queue.
awk 'BEGIN { for (i = 0; i < 70; i++) {
    printf "n1;creation;s%d;%d;%d;400000;OK\n", i, i * 1000, i * 1000
    s = (int(i / 7) + 1) * 7000 + i % 7 * 2
    printf "n2;extraction;s%d;%d;%d;1800000;OK\n", i, s, s + 2 } }' >batch.csv
run 0 fit batch.csv -o model.yaml
holds out 'extraction takes records in batches, of windows of 7 s: a delay that is uniform from 0 to 7 s, 3.5 s on the average'
grep -q 'calls: \[{to: batch extraction/extraction, kind: async}\]' model.yaml || fail "$(cat model.yaml)"
run 0 fit batch.csv --summary part.gz
run 0 fit --merge part.gz -o merged.yaml
same model.yaml merged.yaml
awk 'BEGIN { for (i = 0; i < 70; i++) {
    printf "n1;creation;s%d;%d;%d;400000;OK\n", i, i * 10, i * 10
    printf "n2;extraction;s%d;%d;%d;79800000;OK\n", i, i * 80 + 1, i * 80 + 81 } }' >backlog.csv
run 0 fit backlog.csv -o model.yaml
! grep -q batch model.yaml || fail "a backlog is taken for a batch"

# A step faster than the clock, whose records begin in the same ms as those of the next step; threads that follow each
# other at once seem to overlap by less than the clock's unit.
"$PYTHON" - <<'END_OF_PYTHON'
import random
rng, free = random.Random(5), 0
with open('fast.csv', 'w') as out:
    for n in range(200):
        at = max(1464775200000 + 40 * n + rng.random(), free)
        for step, mean in (('take', 0.3), ('check', 0.2), ('work', 25)):
            length = rng.expovariate(1 / mean)
            print(f'{step}1;{step};s{n};{int(at)};{int(at + length)};{round(length * 1e6)};OK', file=out)
            at += length
        free = at
END_OF_PYTHON
printf 'traces: fast.csv\ndeployment: {services: {work: {concurrency: 1}}}\nworkloads: [{name: w, entry: take/take, rate: 5/s}]\n' >fast.yaml
run 0 run fast.yaml --precision '10 %' --json v.json
[ "$(wc -l <err)" -eq 0 ] || fail "fast steps are in disorder: $(cat err)"
check "the order of fast steps" '[e["name"] for e in sorted((e for e in v["points"][0]["result"]["entries"] if
    e["cumulated_runtime"]), key=lambda e: e["cumulated_runtime"]["mean"])] == ["take/take", "check/check", "work/work"]'
