#!/bin/sh
# Builds the release preset and runs every benchmark; each prints its figures and the ratio to a reference in the same run.
# With `families` instead: how well the chosen families tell what waiting depends on; an argument is the number of samples.
# With `coverage` instead: how often intervals of a learned model hold the truth; further arguments are bench_coverage.sh's.
# With `backtest [MODELS [FIRST]]`: whether backtests of known models are honest (30 models).
# With `gates [NIGHTS [DEAR_NIGHTS [SYSTEM]]]`: how often nights of one release break a gate, and what a dear operation takes (300, 50).
# With `solve [MODELS]`: the time of 1,000 tasks, and the table of docs/solver.md (200 random models; simulations are kept
# in build/release/solved.txt).
# With `screening [SCENARIO…]`: what the solver saves of advice and capacities, beside simulation alone.
# With `coverage-engine [RUNS [MODEL]]`: the same of the simulation's own intervals, for models with closed forms (500
# runs), of short replications (`short`) and of differences between what-ifs and their base (`paired`).
# With `readers [MEGABYTES [FORMAT…]]`: instructions a span and bytes a second of every reader of traces (100, all).
# With `instructions`: what an event takes by callgrind, and no more than on the day that limits it.
# Beside LQSIM: lqsim_speed.sh (times) and conformance.sh (values).
set -eu
cd "$(dirname "$0")/../.."
sh scenarios/install.sh test
cmake --preset release -DLOADCAST_TESTS=ON >/dev/null
cmake --build --preset release -j "$(nproc)" >/dev/null
if [ "${1-}" = coverage ]; then
    shift
    LOADCAST=$PWD/build/release/loadcast exec sh tests/bench/bench_coverage.sh "$@"
fi
if [ "${1-}" = backtest ]; then
    shift
    LOADCAST=$PWD/build/release/loadcast exec sh tests/bench/bench_backtest.sh "$@"
fi
if [ "${1-}" = gates ]; then
    shift
    exec python3 tests/bench/bench_gates.py build/release/loadcast "$@"
fi
if [ "${1-}" = screening ]; then
    shift
    exec python3 tests/bench/bench_screening.py build/release/loadcast "$@"
fi
if [ "${1-}" = instructions ]; then
    exec sh tests/bench/instructions.sh build/release/tests
fi
if [ "${1-}" = readers ]; then
    shift
    exec sh tests/bench/readers.sh build/release/tests "$@"
fi
if [ "${1-}" = families ]; then
    shift
    exec build/release/tests/bench_families "$@"
fi
if [ "${1-}" = coverage-engine ]; then
    [ "${3-}" = paired ] || build/release/tests/bench_intervals "${2-500}" ${3+"$3"}
    [ "${3-paired}" != paired ] || python3 tests/bench/bench_paired.py build/release/loadcast "${2-500}"
    exit
fi
if [ "${1-}" = solve ]; then
    mkdir -p build/release/learned
    for traces in scenarios/search/traces tests/data/traces/*; do
        build/release/loadcast fit "$traces" -o "build/release/learned/$(basename "$traces").yaml" >/dev/null 2>&1 ||
            echo "no model of $traces"
    done
    python3 tests/bench/bench_many_tasks.py build/release/loadcast
    exec build/release/tests/bench_solve -n "${2-200}" -s 20000 -p 0.005 -e 2e7 -c build/release/solved.txt \
        tests/data/lqn/*.lqn* tests/data/lqn/order/*.lqn tests/data/lqn/old/*.lqn build/release/learned/*.yaml
fi
for bench in build/release/tests/bench_*; do
    [ -x "$bench" ] && [ "$(basename "$bench")" != bench_read ] || continue
    echo "== $(basename "$bench")"
    "$bench"
done
echo "== bench_read"
traces=$(mktemp -d)
trap 'rm -rf "$traces"' EXIT INT TERM
# shellcheck disable=SC2046 # its output is the names
build/release/tests/bench_read $(python3 tests/bench/trace_files.py "$traces" 50)
echo "== bench_shape.sh"
LOADCAST=$PWD/build/release/loadcast sh tests/bench/bench_shape.sh
echo "== bench_listen.py"
python3 tests/bench/bench_listen.py build/release/loadcast
