#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Fuzzes every reader under AddressSanitizer and UndefinedBehaviorSanitizer, and tells for each how many executions a
# minute of one core's time makes: 100,000 at the least of inputs up to 4096 bytes.
#   sh tests/fuzz/run.sh SECONDS [READER…]
# Findings land in build/fuzz/READER/, as do the corpora, which later runs go on with. 1 when anything was found. What a
# finding taught belongs into tests/data/fuzz/, which test_fuzz replays.
set -eu
cd "$(dirname "$0")/../.."
readers="lqn lqnx yaml json scenario deployment activities jaeger otlp zipkin skywalking deepflow rosebery csv measures
    history utilization measured samples decisions times growth results verdict packed answer"
sh scenarios/install.sh fuzz
seconds=${1:?the time for each reader in seconds}
shift
# shellcheck disable=SC2086 # several words
[ $# -gt 0 ] || set -- $readers
out=build/fuzz
mkdir -p "$out"

flags="-std=gnu11 -D_GNU_SOURCE -DLOADCAST_VERSION=\"fuzz\" -g -O1 -fno-omit-frame-pointer"
flags="$flags -fsanitize=address,undefined -fno-sanitize-recover=all -I . -I include"
# Not -I: a header of ours may have the name of a system header.
flags="$flags -iquote model -iquote fit -iquote sim -iquote tests -iquote cli"
flags="$flags $(pkg-config --cflags libxml-2.0 jansson yajl yaml-0.1 libzstd libgvc)"
for library in XML:libxml2 GVC:libgvc; do # as in CMakeLists.txt
    name=$(objdump -p "$(clang -print-file-name="${library#*:}.so")" | sed -n 's/ *SONAME *//p')
    flags="$flags -DSONAME_${library%:*}=\"$name\""
done
libraries="$(pkg-config --libs jansson yajl yaml-0.1 libzstd gsl) -lz -lm -lpthread"
export flags
# Freed memory is given out again soon, so that it stays in the processor's cache; without that, and without the fill of
# every allocation, most of the time goes into memory that no reader looks at. A finding replayed alone has all of it.
ASAN_OPTIONS=quarantine_size_mb=4:malloc_context_size=3:max_malloc_fill_size=0${ASAN_OPTIONS:+:$ASAN_OPTIONS}
export ASAN_OPTIONS

compile() { # the libraries, once for all readers
    mkdir -p "$out/objects"
    [ -z "$(find include base model fit sim cli -name "*.h" -newer "$out/objects" 2>/dev/null)" ] || rm -f "$out"/objects/*.o
    { find base model fit sim -name '*.c' && echo cli/history/exchange*.c cli/history/record.c cli/listen/otlp.c \
        cli/pull/elements.c cli/render/json.c cli/samples.c cli/verdict_rows.c | tr ' ' '\n'; } | sort |
        while read -r source; do
            echo "$source $out/objects/$(echo "$source" | tr / _ | sed 's/c$/o/')"
        done | xargs -P "$(nproc)" -n 2 sh -c '[ "$2" -nt "$1" ] || exec clang $flags -fsanitize=fuzzer-no-link -c "$1" -o "$2"' compile
}

link_reader() {
    case $1 in
    jaeger | otlp | zipkin | skywalking | deepflow | rosebery | csv) source=fuzz_traces.c define="" ;;
    lqn | lqnx | yaml | json) source=fuzz_models.c define="-DFUZZ_FORMAT=\"$1\"" ;;
    *) source=fuzz_files.c define="-DFUZZ_READER=$1" ;;
    esac
    # shellcheck disable=SC2086 # several words
    clang $flags -fsanitize=fuzzer $define "tests/fuzz/$source" "$out"/objects/*.o -o "$out/$1.fuzzer" $libraries
}

seeds() { # the committed test data that the reader is for
    traces=tests/data/traces
    case $1 in # and what was found in traces
    jaeger | otlp | zipkin | skywalking | deepflow | rosebery | csv) ls tests/data/fuzz/*."$1" ;;
    esac 2>/dev/null || true
    case $1 in
    jaeger) ls $traces/jaeger* $traces/*/jaeger* $traces/*/elasticsearch* $traces/equal.jaeger.json tests/data/extract/*.json ;;
    otlp) ls $traces/*otlp* $traces/*/otlp* $traces/tempo* $traces/*/tempo* tests/data/extract/*.jsonl ;;
    zipkin) ls $traces/zipkin* $traces/*/zip* ;;
    skywalking) ls $traces/skywalking* $traces/*/skywalking* ;;
    deepflow) find tests/data/deepflow $traces/deepflow -type f && ls $traces/*/deepflow* ;;
    rosebery) find $traces/rosebery -type f && ls tests/data/extract/rosebery* ;;
    csv) ls $traces/*.csv $traces/*/*.csv ;;
    lqn | lqnx | json) ls tests/data/lqn/*."$1" tests/data/fuzz/*."$1" ;;
    yaml) ls tests/data/fuzz/*.yaml tests/data/lqn/*.yaml scenarios/*/model.yaml scenarios/loads/*-model.yaml ;;
    scenario) ls tests/data/fuzz/*.scenario && find scenarios -name '*.yaml' ;;
    history) ls tests/data/fuzz/*.history tests/data/conflux/scenarios.csv ;;
    *) ls tests/data/fuzz/*."$1" ;;
    esac 2>/dev/null || true
}

used() { # sets it to the seconds of a core that the programs so far have taken; no subshell: that knows of none
    times >"$out/used.txt"
    used=$(awk -F'[ms ]+' 'NR == 2 { printf "%.2f\n", $1 * 60 + $2 + $3 * 60 + $4 }' "$out/used.txt")
}

executions() {
    sed -n 's/^stat::number_of_executed_units: *//p' "$1" | awk '{ n += $1 } END { print n + 0 }'
}

