#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A system whose pool of two nobody states, recorded at two loads: the model of the quiet one holds with the pool, and with
# nothing stated the call to it is named.
set -u
. "$SOURCE/tests/support/cli.sh"

model() { # RATE
    cat <<END_OF_MODEL
loadcast: model/1
time_unit: s
processors: {c: {scheduling: inf}}
tasks:
  users: {processor: c, scheduling: open, arrivals: $1, entries: {u: {calls: [page], deterministic: true}}}
  web: {processor: c, multiplicity: infinite, entries: {page: {demand: {gamma: {shape: 4, scale: 0.005}}, calls: [read], deterministic: true}}}
  db: {processor: c, multiplicity: 2, entries: {read: {demand: {exponential: 0.1}}}}
END_OF_MODEL
}
model 0.25 >quiet.yaml
model 0.066667 >busy.yaml
command=simulate
run 0 quiet.yaml --quiet --seed 3 --precision '20 %' --traces quiet.jsonl --trace-count 2000
run 0 busy.yaml --quiet --seed 4 --precision '20 %' --traces busy.jsonl --trace-count 3000
command=
"$PYTHON" - <<'END_OF_PYTHON'
import re
text = open('busy.jsonl').read() # an hour after the quiet one
text = re.sub(r'("(?:start|end)TimeUnixNano": *")(\d+)"', lambda m: f'{m.group(1)}{int(m.group(2)) + 3600 * 10**9}"', text)
open('busy.jsonl', 'w').write(re.sub(r'("(?:traceId|spanId|parentSpanId)": *")([0-9a-f])', lambda m: m.group(1) + '%x' % (int(m.group(2), 16) ^ 8), text))
END_OF_PYTHON

run 0 backtest quiet.jsonl busy.jsonl --json v.json --report page.html
accepted v.json
holds out "The model holds up to 3.9"
holds out "db/read answers later than predicted"
check "the levels" '[l["learned"] for l in v["levels"]] == [True, False] and [l["holds"] for l in v["levels"]] == [True, False]'
check "the call" 'any(f["quantity"] == "call_time" and f["of"] == "db/read" and f["caller"] == "web/page" and f["difference"] > 0.5 and not f["inside"] for f in v["levels"][1]["figures"])'
check "a recorded figure and its interval" 'all(f["recorded95"][0] is None or f["recorded95"][0] <= f["recorded"] for l in v["levels"] for f in l["figures"])'
# Little's law holds of what was recorded: requests at db = calls a second × time of a call.
python='f = {(f["quantity"], f["of"]): f["recorded"] for f in v["levels"][1]["figures"] if f["percentile"] is None}'
check "Little's law" 'abs(f["present", "db"] / (f["throughput", "db"] * f["call_time", "db/read"]) - 1) < 0.01'
python=
holds page.html "<svg"
run 1 backtest quiet.jsonl busy.jsonl --tolerance '10 %' --quiet

cat >stated.yaml <<'END_OF_SCENARIO'
traces: [quiet.jsonl, busy.jsonl]
deployment: {services: {db: {concurrency: 2}}}
workloads: [{name: all, entry: web/page, rate: 4/s}]
END_OF_SCENARIO
run 0 backtest stated.yaml --tolerance '10 %' --json v.json
holds out "The model holds at all loads that were measured, up to 3."
check "nearly all figures are inside" 'v["holds"] and v["inside"] >= v["figures"] - 2 and v["figures"] >= 8'

# Load tests of an M/M/1 queue that serves 10 a second: 1 / (10 - rate) s, in every format.
cat >queue.yaml <<'END_OF_MODEL'
loadcast: model/1
time_unit: s
processors: {web: {scheduling: inf}}
tasks: {web: {processor: web, multiplicity: 1, entries: {page: {demand: {exponential: 0.1}}}}}
END_OF_MODEL
cat >mm1.yaml <<'END_OF_SCENARIO'
model: queue.yaml
workloads: [{name: all, entry: page, rate: 2/s}]
simulation: {precision: 2 %}
END_OF_SCENARIO
cat >test.csv <<'END_OF_CSV'
load;component;utilization;response_ms;p95
1;web;20 %;;
1;all;;125;374.5 ms
4;web;0.8;;
4;all;;500;1.498
END_OF_CSV
run 0 backtest mm1.yaml --measured test.csv --tolerance '5 %' --json v.json
check "the CSV" '[l["name"] for l in v["levels"]] == ["× 1", "× 4"] and v["figures"] == 6 and all(abs(f["difference"]) < 0.05 for l in v["levels"] for f in l["figures"])'
sed 's/;500;/;600;/' test.csv >slow.csv
run 1 backtest mm1.yaml --measured slow.csv --tolerance '10 %'
holds out "all answers later than predicted"
echo '{"metrics": {"http_reqs": {"count": 900, "rate": 5}, "http_req_duration": {"avg": 200, "med": 138.6, "p(95)": 599.1}}}' >k6.json
printf 'Running 30s test @ http://web/\n    Latency   200.00ms   1.00ms 999.00ms 80.00%%\n  Latency Distribution\n     50%%  138.60ms\n     99%%    0.92s\nRequests/sec:      5.00\n' >wrk.txt
echo '{"Total": {"throughput": 5, "meanResTime": 200, "pct2ResTime": 599.1}, "all": {"throughput": 5, "medianResTime": 138.6}}' >jmeter.json
"$PYTHON" - <<'END_OF_PYTHON'
import json
times = range(1000, 1010)
series = lambda labels, value: {'metric': labels, 'values': [[t, str(value * (1 + 0.02 * (t % 2 * 2 - 1)))] for t in times]}
json.dump({'status': 'success', 'data': {'resultType': 'matrix', 'result': [
    series({'workload': 'all', 'quantity': 'throughput'}, 5), series({'workload': 'all', 'quantity': 'response', 'quantile': '0.95'}, 0.5991),
    series({'component': 'web', '__name__': 'thread_utilization'}, 0.5)]}}, open('prometheus.json', 'w'))
