#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# loadcast fit: from traces to a model file, a table and JSON, and what it refuses.
set -eu
. "$SOURCE/tests/support/cli.sh"
command=fit
releases=$SOURCE/scenarios/search/traces
traces=$releases/full-seq-r1.otlp.jsonl.gz
mkdir -p few # of each release, where fewer do
for r in 1 2 3; do
    gzip -dc "$releases/full-seq-r$r.otlp.jsonl.gz" | head -n 60 >"few/r$r.otlp.jsonl"
done

cat >deployment.yaml <<'EOF'
services:
  auth: {concurrency: 2}
  photo: {concurrency: 2}
  search: {concurrency: 16, connections: {postgresql: 4}}
  worker: {replicas: 2, concurrency: 3}
EOF

# A model that reads again, with what the deployment states, and the same one from the same traces.
"$LOADCAST" fit "$traces" -d deployment.yaml -o model.yaml --json fit.json >out 2>err
grep -q "photo/GET /photos" out || fail "the table does not name photo"
grep -q "deployment.services.gateway.concurrency" out || fail "assumptions do not name their keys"
grep -q "background work" err || fail "what was left out is not said"
check "no JSON" "v['schema'] == 'loadcast.fit/1'" fit.json
"$LOADCAST" convert model.yaml -o model.json >/dev/null 2>&1
check "the pool of connections is missing" "'search>postgresql' in v['tasks']" model.json
"$LOADCAST" fit "$traces" -d deployment.yaml -o - --quiet >again.yaml 2>/dev/null
cmp model.yaml again.yaml || fail "the same traces give another model, or another one on standard output"

# Samples taken under load: waiting is taken out where a capacity is known.
"$LOADCAST" fit few/r1.otlp.jsonl -d deployment.yaml --assume-load measured >out 2>/dev/null
grep -q "the traces were taken at low load: waiting was less than 1 % of the times; it was taken out" out || fail "nothing is said of waiting: $(cat out)"
refused 3 "state them" few/r1.otlp.jsonl --assume-load measured

# Several releases: the one that is asked for tells what happens, all tell how long what they share takes.
"$LOADCAST" fit "$releases" --release r1 >out 2>err
grep -q "times of releases r1, r2, r3: pooled in" out || fail "releases are not pooled"
grep -q "photo/GET /photos.demand  *600 " out || fail "photo has not 600 samples"
grep -q "search/GET /find/:type\\.pattern 1  *200 " out || fail "search has other patterns than those of r1"
grep -q "releases r" err && fail "releases are complained about although one was asked for"
"$LOADCAST" fit few >out 2>err
grep -q "warning: the traces that begin with 'gateway' are of the releases r1, r2, r3" err || fail "no word of releases"
refused 3 "no trace is of the release 'r7'; expected one of r1, r2, r3" few --release r7

# The time on the way by services: 100 calls of 4 ms and 50 of 2 ms between two hosts whose clocks differ by 7 ms, which
# the calls of 2 ms tell to within 1 ms.
awk 'BEGIN {
    for (i = 0; i < 150; i++) {
        way = i < 100 ? 4000000 : 2000000
        printf "{\"resourceSpans\":["
        span("web", "h1", 1, "", i < 100 ? "page" : "list", 2, 0, 40013000 + i * 1000)
        printf ","
        span("web", "h1", 2, 1, "read", 3, 10001000, 10001000 + way + 5001000)
        printf ","
        span("db", "h2", 3, 2, "read", 2, 10001000 + way / 2 + 7000000, 10001000 + way / 2 + 7000000 + 5001000)
        print "]}"
    }
}
function span(service, host, id, parent, name, kind, from, to) {
    printf "{\"resource\":{\"attributes\":[{\"key\":\"service.name\",\"value\":{\"stringValue\":\"%s\"}},", service
    printf "{\"key\":\"host.name\",\"value\":{\"stringValue\":\"%s\"}}]},\"scopeSpans\":[{\"spans\":[{", host
    printf "\"traceId\":\"%032x\",\"spanId\":\"%016x\",", i + 1, 4 * i + id
    if (parent != "") printf "\"parentSpanId\":\"%016x\",", 4 * i + parent
    printf "\"name\":\"%s\",\"kind\":%d,\"startTimeUnixNano\":\"%s\",", name, kind, at(from)
    printf "\"endTimeUnixNano\":\"%s\",\"attributes\":[]}]}]}", at(to)
}
function at(ns) { return sprintf("%d%09d", 1767225600 + i, ns) }' >network.jsonl
"$LOADCAST" fit network.jsonl --json network.json >out 2>err
"$LOADCAST" fit network.jsonl >out 2>err
grep -q "  web → db: 3.33 ± 0.08 ms, n = 150, " out || fail "not the pooled time between web and db: $(cat out)"
grep -q "^h1  *h2  *7.000  *5.99[0-9]  *8.00[0-9]  *150  *0$" out || fail "not the clocks' offset: $(cat out)"
tr -d ' \n' <network.json >flat
grep -q '"network":\[{"caller":"web","callee":"db","n":150,"mean":0.00333' flat || fail "JSON: no network"
grep -q '"clocks":\[{"caller":"h1","callee":"h2","offset_ns":7000000,.*"samples":150,"contradictory":0,"consistent":true}\]' flat ||
    fail "JSON: no clocks: $(cat flat)"

