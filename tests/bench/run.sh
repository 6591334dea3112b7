#!/bin/sh
# Builds the release preset and runs every benchmark; each prints its figures and the ratio to a reference in the same run.
set -eu
cd "$(dirname "$0")/../.."
sh scenarios/install.sh test
cmake --preset release -DLOADCAST_TESTS=ON >/dev/null
cmake --build --preset release -j "$(nproc)" >/dev/null
for bench in build/release/tests/bench_*; do
    [ -x "$bench" ] || continue
    echo "== $(basename "$bench")"
    "$bench"
done
