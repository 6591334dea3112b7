#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Limits that nobody states: what calibrate finds in recordings at three loads, and what run says with it.
set -u
. "$SOURCE/tests/support/cli.sh"

# Requests come to web, which asks shop: two threads in one, a lock in another. Recordings an hour apart.
record() { # LOAD HOUR
    cat >model.yaml <<END
loadcast: model/1
processors: {c: {scheduling: inf}, p: {scheduling: inf}}
tasks:
  users: {processor: c, scheduling: open, arrivals: {exponential: $1}, service: false,
          entries: {all: {calls: [web/page], deterministic: true}}}
  web: {processor: p, scheduling: inf, multiplicity: infinite,
        entries: {web/page: {demand: 5 ms, calls: [shop/buy, stock/take], deterministic: true}}}
  shop: {processor: p, multiplicity: 2, entries: {shop/buy: {demand: {erlang: {shape: 2, mean: 100 ms}}}}}
  stock: {processor: p, scheduling: inf, multiplicity: infinite,
          entries: {stock/take: {demand: {erlang: {shape: 2, mean: 20 ms}}, calls: [held], deterministic: true}}}
  lock: {processor: p, service: false, entries: {held: {demand: {erlang: {shape: 2, mean: 40 ms}}}}}
END
    "$LOADCAST" simulate model.yaml --quiet --precision '20 %' --trace-count 600 --seed "$2" --traces all.jsonl >/dev/null || fail "simulate"
    # The lock's spans are not seen, and neither are the calls of it.
    "$PYTHON" - "$2" <<'END'
import json, sys
shift = int(sys.argv[1]) * 3600 * 10**9
with open('%s.jsonl' % sys.argv[1], 'w') as out:
    for line in open('all.jsonl'):
        d = json.loads(line)
        lock = set()
        for r in d['resourceSpans']:
            name = [a['value']['stringValue'] for a in r['resource']['attributes'] if a['key'] == 'service.name'][0]
            for s in r['scopeSpans']:
                if name == 'lock':
                    lock |= {x['parentSpanId'] for x in s['spans']} | {x['spanId'] for x in s['spans']}
        for r in d['resourceSpans']:
            for s in r['scopeSpans']:
                s['spans'] = [x for x in s['spans'] if x['spanId'] not in lock]
                for x in s['spans']:
                    for key in 'startTimeUnixNano', 'endTimeUnixNano':
                        x[key] = str(int(x[key]) + shift)
        print(json.dumps(d), file=out)
END
}
record "250 ms" 1 && record '125 ms' 2 && record '83 ms' 3

cat >shop.yaml <<'END'
traces: ["[123].jsonl"]
workloads: [{name: buyers, entry: web/page, rate: 4/s}]
load: {factors: [1, 4]}
END
command=calibrate
run 0 shop.yaml -o limits.yaml --json found.json
holds out "shop: 2 requests at a time, saturates at"
holds out "stock: a lock, held for"
holds out "web: no sign of a limit"
holds limits.yaml '"shop": {concurrency: 2}'
"$PYTHON" -c "
import json, sys
d = json.load(open('found.json'))
found = {c['component']: c for c in d['components']}
low, high = found['stock']['interval95']
sys.exit(not (d['loadcast'] == 'calibration/1' and d['loads'] == 3 and found['shop']['kind'] == 'threads'
              and found['shop']['interval95'] == [2, 2] and abs(found['shop']['capacity'] - 20) < 2
              and found['stock']['kind'] == 'lock' and low <= 0.04 <= high))" || { fail "JSON"; cat found.json; }

# The file is a deployment; what it states is not looked for again.
cat shop.yaml - >limited.yaml <<'END'
deployment: limits.yaml
END
grep -v '^workloads' limited.yaml | grep -v '^load' >no_workloads.yaml # which only predictions need
run 0 no_workloads.yaml
holds out "0 limits found"
command=run
run 3 no_workloads.yaml
holds err "no_workloads.yaml:1:1: a scenario on traces lacks 'workloads'"
run 0 limited.yaml --precision '10 %'
holds out "shop saturates first, at load ×"
holds out "lock of stock"

