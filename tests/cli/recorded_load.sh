#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The prediction at the recorded load stands beside what was recorded; time-outs that are plain in the traces are learned;
# what no workload reaches is a note.
set -u
. "$SOURCE/tests/support/cli.sh"
cat >model.yaml <<'END_OF_MODEL'
loadcast: model/1
processors: {c: {scheduling: inf}}
tasks:
  users: {processor: c, scheduling: open, arrivals: 20 ms, entries: {all: {calls: [web/page], deterministic: true}}}
  rare: {processor: c, scheduling: open, arrivals: 2 s, entries: {some: {calls: [admin/list], deterministic: true}}}
  web: {processor: c, multiplicity: infinite, entries: {web/page: {demand: 5 ms, calls: [db/read], deterministic: true}}}
  db: {processor: c, multiplicity: 2, entries: {db/read: {demand: 20 ms}}}
  admin: {processor: c, multiplicity: infinite, entries: {admin/list: {demand: 5 ms, calls: [photo/get], deterministic: true}}}
  photo: {processor: c, multiplicity: infinite, entries: {photo/get: {demand: 5 ms}}}
END_OF_MODEL
"$LOADCAST" simulate model.yaml --quiet --precision '20 %' --trace-count 3000 --traces t.jsonl >/dev/null || fail "simulate"
cat >plain.yaml <<'END_OF_SCENARIO'
traces: t.jsonl
deployment: {services: {db: {concurrency: 2}, photo: {concurrency: 3}}}
workloads: [{name: all, entry: web/page, rate: 80/s}]
what_if: [{name: more photos, change: {photo.concurrency: 4}}]
simulation: {precision: 5 %}
END_OF_SCENARIO
run 0 run plain.yaml --json v.json
# M/M/2 at half of its load: 20 / (1 - 0.25) ms, and 5 ms of web.
python='r = v["recorded"][0]; w = r["workloads"][0]'
check "one recording" 'len(v["recorded"]) == 1 and w["workload"] == "all" and not r["overloaded"] and not r["one_by_one"]'
check "the recorded load" 'abs(w["rate"] - 50) < 4 and abs(w["recorded"]["mean"] - 0.0317) < 0.005'
check "the prediction at it" 'abs(w["predicted"]["mean"] / w["recorded"]["mean"] - 1) < 0.15 and not w["differs"]'
holds out "The recorded load, and what the model predicts for it"
holds err "note: plain.yaml"
holds err "'photo' is in the traces, but no workload reaches it"
[ "$(grep -c 'photo' err)" -eq 1 ] || fail "photo is said more than once: $(cat err)"
# The 95 % quantile of what is served by two threads at half of their load, 76.4 ms (M/M/2), and of 5 ms of web besides.
check "p95" '0.06 < w["recorded"]["p95"] < 0.1 and abs(w["predicted"]["p95"] / w["recorded"]["p95"] - 1) < 0.2'
# The same seed gives the same prediction, whatever the clock allows; test reports and curves over time have the table too.
cp v.json first.json
run 0 run plain.yaml --json v.json --junit j.xml
python='import json; a = json.load(open("first.json"))'
check "the same prediction again" 'a["recorded"] == v["recorded"]'
holds j.xml "<system-out>db saturates first"
holds j.xml "The recorded load, and what the model predicts for it"
sed 's/^simulation: .*/simulation: {mode: transient, duration: 2 s, step: 1 s, replications: 3}/; /^what_if/d' plain.yaml >curves.yaml
run 0 run curves.yaml --json v.json
holds out "The recorded load, and what the model predicts for it"
check "the prediction beside curves" 'a["recorded"][0]["workloads"][0]["recorded"] == v["recorded"][0]["workloads"][0]["recorded"] and not v["recorded"][0]["workloads"][0]["differs"]'
# A mix has a quantile too: of what its elements took together.
sed 's/entry: web\/page,/mix: {web\/page: 1, admin\/list: 0.01},/; /^what_if/d' plain.yaml >mix.yaml
run 0 run mix.yaml --json v.json
python='w = v["recorded"][0]["workloads"][0]'
check "p95 of the mix" '0.06 < w["recorded"]["p95"] < 0.1 and abs(w["predicted"]["p95"] / w["recorded"]["p95"] - 1) < 0.2'
# Waiting that counts twice is seen at once.
sed 's/t.jsonl/{files: t.jsonl, assume_load: low}/; s/80/40/' plain.yaml >low.yaml
"$LOADCAST" run low.yaml --json v.json >out 2>err
check "low load is contradicted" 'w["differs"]'
holds out "Above what was recorded"
# Files at other rates are recordings of their own, without a pause that would tell: 45 requests at 12.5/s, 45 at 4.2/s.
sed -n '1,180{0~4p}' t.jsonl >a.jsonl
sed -n '190,730{0~12p}' t.jsonl >b.jsonl
sed 's/t.jsonl/[a.jsonl, b.jsonl]/; s/, photo: {concurrency: 3}//; /^what_if/d; s/80/40/' plain.yaml >files.yaml
run 0 run files.yaml --json v.json
python='r = v["recorded"]'
check "a recording of each file" 'len(r) == 2 and 9 < r[0]["workloads"][0]["rate"] < 17 and 3 < r[1]["workloads"][0]["rate"] < 6'
cat a.jsonl b.jsonl >both.jsonl
sed 's/t.jsonl/both.jsonl/; s/, photo: {concurrency: 3}//; /^what_if/d; s/80/40/' plain.yaml >file.yaml
run 0 run file.yaml --json v.json
check "one file with few requests is one" 'len(v["recorded"]) == 1'
sed -n '1,800{0~4p}' t.jsonl >a.jsonl
sed -n '1,800{1~2p}' t.jsonl >b.jsonl
run 0 run files.yaml --json v.json
holds err "note: two of the files were recorded at the same time, with "
check "what was recorded at the same time is one" 'len(v["recorded"]) == 1'
# Requests whose traces lost spans came as well: a third of these 180 a minute. What always takes as long is exact.
awk 'BEGIN {
    for (i = 1; i <= 180; i++) {
        printf "{\"resourceSpans\":["
        for (s = 1; s <= 3; s++) {
            if (s == 2 && i % 3 == 0)
                continue
            printf "%s{\"resource\":{\"attributes\":[{\"key\":\"service.name\",\"value\":{\"stringValue\":\"m%d\"}}]},", (s > 1 ? "," : ""), s
            printf "\"scopeSpans\":[{\"spans\":[{\"traceId\":\"%032x\",\"spanId\":\"%016x\",\"parentSpanId\":\"%s\",", i, s, (s > 1 ? sprintf("%016x", s - 1) : "")
            printf "\"name\":\"GET /x\",\"kind\":2,\"startTimeUnixNano\":\"%d%09d\",", 1700000000 + int(i / 3), i % 3 * 300000000 + s * 1000000 + 17
            printf "\"endTimeUnixNano\":\"%d%09d\"}]}]}", 1700000000 + int(i / 3), i % 3 * 300000000 + 100000000 - s * 1000000 + 17
        }
        print "]}"
    }
}' >lost.jsonl
cat >lost.yaml <<'END_OF_SCENARIO'
traces: lost.jsonl
deployment: {services: {m1: {concurrency: 9}, m2: {concurrency: 9}, m3: {concurrency: 9}}}
workloads: [{name: all, entry: "m1/GET /x", rate: 1/s}]
simulation: {precision: 5 %}
END_OF_SCENARIO
run 0 run lost.yaml --json v.json
python='r = v["recorded"]'
check "requests that lost spans came" 'len(r) == 1 and abs(r[0]["workloads"][0]["rate"] - 3) < 0.1'
holds out "98.0 ± 0.0"
# Time-outs.
cp "$SOURCE/tests/data/traces/client-timeout.json.gz" .
cat >timeout.yaml <<'END_OF_SCENARIO'
traces: client-timeout.json.gz
deployment: {services: {shop: {concurrency: 64}, stock: {concurrency: 64}}}
workloads: [{name: x, entry: "shop/GET /x", rate: 1/s}]
simulation: {precision: 2 %}
END_OF_SCENARIO
run 0 run timeout.yaml --json v.json
holds out "shop gives up calls of stock: after 50 ms"
holds out "deployment.services.stock.timeout"
python='x = v["points"][0]["result"]["workloads"][0]'
check "mean with the time-out" 'abs(x["response_time"]["mean"] - 0.0395) < 0.0015'
check "p95 with the time-out" 'abs(x["percentiles"]["95"] - 0.0606) < 0.002'
