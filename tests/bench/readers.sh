#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Every reader of traces with the same requests: instructions a span and a byte (by callgrind, the same on any machine with
# the same compiler) of the least that the bytes cost, of reading and of the whole extraction; then bytes a second of CPU time.
#   sh tests/bench/readers.sh [FOLDER OF BENCH_READ [MEGABYTES [FORMAT…]]]     build/release/tests, 100, all
# Without megabytes (0): instructions only. Formats are the names in trace_files.py.
set -eu
cd "$(dirname "$0")/../.."
bench=${1-build/release/tests}/bench_read
megabytes=${2-100}
[ $# -lt 2 ] && shift $# || shift 2
[ -x "$bench" ] || { echo "$bench is not built; expected: cmake --build --preset release --target bench_read" >&2; exit 4; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
count() { # PASS FUNCTION FILE: instructions, 0: there is no such pass
    valgrind --tool=callgrind --callgrind-out-file=/dev/null --toggle-collect="$2" "$bench" once "$1" "$3" \
        >"$folder/once" 2>"$folder/count" && awk '/Collected/ {print $NF}' "$folder/count" || echo 0
}
if command -v valgrind >/dev/null; then
    printf "%-24s%12s%9s%9s%9s%15s%9s%9s\n" format bytes/span bare/B read/B trees/B bare/span read/ trees/
    python3 tests/bench/trace_files.py "$folder" 2 "$@" >"$folder/names"
    while read -r file; do
        bare=$(count bare bare "$file")
        trees=$(count trees our_extraction "$file")
        read=$(count read our_reading "$file")
        awk -v name="$(basename "$file")" -v bare="$bare" -v read="$read" -v trees="$trees" '{
            printf "%-24s%12.0f%9.1f%9.1f%9.1f%15.0f%9.0f%9.0f\n", name, $3 / $1, bare / $3, read / $3, trees / $3,
                bare / $1, read / $1, trees / $1}' "$folder/once"
    done <"$folder/names"
fi
[ "$megabytes" != 0 ] || exit 0
rm -rf "${folder:?}"/*
[ $# -gt 0 ] || set -- $(python3 tests/bench/trace_files.py "$folder" 0.0001 | sed 's:.*/::')
for format; do # one after the other, so that they need no more room than one
    "$bench" "$(python3 tests/bench/trace_files.py "$folder" "$megabytes" "$format")"
    rm "$folder/$format"
done
