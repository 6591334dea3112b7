#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Many processes under mpirun: the same bytes for any number of them, one line and one status when something goes wrong.
# Built without MPI, or where there is no mpirun: copies that know nothing of each other are refused.
set -eu
. "$SOURCE/tests/support/cli.sh"
shop=$SOURCE/tests/data/lqn/and-fork-3.lqnx

"$LOADCAST" --version >version
if ! grep -q 'with MPI' version; then
    rm -f copy.json
    OMPI_COMM_WORLD_SIZE=4 OMPI_COMM_WORLD_RANK=0 refused 2 "-DLOADCAST_MPI=ON" simulate "$shop" --json copy.json
    PMI_SIZE=2 PMI_RANK=1 run 2 simulate "$shop" --json copy.json
    [ ! -s err ] || fail "each of the copies says what one should"
    [ ! -e copy.json ] || fail "a copy writes"
    OMPI_COMM_WORLD_SIZE=1 OMPI_COMM_WORLD_RANK=0 run 0 simulate "$shop" --precision '20 %' # one is none too many
    exit
fi
command -v mpirun >/dev/null || exit 0
unset LOADCAST_MPI_VOLUME

# As root, and more ranks than cores; on one machine, whatever its network.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1
export OMPI_MCA_hwloc_base_binding_policy=none OMPI_MCA_pml=ob1 OMPI_MCA_btl=self,vader OMPI_MCA_plm=isolated

# What the program says, without mpirun's own chatter; volume: bytes between the ranks. Where traces are read by rank 0
# alone, although nobody says that they should (`alone_for`), nothing was spread.
alone_for=
ranks() { # COUNT STATUS ARGUMENTS…
    count=$1 wanted=$2 got=0
    shift 2
    LOADCAST_MPI_VOLUME=1 mpirun -n "$count" "$LOADCAST" "$@" >out 2>all || got=$?
    grep '^loadcast:' all | grep -v -e 'messages of' -e 'rank 0 alone' >err || :
    volume=$(sed -n 's/.* messages of \([0-9]*\) bytes.*/\1/p' all)
    [ $got -eq "$wanted" ] || { fail "$count ranks: $* gave $got instead of $wanted"; cat out all; }
    why=$(sed -n 's/.*traces are read by rank 0 alone: //p' all)
    [ "$why" = "$alone_for" ] || fail "$count ranks: $*: read by rank 0 alone for '$why', not for '$alone_for'"
}

alone() { # STATUS NAME ARGUMENTS…: the result of one process, for `alike`
    status=$1 name=$2
    shift 2
    run "$status" "$@" --json "$name.json"
    mv out "$name.out"
    mv err "$name.err"
    untimed "$name.json" seconds >"$name.bare"
}
timeless() { # FILE: without the seconds that it took
    sed -E 's/ in [0-9.]+ (s|min)\b/ in T/g; s/Took [0-9.]+ (s|min)\b/Took T/; s/^seconds .*/seconds/' "$1"
}
alike() { # NAME COUNT ARGUMENTS…: as many ranks, the same bytes
    name=$1 many=$2
    shift 2
    ranks "$many" "$status" "$@" --json many.json
    untimed many.json seconds >many.bare
    same "$name.bare" many.bare
    same "$name.err" err
    timeless "$name.out" >a
    timeless out >b
    same a b
    [ "$volume" -gt 10000 ] || [ -n "$alone_for" ] || fail "$many ranks: $name: nothing was done elsewhere ($volume bytes)"
}

alone 0 model simulate "$shop" --precision '2 %'
alike model 2 simulate "$shop" --precision '2 %' --jobs 1
alike model 16 simulate "$shop" --precision '2 %' --jobs 1
alike model 4 simulate "$shop" --precision '2 %' --jobs 2
first=$volume
# Sixteen times the events, and the same results of them: what travels grows with results.
ranks 4 0 simulate "$shop" --precision '0.5 %' --jobs 2 --json fine.json
"$PYTHON" -S -c "
import json, sys
coarse, fine = json.load(open('model.json')), json.load(open('fine.json'))
sys.exit(not (fine['events'] > 8 * coarse['events'] and $volume < 2 * $first))" ||
    fail "volume grows with events: $first bytes, then $volume"
