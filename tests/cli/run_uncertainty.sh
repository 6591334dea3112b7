#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The error of a limited number of traces, on traces of a model whose truth is known: how wide intervals are, how often
# they hold the truth, and what goals are undecided because of it.
set -u
. "$SOURCE/tests/support/cli.sh"
# One server, busy 10 % of the time: 1/s × 100 ms, exponential.
cat >model.yaml <<'END'
loadcast: model/1
processors: {outside: {scheduling: inf}, db-host: {scheduling: inf}}
tasks:
  web: {processor: outside, scheduling: inf, entries: {web/page: {phase1: {demand: 1 ms, deterministic: true, calls: [{to: db/query}]}}}}
  db: {processor: db-host, scheduling: inf, entries: {db/query: {open_rate: 0, phase1: {demand: 100 ms}}}}
  users: {processor: outside, scheduling: ref, entries: {users: {phase1: {deterministic: true, calls: [{to: web/page}]}}}}
END
scenario() { # FURTHER KEYS
    cat <<END
traces: [t.jsonl]
deployment: {services: {db: {concurrency: 1}, web: {kind: delay}}}
workloads: [{name: users, entry: web/page, rate: 1/s}]
simulation: {precision: 5 %$1}
END
}
record() { # TRACES SEED
    "$LOADCAST" simulate model.yaml --quiet --precision '50 %' --traces t.jsonl --trace-count "$1" --seed "$2" >/dev/null ||
        fail "simulate gave $?"
}

# 30 and 3,000 requests: a hundred times as many, a tenth as wide.
scenario "" >s.yaml
for n in 30 3000; do
    record $n 1
    "$LOADCAST" run s.yaml --quiet --json "v$n.json" >/dev/null || fail "run gave $?"
done
# Without the simulation's part; a factor of two either way is beyond what 30 samples do to a standard error.
cp v3000.json v.json
python='
def width(v):
    load = [t for t in v["points"][0]["result"]["tasks"] if t["name"] == "db"][0]["load"]
    low, high = load["interval95"]
    return (((high - low) / 2) ** 2 - load["simulation_ci95"] ** 2) ** 0.5
'
check "the width of intervals" "5 < width(json.load(open('v30.json'))) / width(v) < 20"

# Forty data sets of 30 requests, asked for six times the rate: at least 33 intervals of 95 % hold the truth (binomial,
# 99.9 %), of the load, and of the response time: 1 ms and that of an M/M/1 queue, 1/(10/s − 6/s).
sets=40
[ -z "${LEISURELY-}" ] || sets=4
record 1200 2
mv t.jsonl all.jsonl
scenario ", replications: 5, warmup: 20 s" | sed 's/rate: 1/rate: 6/' >s.yaml
rm -f set-*.json
for i in $(seq 1 $sets); do
    sed -n "$((30 * i - 29)),$((30 * i))p" all.jsonl >t.jsonl
    status=0
    "$LOADCAST" run s.yaml --quiet --json v.json >/dev/null || status=$?
    [ $status -eq 0 ] || [ $status -eq 5 ] || fail "run gave $status" # 5: some draws are overloaded, others are not
    mv v.json "set-$i.json"
done
cp set-1.json v.json
python='
import glob
results = [json.load(open(f))["points"][0]["result"] for f in glob.glob("set-*.json")]
least = len(results) * 33 // 40
def hold(figures, truth):
    held = sum(f["interval95"][0] <= truth <= (f["interval95"][1] or 1e9) for f in figures)
    print(held, "of", len(figures), "intervals hold", truth)
    return held >= least
loads = [t["load"] for r in results for t in r["tasks"] if t["name"] == "db"]
responses = [r["workloads"][0]["response_time"] for r in results]
'
check "intervals of the load" "hold(loads, 0.6) and len(loads) == $sets"
check "intervals of the response time" "hold(responses, 0.251)"
python=''

