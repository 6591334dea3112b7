#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# loadcast extract: every form of output against what it was when a person had checked it, and what goes wrong.
set -eu
. "$SOURCE/tests/support/cli.sh"
data=$SOURCE/tests/data/extract

run 0 extract "$data/orders.json"
same "$data/orders.jsonl" out
grep -q '1 orphan spans kept as roots' err || fail "the repair is not told"
[ "$(wc -l <err)" -eq 1 ] || fail "more than one message for one repair"
run 0 extract "$data/orders.json" --format text --quiet
same "$data/orders.txt" out
[ ! -s err ] || fail "--quiet talks"
run 0 extract "$data/orders.json" --summary
sed 's/^seconds .*/seconds/' out >summary
same "$data/orders.summary" summary

# The same from standard input, compressed, in two copies (all spans of the second are duplicates).
gzip -c "$data/orders.json" | "$LOADCAST" extract - --quiet >out
same "$data/orders.jsonl" out
run 0 extract "$data/orders.json" "$data/orders.json" --summary --json -
grep -q '"duplicate": 14' out || fail "duplicates are not counted"
grep -q '"spans": 14' out || fail "distinct spans are not counted"
grep -q '"spans_read": 28, "span_fates": {"nodes": 10, "merged": 3, "inside": 1, "polling": 0, "duplicate": 14, ' out ||
    fail "not every span is accounted for: $(cat out)"

# An application without a framework names every request by its method: the path tells what was asked, not for whom.
python3 - >plain.json <<'EOF'
import json
spans = [{'traceId': '%032x' % (i + 1), 'spanId': '%016x' % (i + 1), 'name': 'GET', 'kind': 2, 'startTimeUnixNano': str(10 ** 18 + i * 10 ** 9),
          'endTimeUnixNano': str(10 ** 18 + i * 10 ** 9 + 5000000), 'attributes': [
              {'key': 'http.method', 'value': {'stringValue': 'GET'}},
              {'key': 'http.target', 'value': {'stringValue': path}}]} for i, path in enumerate(['/order/17?x=1', '/order/18', '/photo'])]
print(json.dumps({'resourceSpans': [{'resource': {'attributes': [{'key': 'service.name', 'value': {'stringValue': 'shop'}}]},
                                     'scopeSpans': [{'spans': spans}]}]}))
EOF
run 0 extract plain.json
[ "$(grep -o '"operation_name":"[^"]*"' out | sort | uniq -c | tr -s ' ' | tr '\n' ';')" = ' 2 "operation_name":"GET /order/:id"; 1 "operation_name":"GET /photo";' ] ||
    fail "the path does not name a server's request: $(cat out)"

# Selection.
run 0 extract "$data/orders.json" --limit 1
[ "$(wc -l <out)" -eq 1 ] || fail "--limit 1 gives $(wc -l <out) trees"
run 0 extract "$data/orders.json" --trace A3CE929D0E0E4736
[ "$(wc -l <out)" -eq 2 ] || fail "--trace with 64 bits finds $(wc -l <out) trees"
run 3 extract "$data/orders.json" --trace 1
run 0 extract "$data/orders.json" --assume-async 'prices:GET /prices' --limit 1 --json trees
[ ! -s out ] || fail "--json FILE writes to standard output"
grep -q '"service":"prices","task":"GET /prices","process":"prices-0","type":"non-blocking"' trees ||
    fail "--assume-async is not heard"
# One start that happens to be a whole millisecond does not make the clock a coarse one: the trace moved by 1 µs is the same.
run 0 extract "$data/no-tick.json" --format text
cp out moved
run 0 extract "$data/tick.json" --format text
cmp -s out moved || fail "a start at a whole millisecond changes the tree"

run 0 extract "$data/orders.json" --keep-internal --limit 1
grep -q '"operation_name":"handler"' out || fail "--keep-internal folds internal spans"

# One request written in each format is one tree.
written=0
for file in "$(dirname "$data")"/traces/one-request/*; do
    run 0 extract "$file" --format text
    same "$data/one-request.txt" out
    [ ! -s err ] || fail "$file: $(cat err)"
    written=$((written + 1))
done
[ "$written" -ge 23 ] || fail "only $written formats of the request were found"
# Where no kinds of spans are recorded, the way between two services counts as work of the caller.
run 0 extract "$(dirname "$data")/traces/one-request-pods.csv" --format text
same "$data/one-request-pods.txt" out
# Tempo says in protobuf, too, that spans are missing.
{ cat "$(dirname "$data")/traces/one-request/tempo-v2.pb"; printf '\030\001\042\003too'; } >partial.pb
run 0 extract partial.pb --summary
holds err 'the server reported "PARTIAL": spans of the trace are missing'

# What is wrong is said with the right status.
run 2 extract
run 2 extract "$data/orders.json" --format xml
run 2 extract "$data/orders.json" --trace xyz
head -c 3000 "$data/orders.json" >cut.json
run 3 extract cut.json --json never
grep -q 'cut.json: byte 3000: ' err || fail "the place of the error is wrong: $(cat err)"
[ ! -e never ] || fail "a half-written file is left behind"
if [ -e /dev/full ]; then
    status=0
    "$LOADCAST" extract "$data/orders.json" >/dev/full 2>err || status=$?
    [ "$status" -eq 4 ] || fail "a full disk ends with $status"
fi
# Spans that no trace can be made of are no trace without spans.
printf 'trace,span,parent,service,operation,kind,start,duration\n0,0,,shop,GET,server,1700000000000000,1000\n' >noid.csv
refused 3 'none of the 1 spans tells which trace it belongs to' extract noid.csv --summary
# Logs and metrics in protobuf that lie in a folder are left out, and never counted as spans; named, they are an error.
mkdir -p mixed
cp "$(dirname "$data")/traces/one-request/otlp.pb" mixed
"$PYTHON" - <<'END'
def number(n):
    return (bytes([n & 127 | 128]) + number(n >> 7)) if n > 127 else bytes([n])
def field(n, data):
    return number(n << 3 | 2) + number(len(data)) + data
def fixed(n, value):
    return number(n << 3 | 1) + value.to_bytes(8, 'little')
resource = field(1, field(1, field(1, b'service.name') + field(2, field(1, b'shop'))))
log = fixed(1, 17 * 10**17) + bytes([16, 9]) + field(3, b'INFO') + field(5, field(1, b'hello'))
metric = field(1, b'requests') + field(3, b'1') + field(5, field(1, fixed(2, 17 * 10**17) + fixed(4, 5)))
for name, item in (('logs', log), ('metrics', metric)):
    open(f'mixed/{name}.pb', 'wb').write(field(1, resource + field(2, field(1, field(1, b'scope')) + field(2, item))) * 3)
END
run 0 extract mixed --summary --json v.json
check "logs and metrics beside traces" 'v["spans_read"] == 7 and v["spans"] == 7 and not v["repairs"].get("no_id")'
[ "$(grep -c 'left out: protobuf that holds no traces; it may be logs or metrics' err)" -eq 2 ] || fail "$(cat err)"
refused 3 'data of another kind' extract mixed/logs.pb --summary