fuzz() { # READER LENGTH SECONDS: until the time is over, again behind a finding
    log=$out/$1/log.$2 dictionary=
    [ ! -e "tests/fuzz/$1.dict" ] || dictionary=-dict=tests/fuzz/$1.dict
    end=$(($(date +%s) + $3)) tries=0
    used
    before=$used
    : >"$log"
    while [ "$(date +%s)" -lt "$end" ] && [ $tries -lt 20 ]; do
        # shellcheck disable=SC2086 # no word where there is no dictionary
        nice -n 19 "$out/$1.fuzzer" $dictionary -max_len="$2" -max_total_time=$((end - $(date +%s))) -timeout=30 \
            -rss_limit_mb=1024 -malloc_limit_mb=512 -entropic=0 -artifact_prefix="$out/$1/" \
            -print_final_stats=1 "$out/$1/corpus" "$out/$1/seeds" >>"$log" 2>&1 && break
        tries=$((tries + 1))
    done
    used
    awk -v what="$1, up to $2 bytes" -v s="$before $used" -v n="$(executions "$log")" 'BEGIN {
        split(s, at, " ")
        s = at[2] - at[1] + 0.001
        printf "%s: %d executions in %.1f s of a core: %d a minute\n", what, n, s, n * 60 / s }'
}

compile
status=0
for reader in "$@"; do
    link_reader "$reader"
    mkdir -p "$out/$reader/corpus" "$out/$reader/seeds"
    for seed in $(seeds "$reader"); do cp "$seed" "$out/$reader/seeds/$(echo "$seed" | tr / _)"; done
    # Short inputs for most of the time, long ones for the rest.
    fuzz "$reader" 4096 $((seconds - seconds / 5))
    fuzz "$reader" 65536 $((seconds / 5))
    found=$(find "$out/$reader" -maxdepth 1 -name "*-????????????????????????????????????????" | wc -l)
    [ "$found" -eq 0 ] || { echo "$reader: $found findings in $out/$reader"; status=1; }
done
exit $status
