#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A system without instrumentation: a known model is simulated, its traces become rows of DeepFlow without any trace id,
# and the rows give the model's numbers back.
set -u
. "$SOURCE/tests/support/cli.sh"
cp "$SOURCE/tests/data/hand/hops.yaml" model.yaml
"$LOADCAST" simulate model.yaml --quiet --precision 20% --trace-count 1000 --traces traces.jsonl >out || fail "simulate: $?"
"$PYTHON" "$SOURCE/tests/support/flow_rows.py" traces.jsonl >rows.json || fail "rows"
grep -q "$(grep -o -m 1 '"traceId":"[0-9a-f]*' traces.jsonl | head -n 1 | cut -d'"' -f4)" rows.json && fail "an id went along"
"$LOADCAST" extract rows.json --format spans >spans 2>err || fail "spans: $(cat err)"
[ "$(wc -l <spans)" -eq 1000 ] || fail "not a document a trace: $(wc -l <spans)"

# Their order tells nothing.
"$PYTHON" - <<'END' || fail "rows in the order of time"
import json
answer = json.load(open('rows.json'))
columns, rows = answer['result']['columns'], answer['result']['values']
start = columns.index('start_time_us')
rows.sort(key=lambda r: (r[start], r[0]))
json.dump(answer, open('sorted.json', 'w'))
side, every, kept = columns.index('tap_side'), 0, []
for row in rows: # the agent of the shop loses one in ten of the calls that it made
    every += row[side] == 'c-p'
    if row[side] != 'c-p' or every % 10:
        kept.append(row)
json.dump({'result': {'columns': columns, 'values': kept}}, open('lost.json', 'w'))
END
"$LOADCAST" extract sorted.json --format spans >by_time 2>err || fail "in the order of time: $(cat err)"
sort spans >expected
sort by_time | cmp - expected || fail "the order of rows tells"
grep -q 'came after' err && fail "late: $(cat err)"
"$LOADCAST" extract lost.json >out 2>err
holds err 'of 1000 calls from shop to stock were seen in the process of the server alone'
grep -q 'agent lost' err || fail "losses: $(cat err)"
"$LOADCAST" extract rows.json >out 2>err
grep -q 'lost records' err && fail "losses where there are none: $(cat err)"
"$LOADCAST" extract rows.json --summary >out 2>err
grep -q '^shop  *stock  *s – s-p  *1000  *0\.[56]' out || fail "no hops in the summary: $(cat out)"
"$LOADCAST" fit rows.json --json fit.json -o fitted.yaml >out 2>err || fail "fit: $(cat err)"
"$PYTHON" - <<'END' || fail "the model's numbers"
import json
fit = json.load(open('fit.json'))
demands = {p['path']: p for p in fit['parameters']}
def near(what, found, error, wanted):
    if abs(found - wanted) > 4 * error + 2e-6:  # rows are whole microseconds
        raise SystemExit(f'{what}: expected {wanted}, found {found} ± {error}')
for path, wanted in (('shop.buy_self.demand', 4e-3), ('shop.buy_self_2.demand', 2e-3), ('shop.buy_self_3.demand', 1e-3),
                     ('stock/take.demand', 3e-3), ('bank/pay.demand', 5e-3)):
    near(path, demands[path]['mean'], demands[path]['standard_error'], wanted)
ways = {(n['callee'], n['from'], n['to']): n for n in fit['network']}
for callee, way in (('stock', 2e-3), ('bank', 0.5e-3)):
    for points, part in ((('client process', 'client NIC'), 0.1), (('client NIC', 'server NIC'), 0.6),
                         (('server NIC', 'server process'), 0.3)):
        n = ways.pop((callee, *points))
        near(f'{callee} {points}', n['mean'], n['standard_error'], part * way)
if ways:
    raise SystemExit(f'more than was asked: {ways}')
END
grep -q 'shop → stock (server NIC → server process): ' out || fail "no hops: $(cat out)"

