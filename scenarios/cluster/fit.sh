#!/bin/sh
# Learns a model from many files without MPI: a summary of each file, as many at a time as there are cores, then their
# sum, which is the model of all traces bit for bit.
#
#   sh fit.sh MODEL.yaml TRACE-FILE… [-- options of fit that shape the collecting, such as --release r1]
#
# With GNU parallel and files that hold whole traces of hosts with good clocks, it is one line (--sshlogin: many machines):
#
#   parallel loadcast fit {} --summary {/}.gz ::: traces/*.jsonl.gz && loadcast fit --merge *.jsonl.gz.gz -o model.yaml
#
# Where a file alone was decided otherwise than all of them together (clocks, which calls nobody waits for), merging says
# so, and the files are summarised once more with the decisions of all.
set -eu
model=$1
shift
export LOADCAST="${LOADCAST:-loadcast}"
parts=$(mktemp -d "${TMPDIR:-/tmp}/loadcast-parts.XXXXXX")
trap 'rm -rf "$parts"' EXIT
count=0
while [ $# -gt 0 ] && [ "$1" != -- ]; do
    count=$((count + 1))
    ln -s "$(realpath "$1")" "$parts/$(printf %06d $count).trace"
    shift
done
[ $# -eq 0 ] || shift
[ $count -gt 0 ] || { echo "usage: sh fit.sh MODEL.yaml TRACE-FILE… [-- options of loadcast fit]" >&2; exit 2; }

numbers() {
    for file in "$parts"/*.trace; do
        basename "$file" .trace
    done
}

summarise() { # [options]: of each file NUMBER.trace the summary NUMBER.gz
    set -- "$LOADCAST" fit "$parts/{}.trace" --summary "$parts/{}.gz" --quiet "$@"
    if command -v parallel >/dev/null; then
        numbers | parallel -q "$@"
    else
        numbers | xargs -P "$(nproc)" -I '{}' "$@"
    fi
}

summarise "$@"
if ! "$LOADCAST" fit --merge "$parts"/*.gz -o "$model" "$@" 2>"$parts/said"; then
    grep -q -- --decisions "$parts/said" || { cat "$parts/said" >&2; exit 3; }
    "$LOADCAST" fit --merge "$parts"/*.gz --summary "$parts/all" --quiet "$@"
    summarise --decisions "$parts/all" "$@"
    "$LOADCAST" fit --merge "$parts"/*.gz -o "$model" "$@"
else
    cat "$parts/said" >&2
fi