# One load; no traces.
command=calibrate
run 5 1.jsonl
holds out "one load, which gives lower bounds only"
# A sample does not tell who waited for whom, whatever the times look like.
"$PYTHON" - <<'END'
import json
for i in '123':
    with open(f'sample{i}.jsonl', 'w') as out:
        for line in list(open(f'{i}.jsonl'))[::4]:
            d = json.loads(line)
            for s in (s for r in d['resourceSpans'] for scope in r['scopeSpans'] for s in scope['spans']):
                if not s.get('parentSpanId'):
                    s['attributes'] = s.get('attributes', []) + [
                        {'key': 'sampler.type', 'value': {'stringValue': 'probabilistic'}},
                        {'key': 'sampler.param', 'value': {'doubleValue': 0.25}}]
            print(json.dumps(d), file=out)
END
run 5 sample1.jsonl sample2.jsonl sample3.jsonl --json sample.json
holds out "The traces hold about 25 % of the requests: who waited for whom is not in them"
! grep -q '"kind": *"\(threads\|lock\|cores\)' sample.json || { fail "limits from a sample"; cat sample.json; }
# Measured utilization is evidence beside it.
cat >busy.csv <<'END'
time,component,utilization
2026-01-01T01:00:10Z,shop,20 %
2026-01-01T01:01:10Z,shop,20 %
END
run 0 1.jsonl --utilization busy.csv
holds out "where utilization was measured"
tr -s ' \n' ' ' <out >line
holds line "20 % of it was measured to be busy, so that it saturates at"
holds line "web: not known"
# Each request of shop works 30 ms on a processor, and something else keeps a tenth of one busy.
python3 - <<'END'
import datetime, json
starts = sorted(int(x['startTimeUnixNano']) // 10**9 for i in '123' for line in open(i + '.jsonl')
                for r in json.loads(line)['resourceSpans'] if r['resource']['attributes'][0]['value']['stringValue'] == 'shop'
                for s in r['scopeSpans'] for x in s['spans'] if x['kind'] == 2)
rows = [t for hour in range(3) for t in range(starts[0] + hour * 3600 - starts[0] % 10 + 10, starts[0] + hour * 3600 + 46, 10)]
with open('cores.csv', 'w') as out:
    print('time,component,cores', file=out)
    for at, end in zip(rows, rows[1:] + [rows[-1] + 10]):
        busy = 0.1 + 0.03 * sum(at <= t < end for t in starts) / (end - at)
        stamp = datetime.datetime.fromtimestamp(at, datetime.timezone.utc).strftime('%Y-%m-%dT%H:%M:%SZ')
        print(f'{stamp},shop,{busy:.6f}', file=out)
END
run 0 shop.yaml --utilization cores.csv --json cores.json
accepted found.json cores.json
tr -s ' \n' ' ' <out >line
holds line "shop: 2 requests at a time"
holds line "% of its own time (cpu_share)"
holds line "cores are busy without any request"
python3 -c "
import json, sys
shop = [c for c in json.load(open('cores.json'))['components'] if c['component'] == 'shop'][0]
sys.exit(not (abs(shop['work'] - 0.03) < 0.001 and abs(shop['background'] - 0.1) < 0.01))" || fail "work, background"

# Requests one at a time come at a higher rate than those of the quiet recording: the rate is not what tells them apart.
"$PYTHON" - <<'END'
import json
free = 10**18
with open('one.jsonl', 'w') as out:
    for line in open('1.jsonl'):
        d = json.loads(line)
        spans = [x for r in d['resourceSpans'] for s in r['scopeSpans'] for x in s['spans']]
        shift = free - min(int(x['startTimeUnixNano']) for x in spans)
        for x in spans:
            for key in 'startTimeUnixNano', 'endTimeUnixNano':
                x[key] = str(int(x[key]) + shift)
                free = max(free, int(x[key]) + 10**6)
        print(json.dumps(d), file=out)
END
run 0 one.jsonl 3.jsonl --json one.json
tr -s ' \n' ' ' <out >line
holds line " ms, one request at a time, to "
"$PYTHON" -c "
import json, sys
loads = [c for c in json.load(open('one.json'))['components'] if c['component'] == 'shop'][0]['loads']
sys.exit([load['one_by_one'] for load in loads] != [True, False])" || fail "one by one"

cat >model_only.yaml <<'END'
model: model.yaml
workloads: [{name: buyers, entry: web/page, rate: 4/s}]
END
run 3 model_only.yaml
holds err "names no traces"
run 2
holds err "neither a scenario nor traces"
