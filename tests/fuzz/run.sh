#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Fuzzes every reader under AddressSanitizer and UndefinedBehaviorSanitizer.
#   sh tests/fuzz/run.sh SECONDS [READER…]     readers: lqn lqnx yaml json scenario deployment activities traces
#                                              measures history utilization measured samples decisions
# Findings land in build/fuzz/READER/, as do the corpora, which later runs go on with. 1 when anything was found. What a
# finding taught belongs into tests/data/fuzz/, which test_fuzz replays.
set -eu
cd "$(dirname "$0")/../.."
sh scenarios/install.sh fuzz
seconds=${1:?the time for each reader in seconds}
shift
[ $# -gt 0 ] || set -- lqn lqnx yaml json scenario deployment activities traces measures history utilization measured \
    samples decisions
out=build/fuzz
mkdir -p "$out"

flags="-std=gnu11 -D_GNU_SOURCE -DLOADCAST_VERSION=\"fuzz\" -g -O1 -fno-omit-frame-pointer"
flags="$flags -fsanitize=address,undefined -fno-sanitize-recover=all -I . -I include"
# Not -I: a header of ours may have the name of a system header.
flags="$flags -iquote model -iquote fit -iquote sim -iquote tests -iquote cli"
flags="$flags $(pkg-config --cflags libxml-2.0 jansson yajl yaml-0.1 libzstd libgvc)"
libraries="$(pkg-config --libs libxml-2.0 jansson yajl yaml-0.1 libzstd libgvc gsl) -lz -lm -lpthread"
export flags

compile() { # the libraries, once for all readers
    mkdir -p "$out/objects"
    [ -z "$(find include base model fit sim -name "*.h" -newer "$out/objects" 2>/dev/null)" ] || rm -f "$out"/objects/*.o
    { find base model fit sim -name '*.c' && echo cli/history/exchange*.c cli/history/record.c cli/render/json.c \
        cli/samples.c | tr ' ' '\n'; } | sort | while read -r source; do
        echo "$source $out/objects/$(echo "$source" | tr / _ | sed 's/c$/o/')"
    done | xargs -P "$(nproc)" -n 2 sh -c '[ "$2" -nt "$1" ] || exec clang $flags -fsanitize=fuzzer-no-link -c "$1" -o "$2"' compile
}

link_reader() {
    case $1 in
    traces) source=fuzz_traces.c define="" ;;
    lqn | lqnx | yaml | json) source=fuzz_models.c define="-DFUZZ_FORMAT=\"$1\"" ;;
    *) source=fuzz_files.c define="-DFUZZ_READER=$1" ;;
    esac
    clang $flags -fsanitize=fuzzer $define "tests/fuzz/$source" "$out"/objects/*.o -o "$out/$1.fuzzer" $libraries
}

seeds() { # the committed test data that the reader is for
    case $1 in
    traces) find tests/data/traces tests/data/deepflow tests/data/extract -type f ;;
    lqn | lqnx | json) ls tests/data/lqn/*."$1" tests/data/fuzz/*."$1" ;;
    yaml) ls tests/data/fuzz/*.yaml tests/data/lqn/*.yaml scenarios/*/model.yaml scenarios/loads/*-model.yaml ;;
    scenario) ls tests/data/fuzz/*.scenario && find scenarios -name '*.yaml' ;;
    history) ls tests/data/fuzz/*.history tests/data/conflux/scenarios.csv ;;
    *) ls tests/data/fuzz/*."$1" ;;
    esac 2>/dev/null || true
}

compile
status=0
for reader in "$@"; do
    link_reader "$reader"
    mkdir -p "$out/$reader/corpus" "$out/$reader/seeds"
    for seed in $(seeds "$reader"); do cp "$seed" "$out/$reader/seeds/"; done
    dictionary=tests/fuzz/$reader.dict
    set --  # libFuzzer takes no empty dictionary
    [ ! -e "$dictionary" ] || set -- "-dict=$dictionary"
    # Short inputs for most of the time, long ones for the rest.
    for part in "4096 $((seconds * 4 / 5))" "65536 $((seconds - seconds * 4 / 5))"; do
        set_length=${part% *} set_time=${part#* }
        nice -n 19 "$out/$reader.fuzzer" -fork=1 -ignore_crashes=1 -ignore_ooms=1 -ignore_timeouts=1 \
            -max_len="$set_length" -max_total_time="$set_time" -timeout=10 -rss_limit_mb=1024 -malloc_limit_mb=512 \
            "$@" -artifact_prefix="$out/$reader/" -print_final_stats=1 \
            "$out/$reader/corpus" "$out/$reader/seeds" >"$out/$reader/log.$set_length" 2>&1 || status=1
        grep -E '^#[0-9]+' "$out/$reader/log.$set_length" | tail -n 1 | sed -E "s/^#([0-9]+):(.* time: ([0-9]+)s.*)/\1 \3 \2/" |
            awk -v what="$reader, up to $set_length bytes" \
                '{ n = $1; s = $2; $1 = $2 = ""; printf "%s: %d executions a minute,%s\n", what, n * 60 / s, $0 }'
    done
    found=$(find "$out/$reader" -maxdepth 1 -name "*-????????????????????????????????????????" | wc -l)
    [ "$found" -eq 0 ] || { echo "$reader: $found findings in $out/$reader"; status=1; }
done
exit $status