# The points of a sweep, each by a rank.
cat >sweep.lqn <<'END'
$rate = [0.2 : 0.8, 0.3]
$service = [1, 0.5]
G "M/M/1" -1
P 0 p cpu f -1
T 0 t app f serve -1 cpu -1
E 0 a serve $rate %w95 $r $half s serve { $service } -1 -1
R 0
  $0
  $rate
  $r
-1
END
alone 0 sweep simulate sweep.lqn --precision '10 %'
alike sweep 3 simulate sweep.lqn --precision '10 %' --jobs 1

# Whole scenarios: curves over time; traces, points, replicates, comparisons and searches.
alone 1 curves run "$SOURCE/scenarios/policies/outage.yaml"
alike curves 3 run "$SOURCE/scenarios/policies/outage.yaml" --jobs 1
alone 1 search run "$SOURCE/scenarios/search/search.yaml"
alike search 4 run "$SOURCE/scenarios/search/search.yaml" --jobs 1
alone 0 advise advise "$SOURCE/scenarios/search/search.yaml"
alike advise 2 advise "$SOURCE/scenarios/search/search.yaml" --jobs 2

# Traces: one file of lines is cut to ranges, several are dealt out. A trace a line.
"$LOADCAST" simulate "$shop" --traces run.jsonl --trace-count 1500 --precision '20 %' >out 2>err
alone 0 fit fit run.jsonl -o one.yaml
alike fit 3 fit run.jsonl -o many.yaml
same one.yaml many.yaml
alone 0 extract extract --summary run.jsonl
alike extract 4 extract --summary run.jsonl
search=$SOURCE/scenarios/search/traces
alone 0 files fit "$search" --release r1 -o one.yaml
alike files 3 fit "$search" --release r1 -o many.yaml
same one.yaml many.yaml

# Four times the spans, and the same results of them. A summary of the extraction sends as much; what `fit` keeps is full
# with 16,384 visits of an operation, and beyond them a trace is the 8 bytes of its id.
traces() { # COUNT SPANS: so many traces of a page and its queries, a line each; ids are as good as random
    awk -v n="$1" -v spans="$2" 'function id(i) {
        high = (high * 69069 + i) % 4294967296
        low = (low * 1664525 + 1013904223) % 4294967296
        return sprintf("%024x%08x", high, low)
    }
    BEGIN {
        for (i = 1; i <= n; i++) {
            trace = id(i)
            printf "{\"resourceSpans\":["
            for (k = 0; k < spans; k++) {
                start = k * 9000000
                end = k ? start + 1000000 + (i * 7919 + k * 104729) % 5000000 : spans * 9000000 + i % 1000
                printf "%s{\"resource\":{\"attributes\":[{\"key\":\"service.name\",\"value\":{\"stringValue\":\"%s\"}}]}," \
                    "\"scopeSpans\":[{\"spans\":[{\"traceId\":\"%s\",\"spanId\":\"%016x\",\"parentSpanId\":\"%s\",\"name\":\"%s\"," \
                    "\"kind\":2,\"startTimeUnixNano\":\"170%07d%09d\",\"endTimeUnixNano\":\"170%07d%09d\"}]}]}", k ? "," : "",
                    k ? "db" : "shop", trace, i * 100 + k, k ? sprintf("%016x", i * 100) : "", k ? "query" : "page", i, start, i, end
            }
            print "]}"
        }
    }'
}
traces 2000 8 >few.jsonl
traces 2000 32 >many.jsonl
ranks 2 0 extract --summary few.jsonl
few=$volume
ranks 2 0 extract --summary many.jsonl
[ "$few" -gt 10000 ] && [ $((volume - few)) -lt $((few / 100)) ] ||
    fail "the volume of extract grows with spans: $few bytes, then $volume"
traces 36000 1 >few.jsonl
traces 144000 1 >many.jsonl
ranks 2 0 fit few.jsonl
few=$volume
ranks 2 0 fit many.jsonl
[ "$few" -gt 16384 ] && [ $((volume - few)) -lt $((9 * (144000 - 36000) / 2)) ] ||
    fail "the volume of fit grows with spans: $few bytes, then $volume"
