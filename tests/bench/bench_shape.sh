#!/bin/bash
# How processor time grows with the calls of one visit, the depth of a trace and the number of services: for extract, fit
# and run, seconds at each size, and the exponent between a size and the one before (1: linear). LOADCAST names the
# program; arguments are sizes. `run` simulates each call of many visits and is measured at a tenth of them.
#
#   wide   one visit makes n calls of one server        deep   the same operation n times within itself
#   fork   one visit makes n calls at once              chain  n services, each called by the one before
#   star   one visit calls n services                   apart  n services, each with traces of its own
set -eu
program=${LOADCAST-loadcast}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
[ $# -gt 0 ] || set -- 1000 10000 100000

traces() { # SHAPE N: three traces, or three of each service
    awk -v shape="$1" -v n="$2" '
    function time(trace, ns) { return sprintf("%d%09d", 1700000000 + trace * 10 + int(ns / 1e9), ns % 1e9) }
    function span(trace, id, parent, service, name, kind, start, end) {
        printf "%s{\"resource\":{\"attributes\":[{\"key\":\"service.name\",\"value\":{\"stringValue\":\"%s\"}}]}," \
               "\"scopeSpans\":[{\"spans\":[{\"traceId\":\"%032x\",\"spanId\":\"%016x\",\"parentSpanId\":\"%s\"," \
               "\"name\":\"%s\",\"kind\":%d,\"startTimeUnixNano\":\"%s\",\"endTimeUnixNano\":\"%s\"," \
               "\"attributes\":[{\"key\":\"server.address\",\"value\":{\"stringValue\":\"cache\"}}]}]}]}", \
               (id == 1 ? "" : ","), service, trace, id, parent == 0 ? "" : sprintf("%016x", parent), name, kind, \
               time(trace, start + 17), time(trace, end + 17)
    }
    BEGIN {
        for (t = 1; t <= 3; t++) {
            if (shape == "apart") {
                for (i = 1; i <= n; i++) {
                    printf "{\"resourceSpans\":["
                    span(t * n + i, 1, 0, "s" i, "GET /x", 2, i * 1000, i * 1000 + 500 + (i + t) * 7919 % 97)
                    print "]}"
                }
                continue
            }
            printf "{\"resourceSpans\":["
            for (i = 1; i <= n; i++) {
                if (shape == "fork")
                    span(t, i, i > 1, "web", "GET /x", i == 1 ? 2 : 3, i == 1 ? 0 : 1000 + i, \
                         i == 1 ? n * 20 + 60000 : n * 10 + int((i + t) * 7919 % 9973 * n / 1000))
                else if (shape == "wide" || shape == "star")
                    span(t, i, i > 1, shape == "star" ? "s" i : "web", "GET /x", shape == "star" || i == 1 ? 2 : 3, \
                         i == 1 ? 0 : i * 1000 + i * 7919 % 97, \
                         i == 1 ? n * 1000 + 2000 : i * 1000 + 500 + (i + t) * 31 % 57)
                else
                    span(t, i, i - 1, shape == "chain" ? "s" i : "web", "GET /x", 2, i * 3, n * 10 - i * 3)
            }
            print "]}"
        }
    }'
}

scenario() { # TRACES ENTRY
    cat <<END
traces: $1
deployment: {services: {${2%%/*}: {concurrency: 4}}}
workloads: [{name: all, entry: $2, rate: 1/s}]
load: {factors: [1, 2]}
END
}

measure() { # COMMAND FILE: seconds, or -1
    local TIMEFORMAT=%U
    time (ulimit -t 120 && "$program" "$1" "$2" >/dev/null 2>&1) || echo -1
}

for shape in wide fork deep star chain apart; do
    commands="extract fit run"
    [ $shape != deep ] || commands=extract # a service that calls itself so often is no model
    for command in $commands; do
        before= size_before=
        for n in "$@"; do
            file=$folder/$n.jsonl
            [ $command != run ] || n=$((n / 10))
            traces "$shape" "$n" >"$file"
            if [ $command = run ]; then
                entry=web/GET\ /x
                case $shape in star | chain | apart) entry=s1/GET\ /x ;; esac
                scenario "$file" "$entry" >"$folder/$n.yaml"
                file=$folder/$n.yaml
            fi
            seconds=$(measure "$command" "$file" 2>&1 | sort -n | head -1)
            awk -v s="$seconds" -v b="$before" -v n="$n" -v m="$size_before" -v what="$shape $command" 'BEGIN {
                if (s < 0) { printf "%-14s %8d  fails, or takes more than 120 s of CPU\n", what, n; exit }
                printf "%-14s %8d %8.2f s", what, n, s
                if (b > 0.01) printf "  exponent %.2f", log(s / b) / log(n / m)
                print "" }'
            before=$seconds size_before=$n
        done
    done
done