END_OF_PYTHON
# A log of 4000 requests, 5 a second: its times are the quantiles of an exponential distribution of mean 200 ms.
python3 - <<'END_OF_PYTHON'
import math, random
order = random.Random(1)
times = [round(-200 * math.log(1 - (i + 0.5) / 4000)) for i in range(4000)]
order.shuffle(times)
print('timeStamp,elapsed,label,responseCode,success', *(f'{1700000000000 + 200 * i},{t},home,200,true' for i, t in enumerate(times)),
      '1700000800000,1,home,500,false', sep='\n', file=open('log.jtl', 'w'))
END_OF_PYTHON
for file in k6.json wrk.txt jmeter.json prometheus.json log.jtl; do
    run 0 backtest mm1.yaml --measured $file --tolerance '5 %' --json v.json
    check "$file" 'len(v["levels"]) == 1 and abs(v["levels"][0]["rate"] - 5) < 0.01 and v["figures"] >= 3 and all(abs(f["difference"]) < 0.05 for f in v["levels"][0]["figures"])'
done
check "the log has errors of its own, and no failed request" 'all(f["recorded95"][0] < f["recorded"] < f["recorded95"][1] for f in v["levels"][0]["figures"]) and v["levels"][0]["figures"][0]["requests"] == 4000'
holds err "the times of 1 of 4001 requests are left out"
# Two queues of that kind, of which one is slow: the mix is that of the test, 3 and 6 a second, not that of the scenario.
sed 's/^processors.*/processors: {web: {scheduling: inf}, shop: {scheduling: inf}}/;s/^tasks: {/&shop: {processor: shop, multiplicity: 1, entries: {buy: {demand: {exponential: 0.1}}}}, /' queue.yaml >queues.yaml
sed 's/queue/queues/;s/rate: 2.s}/rate: 1\/s}, {name: buyers, entry: buy, rate: 1\/s}/;s/2 %/2 %, seed: 2/' mm1.yaml >mix.yaml
measured='"http_req_duration{name:all}": {"avg": 142.857}, "http_req_duration{name:buyers}": {"avg": 250}'
echo '{"metrics": {"http_reqs": {"count": 900, "rate": 9}, "http_reqs{name:all}": {"count": 300, "rate": 3}, '$measured'}}' >k6.json
printf 'rate,component,throughput,response_ms\n9,all,,142.857\n9,buyers,6,250\n' >rest.csv
for file in k6.json rest.csv; do
    run 0 backtest mix.yaml --measured $file --tolerance '5 %' --json v.json
    check "the mix of $file" 'abs(v["levels"][0]["rate"] - 9) < 0.01 and v["figures"] == 3 and v["inside"] == 3 and all(abs(f["difference"]) < 0.05 for f in v["levels"][0]["figures"])'
done
printf 'time,component,throughput,response_ms\n10,all,4,\n10,buyers,,166.667\n20,all,4,\n20,buyers,,166.667\n' >half.csv
run 0 backtest mix.yaml --measured half.csv --tolerance '5 %' --json v.json
check "the mix of the scenario where nothing else is known" 'abs(v["levels"][0]["rate"] - 8) < 0.01 and all(abs(f["difference"]) < 0.05 for f in v["levels"][0]["figures"])'
holds err "of others not: these are assumed to come as often for each request of those as in the scenario"
printf 'rate,component,throughput,response_ms\n5,all,3,142.857\n5,buyers,6,250\n' >less.csv
run 0 backtest mix.yaml --measured less.csv --tolerance '5 %' --json v.json
check "a rate of all that is less than its parts" 'abs(v["levels"][0]["rate"] - 9) < 0.01 and v["inside"] == v["figures"] == 4'
holds err "the rate of all requests was measured as 5/s, but the throughputs of the workloads sum to 9/s"
echo 'a,b' >none.csv
refused 3 "none.csv:1: not known as measurements" backtest mm1.yaml --measured none.csv
echo 'load,component,response
1,web,soon' >soon.csv
refused 3 "soon.csv:2:" backtest mm1.yaml --measured soon.csv
refused 3 "name a load test with --measured FILE" backtest mm1.yaml

refused 5 "the traces are of one load" backtest quiet.jsonl
refused 2 "no scenario is named, and no traces" backtest
exit $failures
