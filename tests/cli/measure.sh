#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Measures of traces: held against counts of the raw spans, the times of a published table, and each other.
set -eu
. "$SOURCE/tests/support/cli.sh"
traces=$SOURCE/scenarios/search/traces/full-seq-r1.otlp.jsonl.gz

# What the spans say, counted without trees. A service's own spans add up to its trees' nodes.
run 0 measure "$traces" --csv r1.csv --json v.json --histograms bins.csv
[ "$(head -1 r1.csv)" = release,run,activity,service,operation,measure,subject,unit,count,mean,median,mode,p95,sd ] ||
    fail "the columns are $(head -1 r1.csv)"
LC_ALL=C sort -c r1.csv 2>/dev/null || sed 1d r1.csv | cut -d, -f1-7 | LC_ALL=C sort -c || fail "rows are not in order"
python3 - "$traces" >raw.json <<'EOF'
import collections, gzip, json, sys
n = collections.Counter()
for line in gzip.open(sys.argv[1]):
    for r in json.loads(line)['resourceSpans']:
        for s in r['scopeSpans']:
            for span in s['spans']:
                a = {x['key']: list(x['value'].values())[0] for x in span['attributes']}
                n['spans'] += 1
                system, text = a.get('db.system.name', a.get('db.system')), a.get('db.query.text', a.get('db.statement', ''))
                if system == 'postgresql' and text.lower().startswith('select'):
                    n['db_reads'] += 1
                if system == 'postgresql' and text.lower().startswith('insert'):
                    n['db_writes'] += 1
                n['cache_operations'] += system == 'redis'
                n['sessions'] += system == 'redis' and ' session:' in text
                n['api_calls'] += span['kind'] == 3 and str(a.get('url.full', '')).startswith('http://127.0.0.1:21010/')
json.dump(n, sys.stdout)
EOF
python='
raw = json.load(open("raw.json"))
rows = v["measures"]
whole = {(r["measure"], r["subject"]): r for r in rows if r["service"] == ""}
total = lambda name, subject="": whole[name, subject]["count"] * whole[name, subject]["mean"]
'
check "what the spans say" "all(abs(total(name) - raw[name]) < 1e-6 * raw[name] and raw[name] > 0 for name in raw if name != 'sessions') and
    abs(total('cache_operations', 'redis/session') - raw['sessions']) < 1e-6 and raw['sessions'] > 0"
check "sums" "abs(total('db_reads', 'postgresql/people') - raw['db_reads']) < 1e-6 and
    whole['traces', '']['mean'] == v['traces']['measured'] == whole['response_time', '']['count'] and
    0 < total('non_blocked_process_time') < total('total_process_time') and
    0 < total('queue_dispatches') < total('async_calls') and
    abs(sum(r['count'] * r['mean'] for r in rows if r['service'] and r['measure'] == 'non_blocked_process_time') -
        total('non_blocked_process_time')) < 1e-6"
check "variants are all of the executions" "all(abs(sum(r['mean'] for r in rows if r['measure'] == 'variant' and
    r['service'] == s and r['operation'] == o) - 1) < 1e-9 for s, o in {(r['service'], r['operation'])
    for r in rows if r['service']})"

check "each self time is in one bin" "len(v['self_time_histograms']) > 5 and all(
    sum(n for _, _, n in h['bins']) == r['count'] and h['bins'][0][0] <= r['median'] < h['bins'][-1][1]
    for h in v['self_time_histograms'] for r in rows if r['measure'] == 'non_blocked_process_time' and r['service'] == h['service']
        and r['operation'] == h['operation']) and
    [[float(c) for c in line.split(',')[-3:]] for line in open('bins.csv').read().split('\n')[1:-1]] ==
        [b for h in v['self_time_histograms'] for b in h['bins']]"

run 0 schema measure
cp out schema.json
/usr/bin/python3 -c "
import json, jsonschema
jsonschema.Draft7Validator(json.load(open('schema.json'))).validate(json.load(open('v.json')))" || fail "the schema refuses it"

# The same bytes again, from another order of files and from standard input.
zcat "$traces" | head -20 >a.jsonl
zcat "$traces" | tail -n +21 >b.jsonl
run 0 measure b.jsonl a.jsonl --csv -
same r1.csv out
cat a.jsonl b.jsonl | "$LOADCAST" measure - --csv - >again.csv 2>err || fail "standard input: $(cat err)"
same r1.csv again.csv

# Commands are told by the key's name before its ids; a job's bytes are what its sender says.
/usr/bin/python3 - >keys.json <<'EOF'
import json
spans, now = [], 1700000000000000000
def span(number, parent, kind, start, stop, **attributes):
    spans.append({'traceId': '%032x' % 7, 'spanId': '%016x' % number, 'parentSpanId': '%016x' % parent if parent else '', 'name': 'n%d' % number,
                  'kind': kind, 'startTimeUnixNano': str(now + start), 'endTimeUnixNano': str(now + stop),
                  'attributes': [{'key': k.replace('__', '.'), 'value': {'stringValue': v} if isinstance(v, str) else {'intValue': str(v)}}
                                 for k, v in attributes.items()]})
span(1, 0, 2, 0, 100000000)
texts = ['GET user:17', 'set user:18 "x"', 'hgetall "cart|9"', 'GET counter', 'GET 4f2a9c', 'GET A7x', 'PING']
for i, text in enumerate(texts):
    span(10 + i, 1, 3, 1000000 * i, 1000000 * i + 500000, db__system='redis', db__statement=text)
