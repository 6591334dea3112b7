#!/bin/sh
# Installs what is missing, builds with warnings as errors, and runs every test: first under AddressSanitizer and
# UndefinedBehaviorSanitizer, then as released. Stops where something fails, having printed it; else ends with the test
# runner's closing line. 15 minutes on two cores.
#   sh tests/run.sh --nightly    what does not fit these: lint, each allocation that fails, ranks under mpirun,
#                                ThreadSanitizer where threads are, 5 minutes of each fuzzer, the benchmarks, clang with
#                                its sanitizers and as released, validation at full length. A night: the
#                                allocations alone take 4 to 5 hours, the fuzzers 2. ALLOCATIONS=9 FUZZ_SECONDS=5
#                                WINDOWS=20 CTEST='-R test_dist' BENCHMARKS=no shorten it, to see that it works.
set -eu
cd "$(dirname "$0")/.."
sh scenarios/install.sh test
jobs=$(nproc)
started=$(date +%s)

say() { # what begins now, and how long what ends took
    now=$(date +%s)
    [ -z "${piece-}" ] || echo "== $((now - begun)) s: $piece"
    piece=$* begun=$now
    echo "== after $((now - started)) s: $*"
}

quietly() { # COMMAND…: what it prints is printed where it fails
    log=$(mktemp)
    "$@" >"$log" 2>&1 || { cat "$log"; rm -f "$log"; exit 1; }
    rm -f "$log"
}

build() { # FOLDER PRESET TARGET [-DNAME=VALUE…]
    say "$1: configure, build"
    folder=build/$1 preset=$2 target=$3
    shift 3
    quietly cmake --preset "$preset" -B "$folder" "$@"
    quietly cmake --build "$folder" -j "$jobs" --target "$target"
}

check() { # FOLDER [ctest's options…]
    say "$1: test"
    folder=build/$1
    shift
    # shellcheck disable=SC2086 # several words
    ctest --test-dir "$folder" --output-on-failure -j "$jobs" "$@" ${CTEST-}
}

if [ "${1-}" = --nightly ]; then
    sh scenarios/install.sh fuzz # for clang
    clang="-DCMAKE_C_COMPILER=clang -DCMAKE_CXX_COMPILER=clang++"
    say lint
    sh tests/lint.sh
    sh scenarios/install.sh page
    build ci ci all
    say "every allocation of every command fails"
    ALLOCATIONS=${ALLOCATIONS-all} check ci -R '^cli_out_of_memory$'
    say page
    sh tests/page.sh build/ci/loadcast
    say "export from OpenTelemetry's SDK for Node.js"
    sh tests/node/export.sh build/ci/loadcast
    sh scenarios/install.sh mpi
    build mpi ci loadcast -DLOADCAST_MPI=ON
    check mpi -R '^cli_(ranks|cluster)$'
    sh scenarios/install.sh deb
    say "package on a bare Debian"
    sh tests/install/deb.sh
    say docs
    python3 tests/docs.py build/ci/loadcast --nightly
    build tsan tsan threaded $clang
    check tsan -L threaded
    build clang-asan asan all $clang
    check clang-asan
    say fuzz
    sh tests/fuzz/run.sh "${FUZZ_SECONDS-300}"
    [ "${BENCHMARKS-}" = no ] || { say benchmarks && quietly sh tests/bench/run.sh; }
    build clang ci all $clang "-DLOADCAST_WINDOWS=${WINDOWS-300}"
    check clang
    say done
    exit
fi

build asan asan all
check asan -LE released
build ci ci all
check ci