# Times that rise and fall over 40 requests are no independent samples; times in which every second is long tell more
# about the mean than as many independent ones. Every request alone: web's are chance.
awk 'BEGIN {
    srand(7)
    for (i = 0; i < 200; i++) {
        slow = 20 + 8 * sin(i * 2 * 3.14159265 / 40)
        one("db", 1, slow + 4 * rand())
        one("web", 2, 20 + 12 * rand())
    }
}
function one(service, id, ms) {
    printf "{\"resourceSpans\":[{\"resource\":{\"attributes\":[{\"key\":\"service.name\",\"value\":{\"stringValue\":\"%s\"}}]},", service
    printf "\"scopeSpans\":[{\"spans\":[{\"traceId\":\"%032x\",\"spanId\":\"%016x\",\"name\":\"work\",\"kind\":2,", 2 * i + id, id
    printf "\"startTimeUnixNano\":\"%d000000000\",\"endTimeUnixNano\":\"%d%09d\"}]}]}]}\n", 1767225600 + i, 1767225600 + i, ms * 1e6
}' >dependent.jsonl
"$LOADCAST" fit dependent.jsonl --json dependent.json >out 2>err
"$LOADCAST" fit dependent.jsonl >out 2>err
grep -q "^  db/work.demand: lag-1 autocorrelation 0.9[0-9], .* 200 are worth about [0-9] independent ones$" out ||
    fail "nothing about successive requests of db: $(cat out)"
grep -q "^  web/work.demand: lag-1" out && fail "chance is taken for dependence: $(cat out)"
"$PYTHON" - <<'END_OF_PYTHON' || fail "JSON: wrong parameters: $(cat dependent.json)"
import json
parameters = {p['path']: p for p in json.load(open('dependent.json'))['parameters']}
db, web = parameters['db/work.demand'], parameters['web/work.demand']
assert db['lag1'] > 0.9 and db['ljung_box_p'] < 1e-9 < 0.001 < web['ljung_box_p']
assert 'n = 200' in db['reason'] and '(' in web['distribution'] and all('ks' in f for f in web['families'])
END_OF_PYTHON

# One request in four, by the threshold in the trace state: 200 in 199 s were 4/s. A threshold of 0 keeps all.
sed 's/"name":"work"/"name":"work","traceState":"vendor=th:8,ot=rv:9b8233f7e3a151;th:c"/' dependent.jsonl >state.jsonl
"$LOADCAST" fit state.jsonl >out 2>err
holds out "sampling, traces: 25 % (sampler.param, or trace state, of 400 of 400 traces"
holds out "arrivals, db/work: 4/s (200 requests in 199 s"
sed 's/th:c"/th:0"/' state.jsonl >all.jsonl
"$LOADCAST" fit all.jsonl >out 2>err
grep -q "sampling, traces" out && fail "all requests are a sample: $(cat out)"
cat >state.json <<'EOF'
{"data":[{"traceID":"1","spans":[{"traceID":"1","spanID":"1","operationName":"page","startTime":1700000000000000,"duration":1000,
"processID":"p","tags":[{"key":"w3c.tracestate","type":"string","value":"ot=th:8"}]}],"processes":{"p":{"serviceName":"web"}}}]}
EOF
"$LOADCAST" fit state.json >out 2>err
holds out "sampling, traces: 50 %"

# The report is one page that asks for nothing else: every parameter with its plot, names escaped.
sed 's/"list"/"<list> \& more"/' network.jsonl >escaped.jsonl
"$LOADCAST" fit escaped.jsonl --report report.html --quiet || fail "no report"
grep -q "<td>web/&lt;list&gt; &amp; more</td>" report.html || fail "names are not escaped: $(grep '<td>web' report.html)"
for part in Entries Parameters "Time on the way between services" Assumptions; do
    grep -q "<h2>$part</h2>" report.html || fail "the report has no part '$part'"
done
! grep -qE 'src=|href=' report.html || fail "the report needs other files"

"$LOADCAST" fit "$traces" --report report.html --quiet
[ "$(grep -c 'maximum likelihood' report.html)" -gt 20 ] || fail "the report lacks parameters"
[ "$(grep -c '<polyline' report.html)" -eq "$(grep -c 'maximum likelihood' report.html)" ] || fail "parameters without plots"