span(30, 1, 3, 20000000, 21000000, db__system='mysql', db__statement='SET NAMES utf8')
for i, size in enumerate((100, 300)):
    span(40 + 2 * i, 1, 4, 30000000 + i, 31000000, messaging__system='kafka', messaging__destination__name='mail',
         messaging__message__body__size=size)
    span(41 + 2 * i, 40 + 2 * i, 5, 40000000, 45000000, messaging__system='kafka', messaging__destination__name='mail')
resource = {'attributes': [{'key': 'service.name', 'value': {'stringValue': 'web'}}]}
print(json.dumps({'resourceSpans': [{'resource': resource, 'scopeSpans': [{'spans': spans}]}]}))
EOF
run 0 measure keys.json --csv keys.csv
awk -F, '$4 == "" && $7 != "" && ($6 ~ /^cache_op/ || $6 ~ /^queue_data/) { print $6, $7, $9 * $10, $8 }' keys.csv >found
cat >expected <<'EOF'
cache_operations redis 3 1
cache_operations redis/cart 1 1
cache_operations redis/counter 1 1
cache_operations redis/user 2 1
queue_data_size mail 400 B
EOF
same expected found

# The times of Table 4.5 come back from traces that were made of them, for every release and run.
table=$SOURCE/tests/data/conflux/geocoder_dispatch_ms.csv
awk -f "$SOURCE/tests/data/conflux/traces.awk" "$table" >geocoder.json
awk -F, 'NR == 1 { print "activity,release,run,start,end"; next }
    { printf "geocode,%s,%s.%s,%.0f,%.0f\n", $1, NR, $2, 1.7e15 + NR * 1e6, 1.7e15 + NR * 1e6 + 500000 }' "$table" >windows.csv
run 0 measure geocoder.json --activities windows.csv --csv geocoder.csv
awk -F, 'NR == 1 { for (i = 3; i <= NF; i++) name[i] = $i; next }
    { for (i = 3; i <= NF; i++) if ($i != "") printf "%s %s.%s %s %.5f\n", $1, NR, $2, name[i], $i }' "$table" | LC_ALL=C sort >expected
awk -F, '$6 == "dispatch_time" { sub(".*/", "", $7); printf "%s %s %s %.5f\n", $1, $2, $7, $10 * 1000 }' geocoder.csv |
    LC_ALL=C sort >found
same expected found

# Spans as OpenCensus writes them for PHP, without kinds or references: connecting and SET are neither reads nor writes, so
# that four spans a request are left when these are taken away, as in every row of the published table of logins.
python3 - >php.json <<'EOF'
import json
spans = []
for trace in range(1, 4):
    calls = ['PDO::__construct', "PDO::exec set names 'utf8'", 'PDO::exec set search_path to "public"',
             'PDOStatement::execute select * from "users" where "id" = ?', 'PDO::query SELECT count(*) FROM (select 1 from roles) r',
             'PDOStatement::execute update "users" set "seen" = ?'] + ['PDO::query select * from teams'] * trace
    for i, call in enumerate(['/login', *calls]):
        name, _, query = call.partition(' ')
        spans.append({'traceID': '%x' % trace, 'spanID': '%x' % (100 * trace + i), 'parentSpanID': '%x' % (100 * trace) if i else '',
                      'operationName': name, 'references': None, 'startTime': 1700000000000000 + trace * 1000000 + i * 1000,
                      'duration': 800 if i else 20000, 'processID': 'p1',
                      'tags': [{'key': 'query', 'type': 'string', 'value': query}] if query else []})
print(json.dumps({'data': [{'traceID': '%x' % t, 'processes': {'p1': {'serviceName': 'phoenix', 'tags': []}},
                            'spans': [s for s in spans if s['traceID'] == '%x' % t]} for t in range(1, 4)]}))
EOF
run 0 measure php.json --json v.json
python='rows = {(r["measure"], r["subject"]): r for r in v["measures"] if r["service"] == ""}
total = lambda *name: round(rows[name]["count"] * rows[name]["mean"], 6)'
check "what PHP did" "[total('db_reads', ''), total('db_reads', 'postgres/users'), total('db_reads', 'postgres/roles'),
    total('db_reads', 'postgres/teams'), total('db_writes', ''), total('db_writes', 'postgres/users')] == [12, 3, 3, 6, 3, 3]"
check "four other spans a request" "total('spans', '') - total('db_reads', '') - total('db_writes', '') - total('api_calls', '') -
    total('async_calls', '') == 4 * rows['traces', '']['mean'] == 12"

# Words on the way.
run 0 measure "$traces"
holds out "worker/process enrich"
holds out "Freedman-Diaconis"
refused 2 "expected traces, or a scenario" measure
refused 2 "both write to '-'; expected two files" measure "$traces" --csv - --json -
refused 2 "both write to '-'; expected two files" measure "$traces" --csv - --histograms -
run 0 measure "$traces" --histograms -
same bins.csv out
refused 2 "expected one scenario" measure "$SOURCE/scenarios/search/search.yaml" "$traces"
refused 2 "move windows" measure "$traces" --slack 1s
refused 3 "expected a scenario with traces" measure "$SOURCE/scenarios/capacity.yaml"
