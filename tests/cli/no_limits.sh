#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The first use: traces, a load, and no limit stated. What saturates is not known then (status 5), and it is said what would
# be full at which load with how many threads, and what to state.
set -u
. "$SOURCE/tests/support/cli.sh"
cat >model.yaml <<'END_OF_MODEL'
loadcast: model/1
processors: {c: {scheduling: inf}}
tasks:
  users: {processor: c, scheduling: open, arrivals: 1 s, entries: {all: {calls: [web/page], deterministic: true}}}
  web: {processor: c, multiplicity: infinite, entries: {web/page: {demand: {deterministic: 10 ms}, calls: [db/read], deterministic: true}}}
  db: {processor: c, multiplicity: infinite, entries: {db/read: {demand: {deterministic: 40 ms}}}}
END_OF_MODEL
"$LOADCAST" simulate model.yaml --quiet --precision '20 %' --trace-count 100 --traces t.jsonl >/dev/null || fail "simulate"
cat >plain.yaml <<'END_OF_SCENARIO'
traces: t.jsonl
workloads: [{name: all, entry: web/page, rate: 10/s}]
load: {factors: [1, 2]}
goals: {load: 80 %, response_time: {all: {mean: 1 s}}}
simulation: {precision: 5 %}
END_OF_SCENARIO
run 5 run plain.yaml --json v.json
holds out "What saturates is not known: no limit is stated of any component that is used."
# 10/s × 50 ms (web waits for db) and 10/s × 40 ms: half a thread, and 0.4.
grep -Eq '^  web +0.(5|49)[0-9]* +(1|0.99)[.0-9]* +× 2.00 +× 4.00 +× 8.00 +× 16.0$' out || fail "web's busy threads: $(cat out)"
grep -Eq '^  db +0.[34][0-9]* +0.[78][0-9]* +× 2.50 +× 5.00 +× 10.0 +× 20.0$' out || fail "db's busy threads: $(cat out)"
holds out "deployment.services.web.concurrency"
grep -q "undecided  load of every component ≤ 80.0 %" out || fail "the goal for loads is decided: $(cat out)"
grep -q "met        mean response of all" out || fail "the goal for response times is not: $(cat out)"
python='u = {x["component"]: x for x in v["unlimited"]}'
check "status in JSON" 'v["status"] == 5 and v["saturation"] is None'
check "threads in JSON" 'abs(u["db"]["busy"] - 0.4) < 0.01 and abs(u["db"]["full_with_threads"]["4"] - 10) < 0.2'
# Once it is said that there is none, that is no open question; and one limit is one.
sed 's/^workloads/deployment: {services: {web: {concurrency: infinite}, db: {concurrency: infinite}}}\nworkloads/; s/load: 80 %, //' plain.yaml >stated.yaml
run 0 run stated.yaml
holds out "Nothing saturates: no limit is stated of any component that is used."
sed 's/^workloads/deployment: {services: {db: {concurrency: 4}}}\nworkloads/' plain.yaml >limited.yaml
run 0 run limited.yaml --json v.json
python=''
check "the limit counts" 'abs(v["saturation"]["factor"] - 10) < 0.2 and "unlimited" not in v'
# Cores without any work on them are no limit: its threads are in the list, and theirs is the key.
sed 's/^workloads/deployment: {services: {web: {cores: 1, cpu_share: 0}, db: {cores: 1, cpu_share: 0}}}\nworkloads/' plain.yaml >idle.yaml
run 5 run idle.yaml --json v.json
python='u = {x["component"]: x for x in v["unlimited"]}'
check "idle cores are no limit" 'sorted(u) == ["db", "web"] and not u["web"]["stated"]'
