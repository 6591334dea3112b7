#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Traces that were taken under load: of models that are known, at 10, 50, 80 and 95 % load, with the waiting inside of the
# server's spans. What is learned is the service, whatever the load; limits that the traces contradict are a warning.
set -u
. "$SOURCE/tests/support/cli.sh"
record() { # THREADS RATE FILE OPTION…: a server whose service takes 20 ms, called by one without limit
    cat >model.yaml <<END_OF_MODEL
loadcast: model/1
processors: {c: {scheduling: inf}, p: {scheduling: inf}}
tasks:
  users: {processor: c, scheduling: open, arrivals: $(awk "BEGIN {print 1000 / $2}") ms, entries: {all: {calls: [web/page], deterministic: true}}}
  web: {processor: c, scheduling: inf, multiplicity: infinite, entries: {web/page: {demand: 5 ms, calls: [db/read], deterministic: true}}}
  db: {processor: p, multiplicity: $1, entries: {db/read: {demand: 20 ms}}}
END_OF_MODEL
    file=$3
    shift 3
    "$LOADCAST" simulate model.yaml --quiet --precision '20 %' --trace-count 2000 --traces "$file" "$@" >result || fail "$file: $?"
}
own_time() { # LOW HIGH: ms of db, as it was learned
    python='own = [1000 * e["self"] for e in v["entries"] if e["name"] == "db/read"][0]'
    check "own time of db" "$1 < own < $2"
}
echo "services: {db: {concurrency: 2}}" >db.yaml
for load in 10 50 80 95; do
    record 2 "$load" t.jsonl
    "$LOADCAST" fit t.jsonl -d db.yaml --json v.json >fitted 2>said || fail "$load %: $(cat said)"
    own_time 18.5 21.5 # 2000 exponential times: ± 4.4 %
    if [ "$load" = 10 ]; then # 1 % of the times by the closed form, ρ² / (1 − ρ²) of 20 ms
        flat fitted | grep -Eq "low load: waiting was less than 1 % of the times.* (9|10|11)[.0-9]* % of its threads|waiting for threads of db was taken out: 0.[234]" ||
            fail "$load %: $(cat fitted)"
    else
        flat fitted | grep -q "waiting for threads of db was taken out: .* of the threads busy.* traces.assume_load" || fail "$load %: $(cat fitted)"
    fi
    [ ! -s said ] || fail "$load %: $(cat said)"
