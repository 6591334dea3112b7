#!/bin/sh
# Installs what is missing, builds with warnings as errors, and runs every test: first under AddressSanitizer and
# UndefinedBehaviorSanitizer, then as released. Ends with the test runner's closing line.
set -eu
cd "$(dirname "$0")/.."
sh scenarios/install.sh test

jobs=$(nproc)
for preset in asan ci; do
    echo "== $preset: configure, build, test"
    cmake --preset "$preset" >"build-$preset.log" 2>&1 || { cat "build-$preset.log"; exit 1; }
    cmake --build --preset "$preset" -j "$jobs" >"build-$preset.log" 2>&1 || { cat "build-$preset.log"; exit 1; }
    rm -f "build-$preset.log"
    ctest --preset "$preset" -j "$jobs"
done
