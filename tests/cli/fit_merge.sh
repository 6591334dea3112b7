#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# loadcast fit --summary and --merge: parts of the traces give the model of all of them, bit for bit.
set -eu
. "$SOURCE/tests/support/cli.sh"
command=fit
# The first of each release's traces are enough.
traces=traces
mkdir -p traces
for r in 1 2 3; do
    gzip -dc "$SOURCE/scenarios/search/traces/full-seq-r$r.otlp.jsonl.gz" | head -n 32 | gzip >"traces/r$r.otlp.jsonl.gz"
done

cat >deployment.yaml <<'EOF'
services:
  photo: {concurrency: 2, cores: 2}
  worker: {replicas: 2, concurrency: 3}
EOF
# The model of all traces in one pass, and of the summaries $1 of their parts; with the options that follow.
same() {
    parts=$1
    shift
    "$LOADCAST" fit "$traces" -o one.yaml --json one.json --quiet "$@" 2>err || fail "$(cat err)"
    # shellcheck disable=SC2086 # several names
    "$LOADCAST" fit --merge $parts -o merged.yaml --json merged.json --quiet "$@" 2>err || fail "$(cat err)"
    cmp one.yaml merged.yaml || fail "$parts: another model ($*)"
    cmp one.json merged.json || fail "$parts: other evidence ($*)"
}
# Summaries of each release's traces.
summarise() {
    for r in 1 2 3; do
        "$LOADCAST" fit "$traces/r$r.otlp.jsonl.gz" --summary "r$r.gz" "$@" >out 2>err || fail "$(cat err)"
        [ ! -s out ] || fail "a summary prints a model"
    done
}
summarise --release r1
same "r2.gz r3.gz r1.gz" --release r1
summarise -d deployment.yaml --assume-load measured
same "r3.gz r1.gz r2.gz" -d deployment.yaml --assume-load measured
refused 3 "r1.gz:1: the summary was made with measured true; expected false, as in this fit" --merge r1.gz
# With measured utilization, whose windows shape the counting; its values do not.
times=$(gzip -dc traces/*.gz | grep -o 'startTimeUnixNano":"[0-9]*' | grep -o '[0-9]*$' | sort)
first=$(echo "$times" | head -n 1 | cut -c1-10) last=$(echo "$times" | tail -n 1 | cut -c1-10)
utilization() { # SHARE
    echo "time,component,utilization"
    for i in 1 2 3 4 5 6 7 8 9; do
        echo "$((first + (last - first) * i / 10)),photo,$1"
    done
}
utilization 0.1 >cpu.csv
summarise --utilization cpu.csv
utilization 0.2 >cpu.csv
"$LOADCAST" fit --merge r3.gz r1.gz --summary both --utilization cpu.csv >out 2>err || fail "$(cat err)"
same "r2.gz both" --utilization cpu.csv
grep -q 'on the processor: service-demand law' one.json || fail "nothing is split by utilization"

refused 3 "made with release null; expected \"r2\", as in this fit" --merge r1.gz --release r2 --utilization cpu.csv
refused 3 "expected a summary of traces" --merge deployment.yaml
refused 3 "summary/11" --merge "$traces/r1.otlp.jsonl.gz"
sed '1s|"summary/11"|"summary/10"|' both >older
refused 3 "older:1: this summary was made by another version of loadcast; expected summary/11, found summary/10" --merge older
# Whoever changes what the lines hold counts the schema up, and this digest of their keys after it.
keys=$(grep '^{' both | grep -o '"[a-z_ ]*":' | LC_ALL=C sort -u | cksum)
[ "$keys" = "739803143 777" ] || fail "the keys of summaries have changed ($keys): count LCI_SHARD_SCHEMA up"
refused 3 "nothing.gz" --merge nothing.gz
head -n 200 both >cut
refused 3 "cut:200: the file is cut off here" --merge cut --utilization cpu.csv
head -c 10000 r1.gz >cut.gz
refused 3 "cut.gz: byte 10000: the gzip stream is cut off" --merge cut.gz --utilization cpu.csv
sed '3s/round":\[[0-9]*/round":[-4/' both >wrong
refused 3 "wrong:3: wrong numbers of starts" --merge wrong --utilization cpu.csv
sed '$s/.*/[1,2/' both >wrong
refused 3 "this line is damaged" --merge wrong -o never.yaml --utilization cpu.csv
# Visits are lists of whole numbers, however they are spaced; as they are written they are read by a short cut.
sed 's/^\[\([0-9-]*\),/[ \1 , /' both >spaced
same "r2.gz spaced" --utilization cpu.csv
visit=$(grep -n '^\[' both | head -n 1 | cut -d : -f 1)
wrong_visit() { # TEXT FIRST-NUMBER
    sed "${visit}s/^\[[0-9-]*/[$2/" both >wrong
    refused 3 "wrong:$visit$1" --merge wrong -o never.yaml --utilization cpu.csv
}
wrong_visit ": expected a visit as a list of whole numbers" 1.5
wrong_visit ": expected a visit as a list of whole numbers" '"1"'
for number in 01 - '' 9223372036854775808; do
    wrong_visit : "$number"
done
[ ! -e never.yaml ] || fail "a model was written in spite of the error"
refused 2 "no traces are given" --merge
refused 2 "--decisions is for reading traces" --merge r1.gz --decisions both

refused 3 "was made with windows of utilization" --merge r1.gz
sed -i 2d cpu.csv
refused 3 "was made with windows of utilization" --merge r1.gz --utilization cpu.csv

# Parts that know less than all together: clocks of hosts that differ, and a call that outlives its caller in one part.
cat >model.yaml <<'EOF'
loadcast: model/1
processors: {c: {scheduling: inf}, p: {}, q: {}}
tasks:
  users: {processor: c, scheduling: ref, think_time: 1 s, entries: {all: {calls: [web/page], deterministic: true}}}
  web: {processor: p, replicas: 2, entries: {web/page: {demand: 10 ms, calls: [db/read], deterministic: true}}}
  db: {processor: q, entries: {db/read: {demand: 5 ms}}}
EOF
"$LOADCAST" simulate model.yaml --quiet --precision '20 %' --traces all.jsonl --trace-count 90 --trace-skew '300 ms' --trace-servers-only \
    --seed 2 >out
traces=skewed
mkdir -p "$traces"
split -l 30 --additional-suffix .jsonl all.jsonl "$traces/r"
parts() { # OPTIONS…
    for r in a b c; do
        "$LOADCAST" fit "$traces/ra$r.jsonl" --summary "$r.gz" "$@" 2>err || fail "$(cat err)"
    done
}
parts
refused 3 "ms ahead of that of 'web-1' by all traces together, and was taken for" --merge a.gz b.gz c.gz
holds err "not extracted as all of them together would be"
"$LOADCAST" fit --merge c.gz a.gz b.gz --summary all.gz
parts --decisions all.gz
same "b.gz c.gz a.gz"
span='"operationName":"page","startTime":1700000000000000,"duration":1000,"processID":"p"'
call='"operationName":"mail","startTime":1700000000000100,"duration":200,"processID":"q"'
cat >"$traces/raa.jsonl" <<EOF
{"data":[{"traceID":"1","spans":[{"traceID":"1","spanID":"1",$span},{"traceID":"1","spanID":"2",
"references":[{"refType":"CHILD_OF","traceID":"1","spanID":"1"}],$call}],
"processes":{"p":{"serviceName":"web","tags":[]},"q":{"serviceName":"mail","tags":[]}}}]}
EOF
sed 's/ID":"1"/ID":"3"/g; s/"duration":200/"duration":20000/' "$traces/raa.jsonl" >"$traces/rab.jsonl"
sed 's/ID":"1"/ID":"4"/g' "$traces/raa.jsonl" >"$traces/rac.jsonl"
parts
refused 3 "'web/page' does not wait for 'mail/mail' by all traces together, but not in every part" --merge a.gz b.gz c.gz
"$LOADCAST" fit --merge c.gz a.gz b.gz --summary all.gz
refused 3 "does not wait for" --merge all.gz
parts --decisions all.gz
same "a.gz c.gz b.gz"
refused 3 "model.yaml:1:8: expected a summary of traces" "$traces" --decisions model.yaml

# More paths than make names: all parts cut them as all traces together do, in any order.
traces=paths
mkdir -p "$traces"
awk 'BEGIN {
    for (i = 0; i < 200; i++) {
        path = i % 10 == 9 ? "/cart/" i % 3 : sprintf("/items/%c%c/price", 97 + i % 19, 97 + int(i / 19))
        printf "{\"data\":[{\"traceID\":\"%x\",\"spans\":[{\"traceID\":\"%x\",\"spanID\":\"%x\",", i + 1, i + 1, i + 1
        printf "\"operationName\":\"page\",\"startTime\":%d,\"duration\":%d,", 1700000000000000 + i * 7001, 1000
        printf "\"tags\":[{\"key\":\"span.kind\",\"value\":\"server\"}],\"processID\":\"p\"},"
        printf "{\"traceID\":\"%x\",\"spanID\":\"%x\",\"operationName\":\"GET\",\"references\":[", i + 1, i + 1001
        printf "{\"refType\":\"CHILD_OF\",\"traceID\":\"%x\",\"spanID\":\"%x\"}],", i + 1, i + 1
        printf "\"startTime\":%d,\"duration\":%d,\"processID\":\"p\",", 1700000000000100 + i * 7001, 500
        printf "\"tags\":[{\"key\":\"span.kind\",\"value\":\"client\"},{\"key\":\"http.method\",\"value\":\"GET\"},"
        printf "{\"key\":\"http.url\",\"value\":\"http://shop%s\"}]}],", path
        print "\"processes\":{\"p\":{\"serviceName\":\"web\",\"tags\":[]}}}]}"
    }
}' >ordered.jsonl
for order in 1 2 3; do
    awk -v seed=$order 'BEGIN { srand(seed) } { print rand() "\t" $0 }' ordered.jsonl | sort | cut -f 2 >"$traces/r.jsonl"
    "$LOADCAST" fit "$traces" -o "$order.yaml" --json "$order.json" --quiet
    cmp 1.yaml $order.yaml && cmp 1.json $order.json || fail "the order of paths matters"
done
holds 1.yaml "GET /items/:rest"
holds 1.yaml "GET /cart/:rest"
for count in 2 5; do
    rm -f paths-*
    # Parts of unequal sizes, the first of which knows few paths.
    awk -v n=$count '{ print >"paths-" (NR < 30 ? 1 : 2 + NR % (n - 1)) ".jsonl" }' "$traces/r.jsonl"
    for part in paths-*.jsonl; do
        "$LOADCAST" fit "$part" --summary "${part%.jsonl}.gz"
    done
    refused 3 "calls to 'shop' are named by 1 segments of their paths by all traces together, and by 3 in a part" --merge paths-*.gz
    "$LOADCAST" fit --merge paths-*.gz --summary all.gz
    for part in paths-*.jsonl; do
        "$LOADCAST" fit "$part" --summary "${part%.jsonl}.gz" --decisions all.gz
    done
    same "$(echo paths-*.gz)"
done