# A goal that 30 requests cannot decide: more simulation is not tried, and what would decide it is told.
record 30 1
{ scenario ", replications: 10" && echo "goals: {load: {db: 0.11}}"; } >s.yaml
"$LOADCAST" run s.yaml --quiet --json v.json --junit v.xml >/dev/null
[ $? -eq 5 ] || fail "a goal within the interval does not give 5"
"$LOADCAST" run s.yaml --quiet >out
flat out | grep -q "undecided load of db ≤ 11.0 %: at load × 1 db .*; the traces are too few to decide it: about .* times as many .* would" ||
    fail "no word of the traces: $(cat out)"
check "the goal is undecided in JSON" "v['points'][0]['goals'][0]['met'] is None and v['points'][0]['goals'][0]['traces_needed'] > 0"
grep -q '<error message="db .*the traces are too few to decide it' v.xml || fail "the goal is not an error in JUnit"
sed 's/replications: 10/max_time: 1 min/' s.yaml >refined.yaml
"$LOADCAST" run refined.yaml --quiet --json v.json >/dev/null
check "a goal that more traces alone would decide is not simulated for long" "v['points'][0]['result']['events'] <= 1e7"

# Without it, intervals are the simulation's.
sed 's/replications: 10/replications: 10, uncertainty: none/' s.yaml >none.yaml
"$LOADCAST" run none.yaml --quiet --json v.json >/dev/null
[ $? -ne 5 ] || fail "uncertainty: none leaves the goal undecided"
check "uncertainty: none has intervals of traces" "'interval95' not in str(v['points'])"
sed 's/uncertainty: none/uncertainty: some/' none.yaml >wrong.yaml
"$LOADCAST" run wrong.yaml 2>err >out
{ [ $? -eq 3 ] && grep -q "'uncertainty' is 'some'; expected traces" err; } || fail "uncertainty: some: $(cat err)"

# Near saturation some of the bootstrap replicates are overloaded: the response time has no upper end, the load has one.
factor=$("$PYTHON" -c 'import json; print(0.9 * json.load(open("v.json"))["saturation"]["factor"])')
{ scenario ", replications: 10" && echo "load: {factors: [$factor]}"; } >s.yaml
"$LOADCAST" run s.yaml --quiet --json v.json >out
check "the open interval has no half-width" "v['points'][0]['result']['workloads'][0]['response_time']['ci95'] is None"
grep -q "of the bootstrap replicates this load exceeds the capacity" out || fail "no word of overloaded replicates: $(cat out)"
"$LOADCAST" run s.yaml --quiet >out
grep -q "users .*, ∞)" out || fail "the response time has an end: $(cat out)"
grep -q "db .*, 100\]" out || fail "the load ends elsewhere: $(cat out)"

# The highest load that keeps a mean response of 300 ms: an M/M/1 of rate μ and the page's 1 ms before it carry
# λ = μ − 1/0.299. Its interval is that of μ, which the traffic equations tell, moved by as much; a search adds its bracket of 4 %. A
# limit of the load is reached at that part of μ, exactly.
record 100 3
for goals in "response_time: {users: {mean: 300 ms}}" "load: 80 %"; do
    { scenario "" && echo "goals: {$goals}" && echo "capacity: {of: mix, within: 4 %}"; } >s.yaml
    "$LOADCAST" run s.yaml --quiet --json v.json >/dev/null || fail "run gave $?"
    python='mu = v["saturation"]["limits"][0]["interval95"]; low, high = v["capacity"][0]["interval95"]'
    case $goals in
    load*) check "the interval of 80 % of the load" \
        "0.95 < low / (0.8 * mu[0]) < 1.001 and 0.999 < high / (0.8 * mu[1]) < 1.05" ;;
    *) check "the interval of the load that keeps a response time" \
        "abs(low / (mu[0] - 1 / 0.299) - 1) < 0.12 and abs(high / (mu[1] - 1 / 0.299) - 1) < 0.12" ;;
    esac
done
