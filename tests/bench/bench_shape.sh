#!/bin/sh
# How processor time grows with the calls of one visit and with the depth of a trace: for extract and fit, seconds at each
# size and the exponent between a size and the one before (1: linear). LOADCAST names the program; arguments are sizes.
set -eu
program=${LOADCAST-loadcast}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
[ $# -gt 0 ] || set -- 1000 10000 100000

# Three traces of `n` spans each below or beside one another.
traces() { # SHAPE N
    awk -v shape="$1" -v n="$2" 'BEGIN {
        for (t = 1; t <= 3; t++) {
            print "{\"resourceSpans\":[{\"resource\":{\"attributes\":[{\"key\":\"service.name\",\"value\":{\"stringValue\":\"web\"}}]}," \
                  "\"scopeSpans\":[{\"spans\":["
            for (i = 1; i <= n; i++) {
                start = shape == "wide" ? (i == 1 ? 0 : i * 1000 + i * 7919 % 97) : i * 3
                end = shape == "wide" ? (i == 1 ? n * 1000 + 2000 : start + 500 + i * 31 % 57) : n * 10 - i * 3
                printf "%s{\"traceId\":\"%032x\",\"spanId\":\"%016x\",\"parentSpanId\":\"%s\",\"name\":\"%s\",\"kind\":%d,", \
                    (i == 1 ? "" : ","), t, i, i == 1 ? "" : sprintf("%016x", shape == "wide" ? 1 : i - 1), \
                    i == 1 ? "GET /x" : "get", i == 1 || shape == "deep" ? 2 : 3
                printf "\"startTimeUnixNano\":\"17000000%02d%09d\",\"endTimeUnixNano\":\"17000000%02d%09d\"", \
                    t, start + 17, t, end + 17
                print ",\"attributes\":[{\"key\":\"server.address\",\"value\":{\"stringValue\":\"cache\"}}]}"
            }
            print "]}]}]}"
        }
    }' | tr -d '\n' | sed 's/}{"resourceSpans/}\n{"resourceSpans/g'
    echo
}

for shape in wide deep; do
    commands="extract fit"
    [ $shape = wide ] || commands=extract # a service that calls itself so often is no model
    for command in $commands; do
        before= size_before=
        for n in "$@"; do
            traces "$shape" "$n" >"$folder/$n.jsonl"
            seconds=$( { TIMEFORMAT=%U; export TIMEFORMAT; bash -c 'time timeout 120 "$0" "$@" >/dev/null 2>&1' \
                "$program" "$command" "$folder/$n.jsonl"; } 2>&1) || seconds=-1
            awk -v s="$seconds" -v b="$before" -v n="$n" -v m="$size_before" -v what="$shape $command" 'BEGIN {
                if (s < 0) { printf "%-14s %8d  fails, or takes more than 120 s\n", what, n; exit }
                printf "%-14s %8d %8.2f s", what, n, s
                if (b > 0.01) printf "  exponent %.2f", log(s / b) / log(n / m)
                print "" }'
            before=$seconds size_before=$n
        done
    done
done
