# SPDX-License-Identifier: GPL-3.0-or-later
#
# A failed allocation is never a wrong file. One allocation after the other fails in every command (ALLOCATIONS of them,
# spread over the run; ALLOCATIONS=all: each): either the result is the one without failure, byte for byte, or the status
# is 4 with one line. A file that is there is whole.
set -eu
[ -n "${FAIL_ALLOCATION:-}" ] || exit 0 # sanitizers have an allocator of their own
: "${ALLOCATIONS:=3}"
bad=0

gzip -dc "$SOURCE/scenarios/search/traces/full-seq-r1.otlp.jsonl.gz" | head -n 3 >in.jsonl
gzip -kf in.jsonl
awk 'BEGIN {for (i = 1; i <= 12; i++) print 1 + i * 79 % 17 / 10}' >samples.txt
cp "$SOURCE/scenarios/policies/model.yaml" model.yaml
"$LOADCAST" convert -q model.yaml -o model.lqnx
"$LOADCAST" convert -q model.yaml -o model.lqn
cat >run.yaml <<'END'
model: model.yaml
workloads: [{name: visitors, entry: page, rate: 8/s}]
goals: {response_time: {visitors: {mean: 300 ms}}}
simulation: {precision: 50 %}
END

"$LOADCAST" fit -q in.jsonl --summary summary.gz >/dev/null
cat >night.yaml <<'END'
traces: in.jsonl
workloads: [{name: visitors, entry: gateway/GET /login, rate: 8/s}]
deployment: {services: {auth: {concurrency: 2}}}
simulation: {precision: 50 %, uncertainty: none}
END
for gap in 9 4; do # two loads of a pool that nobody states, a day apart
    cat >pool.yaml <<END
loadcast: model/1
processors: {c: {scheduling: inf}}
tasks:
  u: {processor: c, scheduling: open, arrivals: $gap, entries: {v: {calls: [page], deterministic: true}}}
  w: {processor: c, multiplicity: 2, entries: {page: {demand: 3}}}
END
    "$LOADCAST" simulate pool.yaml -q -r 1 --run-time 3000 --seed $gap --warmup 0 --traces pool.jsonl --trace-count 300 >/dev/null
    sed "s/\"17672/\"1767$gap/g" pool.jsonl
done >loads.jsonl
cat >quick.yaml <<'END'
traces: loads.jsonl
workloads: [{name: all, entry: w/page, rate: 0.2/s}]
simulation: {precision: 50 %, uncertainty: none}
END

# Status, standard output and messages; files are out.*
run() { # ALLOCATION COMMAND…
    at=$1
    shift
    rm -rf out.*
    status=0
    env FAIL_AT="$at" LD_PRELOAD="$FAIL_ALLOCATION" "$LOADCAST" "$@" >stdout 2>stderr </dev/null || status=$?
}

timeless() { # FILE… without the time that it took, or at which it was
    gzip -dcf "$@" | sed -E 's/ in [0-9.e-]+ (m?s)[;,]//; s/(elapsed_s": |elapsed-time="|time=")[0-9.:e-]+//
        s/"time": ?"[^"]*"//'
}

same() { # FILE AS: both are there, and tell the same; of folders all files
    if [ -d "$2" ]; then
        [ -d "$1" ] && (cd "$1" && timeless *) >one && (cd "$2" && timeless *) >other && cmp -s one other
    else
        cmp -s "$1" "$2" || { timeless "$1" >one && timeless "$2" >other && cmp -s one other; }
    fi
}