# Of answers of its tracing API that overlap in time, more rows than are put together at once, each is a trace.
"$PYTHON" - "$SOURCE/tests/data/traces/deepflow/overlap.json" <<'END' >answers.json || fail "answers"
import copy, json, sys
answer = json.load(open(sys.argv[1]))
for k in range(1000):
    one = copy.deepcopy(answer)
    for row in one['DATA']['tracing']:
        row['_ids'] = [str(int(row['_ids'][0]) + 10 * k)]
        row['start_time_us'] += 300 * k
        row['end_time_us'] += 300 * k
    print(json.dumps(one))
END
"$LOADCAST" extract answers.json --format spans >spans 2>err || fail "answers that overlap: $(cat err)"
"$PYTHON" - <<'END' || fail "answers that overlap"
import json
traces = [json.loads(line)['spans'] for line in open('spans')]
first = 7301444403200000001
for k, spans in enumerate(traces):
    found = [(int(s['ids'][0]) - first - 10 * k, s['parent_id'], s['duration_us'], s['self_us']) for s in spans]
    caller = str(first + 10 * k)
    if found != [(0, None, 1000, 300), (1, caller, 600, 600), (2, caller, 600, 600)]:
        raise SystemExit(f'{k}: {found}')
if len(traces) != 1000:
    raise SystemExit(f'{len(traces)} traces')
END

# And what it answers of the recorded load is what was recorded.
cat >scenario.yaml <<'END'
traces: rows.json
workloads: [{name: buyers, entry: shop/buy, rate: 10/s}]
simulation: {precision: 10 %}
END
"$LOADCAST" run scenario.yaml --quiet --json run.json >out 2>err
status=$?
[ $status -le 1 ] || [ $status -eq 5 ] || fail "run: $status, $(cat err)" # 5: no limit is stated, nothing saturates
"$PYTHON" - <<'END' || fail "the recorded load, and what is predicted for it"
import json
w = json.load(open('run.json'))['recorded'][0]['workloads'][0]
if w['requests'] != 1000 or w['differs'] or abs(w['recorded']['mean'] - w['predicted']['mean']) > 0.03 * w['recorded']['mean']:
    raise SystemExit(w)
END

# The network is a row for each hop in every output: delays of the model, whatever the load, which a what-if changes.
cat >halved.yaml <<'END'
traces: rows.json
workloads: [{name: buyers, entry: shop/buy, rate: 10/s}]
what_if: [{name: a faster network, change: {shop.network.stock: x 0.5}}]
simulation: {replications: 2, uncertainty: none}
END
"$LOADCAST" run halved.yaml --quiet --json run.json --csv run.csv --report run.html >out 2>err
holds out 'network shop→stock'
holds out 'server queue shop→bank'
holds run.csv 'network,a faster network,× 1,1,network shop→stock,mean,0.0005'
grep -q '+ 2 ms\|+ 1.99 ms' run.html || fail 'the map of the report does not show the network'
"$PYTHON" - <<'END' || fail "the hops of the result"
import json, math
now, then = (p['result'] for p in json.load(open('run.json'))['points'])
hops = {n['name']: n for n in now['networks']}
parts = ('client stack', 'network', 'server queue')
if set(hops) != {f'{part} shop→{to}' for part in parts for to in ('stock', 'bank')}:
    raise SystemExit(f'hops: {list(hops)}')
for part, share in zip(parts, (0.1, 0.6, 0.3)):
    n, halved = hops[f'{part} shop→stock'], next(n for n in then['networks'] if n['name'] == f'{part} shop→stock')
    if abs(n['mean'] - share * 2e-3) > 0.1 * share * 2e-3 or abs(n['p95'] + n['mean'] * math.log(0.05)) > 0.1 * n['p95']:
        raise SystemExit(f'expected an exponential with {share * 2e-3}, found {n}')
    if abs(halved['mean'] - n['mean'] * (0.5 if part == 'network' else 1)) > 1e-9:
        raise SystemExit(f'under the what-if: {halved}')
    if abs(n['share'] * now['workloads'][0]['response_time']['mean'] - n['mean']) > 0.02 * n['mean']:
        raise SystemExit(f'of the response: {n}')
END
"$LOADCAST" run halved.yaml --quiet --model whole.yaml --max-time 1s >out 2>err
"$LOADCAST" solve whole.yaml >out 2>err
holds out 'network shop→stock'