done
# How many there were at a time is what the spans say, before the waiting was taken out of them.
most=$("$PYTHON" -S -c "
import json
changes = [c for line in open('t.jsonl') for r in json.loads(line)['resourceSpans']
           if r['resource']['attributes'][0]['value']['stringValue'] == 'web' for s in r['scopeSpans'] for x in s['spans'] if x['kind'] == 2
           for c in ((int(x['startTimeUnixNano']), 1), (int(x['endTimeUnixNano']), -1))]
now = most = 0
for _, change in sorted(changes):
    now += change
    most = max(most, now)
print(most)")
[ "$most" -gt 20 ] || fail "at 95 % load only $most requests at a time"
flat fitted | grep -q "requests that web serves at a time: unlimited (at most $most at a time were seen" || fail "not $most at a time: $(cat fitted)"
# The last, at 95 % load: 20 ms of work, the rest is waiting. Whoever says that the load was low is told.
"$LOADCAST" fit t.jsonl -d db.yaml --assume-load low --json v.json >fitted 2>said || fail "$(cat said)"
own_time 50 1000
grep -q "warning: traces.assume_load is low, but up to [0-9]* requests at a time were seen at an instance of 'db', whose concurrency is stated as 2" said ||
    fail "no warning of low load: $(cat said)"
# Spans that begin with the thread: the waiting lies before them, and is no network latency, of which there is none:
# taken for it, it would be 0.2, 6.7 and 35.6 ms, by the closed form of M/M/2.
cp t.jsonl loaded.jsonl
for load in 10 50 80; do
    record 2 "$load" t.jsonl --trace-without-queues
    "$LOADCAST" fit t.jsonl -d db.yaml --json v.json >fitted 2>said || fail "without queues, $load %: $(cat said)"
    own_time 18.5 21.5
    python='latency = 1000 * sum(c["mean"] for c in v["network"])'
    check "network latency at $load %" 'latency < 0.3'
    flat fitted | grep -Eq "waiting for threads of db before its spans is no network latency: .* of the threads were busy.*traces.assume_load" ||
        fail "without queues, $load %: $(cat fitted)"
    flat fitted | grep -q "low load" && fail "without queues, $load %: $(cat fitted)"
done
"$LOADCAST" fit t.jsonl >fitted 2>said || fail "$(cat said)"
grep -q "warning: requests waited before the spans of 'db' while the traces were taken" said || fail "no warning of waiting: $(cat said)"
mv loaded.jsonl t.jsonl
# A core that is shared by all who work on it, at 80 % load: of M/M/1-PS the response is 100 ms, the work 20.
echo "services: {db: {cores: 1}}" >core.yaml
for load in 80; do
    cat >model.yaml <<END_OF_MODEL
loadcast: model/1
processors: {c: {scheduling: inf}, p: {scheduling: ps, multiplicity: 1}}
tasks:
  users: {processor: c, scheduling: open, arrivals: $(awk "BEGIN {print 2000 / $load}") ms, entries: {all: {calls: [db/read], deterministic: true}}}
  db: {processor: p, multiplicity: infinite, entries: {db/read: {demand: 20 ms}}}
END_OF_MODEL
    "$LOADCAST" simulate model.yaml --quiet --precision '20 %' --trace-count 2000 --traces core.jsonl >result || fail "a core at $load %: $?"
    "$LOADCAST" fit core.jsonl -d core.yaml --json v.json >fitted 2>said || fail "a core at $load %: $(cat said)"
    own_time 18.5 21.5
    flat fitted | grep -q "waiting for cores of db was taken out: .* of the cores busy.* traces.assume_load" || fail "a core at $load %: $(cat fitted)"
done
# Entries that work a tenth and all of their own time, on two cores at 79 % load: the waiting is that of each entry.
cat >model.yaml <<'END_OF_MODEL'
loadcast: model/1
processors: {c: {scheduling: inf}, p: {scheduling: ps, multiplicity: 2}}
tasks:
  readers: {processor: c, scheduling: open, arrivals: 10 ms, entries: {r: {calls: [web/read], deterministic: true}}}
  writers: {processor: c, scheduling: open, arrivals: 36 ms, entries: {w: {calls: [web/write], deterministic: true}}}
  web: {processor: p, multiplicity: infinite, entries: {web/read: {demand: 5 ms, think_time: 45 ms}, web/write: {demand: 40 ms}}}
END_OF_MODEL
"$LOADCAST" simulate model.yaml --quiet --precision '20 %' --trace-count 3000 --traces entries.jsonl >result || fail "entries: $?"
cat >entries.yaml <<'END_OF_SCENARIO'
traces: entries.jsonl
workloads: [{name: r, entry: web/read, rate: 100/s}, {name: w, entry: web/write, rate: 27.78/s}]
deployment: {services: {web: {cores: 2, entries: {read: {cpu: 5 ms}, web/write: {cpu_share: 100 %}}}}}
simulation: {precision: 10 %, uncertainty: none}
END_OF_SCENARIO
"$LOADCAST" run entries.yaml --json v.json >verdict 2>said || fail "entries: $(cat said)"
python='of = {w["workload"]: w for w in v["recorded"][0]["workloads"]}
def is_near(w, truth): # the traces are a sample: recorded and predicted response, in s
    r, p = of[w]["recorded"], of[w]["predicted"]
    error = (r["standard_error"] ** 2 + (p["ci95"] / 1.96) ** 2) ** 0.5
    return not of[w]["differs"] and abs(r["mean"] - p["mean"]) < 2 * error and abs(p["mean"] / truth - 1) < 0.15'
check "entries: recorded beside predicted" 'is_near("r", 0.0591) and is_near("w", 0.113)'
flat verdict | grep -q "waiting for cores of web was taken out: .* which kept \(7[6-9]\|8[0-3]\)[.0-9]* % of the cores busy" || fail "entries: $(cat verdict)"
printf 'services: {web: {cores: 2, entries: {read: {cpu: 5 ms}, web/write: {cpu_share: 100 %%}}}}\n' >entries_fit.yaml
"$LOADCAST" fit entries.jsonl -d entries_fit.yaml --json v.json >fitted 2>said || fail "entries: $(cat said)"
python='own = {e["name"]: 1000 * e["self"] for e in v["entries"]}'
check "own times of entries" '47.5 < own["web/read"] < 52.5 and 36 < own["web/write"] < 44'
# Nothing is stated: what that means is said, with the key.
"$LOADCAST" fit t.jsonl >fitted 2>said || fail "$(cat said)"
flat fitted | grep -q "what requests waited for at db counts as service or network latency: times are taken as they are .* deployment.services.db.concurrency" ||
    fail "nothing is said of the load: $(cat fitted)"
grep -q "warning: requests waited at 'db' while the traces were taken: read took [0-9.]* ms of its own for the [0-9]* requests that found more than [0-9]* others" said ||
    fail "no warning of waiting: $(cat said)"
# 14 threads, stated as 2.
record 14 500 t.jsonl
"$LOADCAST" fit t.jsonl -d db.yaml >fitted 2>said || fail "$(cat said)"
grep -q "warning: deployment.services.db.concurrency is 2, but up to [0-9]* requests at a time" said ||
    fail "no warning of a limit that is too low: $(cat said)"