rm -f few.jsonl many.jsonl
# Traces with spans in two parts are found out, and read in one: two roots each, a file for each. Lost spans are told of as
# by one: a file with every other line of another.
rm -rf cut
mkdir -p cut
traces 2000 1 >cut/a.jsonl
sed 's/"spanId":"0/"spanId":"1/' cut/a.jsonl >cut/b.jsonl
alone 0 cut fit cut
alone_for="a trace has spans in two parts"
alike cut 2 fit cut
rm -f cut/*
gzip -dc "$search/full-seq-r1.otlp.jsonl.gz" >whole.jsonl
awk 'NR % 2' whole.jsonl >cut/a.jsonl
awk 'NR % 2 == 0' whole.jsonl >cut/b.jsonl
alone 0 lost fit cut
alone_for="a part has something to say"
alike lost 2 fit cut
# A damaged line is told of as by one.
sed '700s/.$//' run.jsonl >damaged.jsonl
run 3 fit damaged.jsonl --strict
mv err alone.err
ranks 3 3 fit damaged.jsonl --strict
alone_for=
same alone.err err

# A rank without memory: rank 0 tells it, with the status of a machine that failed.
fail_allocation=$(dirname "$LOADCAST")/tests/libfail_allocation.so
if [ -e "$fail_allocation" ]; then
    cat >starved <<EOF
[ "\$OMPI_COMM_WORLD_RANK" != 1 ] || export FAIL_AT=30000 LD_PRELOAD=$fail_allocation
exec "\$@"
EOF
    got=0
    mpirun -n 2 sh starved "$LOADCAST" fit "$search" --json starved.json >out 2>all || got=$?
    [ $got -eq 4 ] || { fail "out of memory gave $got"; cat all; }
    [ "$(grep -c '^loadcast:' all)" -eq 1 ] || { fail "out of memory: not one line"; cat all; }
    holds all "loadcast: rank 1 of 2: out of memory"
    [ ! -e starved.json ] || fail "something is written without memory"
fi

# Whoever dies ends all, with one line and the status of a machine that failed.
dies() { # WHO
    mpirun -n 3 "$LOADCAST" simulate "$shop" --precision '0.01 %' --jobs 1 --json dead.json >out 2>all &
    launcher=$!
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        sleep 0.5
        victim=$(pgrep -P "$launcher" | while read -r rank; do # a process that watches, and below it the one that works
            tr '\0' '\n' <"/proc/$rank/environ" 2>/dev/null | grep -q "^OMPI_COMM_WORLD_RANK=$1\$" && pgrep -P "$rank"
        done | head -n 1) || :
        [ -z "$victim" ] || break
    done
    sleep 1
    kill -9 "$victim"
    got=0
    wait "$launcher" || got=$?
    [ $got -eq 4 ] || { fail "rank $1 was killed, and mpirun gave $got"; cat all; }
    [ "$(grep -c '^loadcast:' all)" -eq 1 ] || { fail "rank $1 was killed: not one line"; cat all; }
    [ -z "$(cat out; find . -name dead.json -o -name '.loadcast-*')" ] || fail "something is half-written"
}
dies 0
dies 2

# Asked for the end, as a job of Slurm is before its time is up, they report what is known then.
mpirun -n 3 "$LOADCAST" simulate "$shop" --precision '0.01 %' --jobs 1 --json partial.json >out 2>all &
sleep 3
kill -USR1 $!
got=0
wait $! || got=$?
[ $got -eq 138 ] || { fail "SIGUSR1 gave $got"; cat all; }
[ "$(grep '^loadcast:' all)" = "loadcast: stopped by SIGUSR1; what was known then was reported" ] || fail "$(cat all)"
check "it is marked" "v['partial'] and v['replications'] >= 1 and not v['converged']" partial.json

# Where MPI does not start, one line of the program stands beside those of MPI.
got=0
OMPI_MCA_btl=self mpirun -n 2 "$LOADCAST" simulate "$shop" --json never.json >out 2>all || got=$?
[ $got -ne 0 ] || fail "ranks that cannot reach each other work together"
[ "$(grep '^loadcast:' all)" = "loadcast: MPI could not be started between 2 ranks; what it says stands beside this" ] ||
    fail "$(cat all)"
[ ! -e never.json ] || fail "something is written without MPI"