# Over a day: 10 + h requests in the hour h, at equal distances. A scenario reads what is told.
awk 'BEGIN {
    for (h = 0; h < 24; h++)
        for (i = 0; i < 10 + h; i++) {
            second = 1767225600 + 3600 * h + int(3600 * i / (10 + h))
            printf "{\"resourceSpans\":[{\"resource\":{\"attributes\":[{\"key\":\"service.name\",\"value\":{\"stringValue\":\"web\"}}]},"
            printf "\"scopeSpans\":[{\"spans\":[{\"traceId\":\"%032x\",\"spanId\":\"%016x\",", 100 * h + i + 1, 100 * h + i + 1
            printf "\"name\":\"page\",\"kind\":2,\"startTimeUnixNano\":\"%d%09d\",", second, 1 + 997 * i
            printf "\"endTimeUnixNano\":\"%d%09d\",\"attributes\":[]}]}]}]}\n", second, 10000001 + 1009 * i
        }
}' >day.jsonl
"$LOADCAST" fit day.jsonl --json v.json --report report.html >out 2>err || fail "$(cat err)"
accepted v.json
# The last hour is known until its last request: 33 in 32 of 33 distances.
check "rates of hours" 'all(abs(h["rate"] * 3600 - (10 + h["hour"]) * (33 / 32 if h["hour"] == 23 else 1)) < 0.01 for h in v["arrivals"][0]["hours"])'
grep -q "<h2>Arrivals over the day</h2>" report.html || fail "the report has no arrivals"
[ "$(grep -o '<rect' report.html | wc -l)" -eq 24 ] || fail "not a bar for each hour"
"$PYTHON" -c 'import json; print("""traces: day.jsonl
workloads: [{name: day, entry: web/page, arrivals: %s}]
simulation: {mode: transient, duration: 24 h, step: 1 h, replications: 400}""" % json.load(open("v.json"))["arrivals"][0]["arrivals"])' >day.yaml
"$LOADCAST" run day.yaml --json v.json >out 2>err || fail "the pattern cannot be read: $(cat err)"
# Poisson numbers in 400 runs: within 4.5 standard errors of the hour's 10 + h.
python='arrivals = [s for s in v["points"][0]["transient"]["series"] if s["quantity"] == "arrivals"][0]["mean"]'
check "arrivals of hours" 'all(abs(3600 * a - 10 - h) < 4.5 * ((10 + h) / 400) ** 0.5 + 1.1 for h, a in enumerate(arrivals))'
python=

# Phases instead of graphs: list makes one call after 10 ms and works 23.051 ms on, on the average, before it replies.
"$LOADCAST" fit network.jsonl --phases -o phases.lqn >out 2>err
grep -q "note: entry 'web/list': 3 activities became phases" err || fail "no word of phases: $(cat err)"
grep -q "^ *s web_list 0.0331" phases.lqn || fail "not the demand of both parts: $(cat phases.lqn)"
grep -q "^ *y web_list db_read 1 " phases.lqn || fail "the call is not the phase's"
grep -q "^ *A " phases.lqn && fail "activities are left"
refused 2 "needs --output" network.jsonl --phases

# Requests shorter than the clock's unit, of 1 ms; one of the 200 is written by another clock, and 40 lost a span.
awk 'BEGIN {
    for (i = 0; i < 200; i++) {
        start = 50000 * i + 1000 * (i * 7919 % 13) + (i == 77) # µs
        end = start + (i % 5 == 1 ? 1000 : 0)
        printf "{\"resourceSpans\":[{\"resource\":{\"attributes\":[{\"key\":\"service.name\",\"value\":{\"stringValue\":\"web\"}}]},"
        printf "\"scopeSpans\":[{\"spans\":["
        for (s = 1; s <= 1 + (i % 5 == 0); s++) {
            printf "%s{\"traceId\":\"%032x\",\"spanId\":\"%016x\",", (s > 1 ? "," : ""), i + 1, s
            if (s > 1)
                printf "\"parentSpanId\":\"00000000000000aa\","
            printf "\"name\":\"page\",\"kind\":2,\"startTimeUnixNano\":\"%d%06d000\",", 1767225600 + int(start / 1e6), start % 1e6
            printf "\"endTimeUnixNano\":\"%d%06d000\",\"attributes\":[]}", 1767225600 + int(end / 1e6), end % 1e6
        }
        print "]}]}]}"
    }
}' >short.jsonl
run 0 short.jsonl --json v.json
accepted v.json
holds err "40 of 200 traces of 'web/page' lost spans"
holds out "Times read in units of 1.00 ms (1 of 1 parameters)"
holds out "1 of 1 times are shorter than the clock's unit, 1 ms, and nothing shows how they vary: exponential"
holds out "arrivals, web/page: 20.1/s"
holds out "160 requests in 9.91 s, of a sample of 160, those whose traces lost no spans; 40 did"
check "the unit" 'v["parameters"][0]["unit"] == 0.001'
run 0 short.jsonl --json v.json --unit none
grep -q "read in units" out && fail "a unit in spite of --unit none"
check "no unit" 'v["parameters"][0]["unit"] is None'
refused 2 "expected a number greater than 0 or 'none', found '-1'" short.jsonl --unit -1

refused 2 "no traces are given"
refused 2 "expected auto, low or measured" "$traces" --assume-load high
refused 2 "goes with neither" "$traces" --samples numbers
refused 3 "nothing.json" nothing.json
echo "services: {foto: {concurrency: 2}}" >wrong.yaml
refused 3 "wrong.yaml:1" "$traces" -d wrong.yaml -o never.yaml
[ ! -e never.yaml ] || fail "a model was written in spite of the error"