check() { # COMMAND…
    rm -rf right
    run 0 "$@"
    mkdir right
    expected=$status
    mv stdout stderr right
    for file in out.*; do [ ! -e "$file" ] || mv "$file" right; done
    outputs=$(cd right && ls out.* 2>/dev/null || :)
    count=$(FAIL_COUNT=1 LD_PRELOAD="$FAIL_ALLOCATION" "$LOADCAST" "$@" 2>&1 >/dev/null </dev/null | tail -n 1)
    step=1
    [ "$ALLOCATIONS" = all ] || step=$((count / ALLOCATIONS + 1))
    at=$((step / 2 + 1))
    while [ "$at" -le "$count" ]; do
        run "$at" "$@"
        wrong=
        if [ "$status" = 4 ] && [ "$(grep -cv -e ': warning: ' -e ': note: ' stderr)" != 1 ]; then
            wrong="status 4 with other than one line"
        elif [ "$status" = "$expected" ]; then
            for output in stdout stderr $outputs; do same "$output" "right/$output" || wrong="$output is another"; done
        elif [ "$status" != 4 ]; then
            wrong="status $status"
        fi
        for output in $outputs; do
            [ ! -e "$output" ] || same "$output" "right/$output" || wrong="$output is not whole"
        done
        if [ -n "$wrong" ]; then
            echo "loadcast $*: allocation $at of $count: $wrong"
            head -n 3 stderr
            bad=1
        fi
        at=$((at + step))
    done
}

check extract in.jsonl.gz
check fit in.jsonl --json out.json -o out.yaml
check fit -q in.jsonl -o out.lqnx --summary out.gz
check fit --samples samples.txt --json -
check convert -q model.yaml -o out.lqnx
check convert -q model.yaml -o out.json
check convert -q model.lqnx -o out.dot
check convert model.lqnx -o out.yaml
check convert model.lqn -o out.lqn
simulate="simulate model.lqnx -j 1 -r 2 --run-time 2 --warmup 0.1"
check $simulate
check $simulate --json out.json
check $simulate -f lqnx
check $simulate --traces out.json.gz --trace-count 20
check run run.yaml -j 1 --json out.json --junit out.xml
check advise run.yaml -j 1
check compare model.lqnx model.yaml
check measure in.jsonl --csv out.csv --json out.json
"$LOADCAST" measure -q in.jsonl --csv measures.csv >/dev/null
check solve model.lqnx --json out.json
check convert -q model.lqnx -o out.svg
check run run.yaml -j 1 --report out.html --csv out.csv --markdown out.md --json-summary out.json --model out.lqnx
check init in.jsonl -o out.yaml
check schema model
"$LOADCAST" activity start login --release 1 --run 1 --file marks.jsonl
check activity start login --release 1 --run 1 --file marks.jsonl
check fit --merge summary.gz -o out.yaml
check calibrate loads.jsonl -j 1 --json out.json -o out.yaml
# Of 43,000 allocations 35,000 are those of 199 replicates, which are alike, and each run learns first: all of them would
# take as long as all other commands together. So with ALLOCATIONS=all these are 2000 of them, and all without replicates.
each=$ALLOCATIONS
[ "$each" != all ] || ALLOCATIONS=2000
check backtest loads.jsonl -j 1 --json out.json --report out.html
ALLOCATIONS=$each
[ "$each" != all ] || check backtest quick.yaml -j 1 --json out.json --report out.html
check nightly night.yaml -j 1 --traces in.jsonl --release 2 --history night.db --out out.d
sed '2,$s/[^,]*,[^,]*,[^,]*$/9,9,1/' measures.csv >others.csv
check compare measures.csv others.csv --json out.json
printf 'release,run,time,a,b_s\n1,1,2026-11-29T01:00:00Z,1,2\n2,1,2026-11-29T02:00:00Z,1,3\n' >table.csv
"$LOADCAST" history import -q history.db table.csv
check history import -q imported.db table.csv # an empty history is a whole one
"$LOADCAST" history check imported.db >/dev/null || bad=1
check history export history.db --csv out.csv --json out.json
check history check history.db
check trend --history history.db
"$PYTHON" -c 'import json; [json.loads(line) for line in open("marks.jsonl")]' || bad=1
exit $bad
