#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Instructions an event in the event loop alone, by callgrind: the same on any machine with the same compiler. A model that
# takes more than is allowed ends it with 1. What is allowed is a twentieth more than on 2026-11-30 (gcc 12, -O2).
#   sh tests/bench/instructions.sh [FOLDER OF BENCH_SIM]     build/release/tests unless given
set -eu
cd "$(dirname "$0")/../.."
bench=${1-build/release/tests}/bench_sim
[ -x "$bench" ] || { echo "$bench is not built; expected: cmake --build --preset release --target bench_sim" >&2; exit 4; }
command -v valgrind >/dev/null || { echo "expected callgrind (Debian package valgrind)" >&2; exit 4; }
events=100000
status=0
counts=$(mktemp)
trap 'rm -f "$counts"' EXIT
for row in layers-3:347 closed-think:348 mm1:200 closed-1 multiserver nested web-shop; do
    model=${row%:*}
    valgrind --tool=callgrind --callgrind-out-file=/dev/null --toggle-collect=lci_engine_run "$bench" events "$model" \
        $events >/dev/null 2>"$counts"
    each=$(awk -v n=$events '/Collected/ {printf "%.0f", $NF / n}' "$counts")
    case $row in
    *:*) allowed=", at most ${row#*:}" ;;
    *) allowed= ;;
    esac
    echo "$model: $each instructions an event$allowed"
    [ -z "$allowed" ] || [ "$each" -le "${row#*:}" ] || status=1
done
exit $status
