#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Predicts the load levels at which the search system was measured, from the requests recorded one at a time, and prints
# predicted against measured as Markdown. The arrival rates of each level are those that were measured, so that the
# prediction is not blamed for the randomness of arrivals. Exit status 1 when a prediction lies outside its bounds.
#
# usage: validate.sh LOADCAST COMPARE alone|pooled [further options of loadcast run]
# alone: from the requests to release r1, which is the one that was measured; pooled: service times of r2 and r3 too, where
# they do not differ.
# ALLOWED_MISSES in the environment: how many predictions may lie outside their bounds (0 unless given).
set -eu
loadcast=$1
compare=$2
case $3 in
alone) files=full-seq-r1.otlp.jsonl.gz ;;
pooled) files='*.jsonl.gz' ;;
*) echo "validate.sh: '$3' is neither 'alone' nor 'pooled'" >&2; exit 2 ;;
esac
shift 3
source=$(cd "$(dirname "$0")/../.." && pwd)
measured=$source/tests/data/testbed/measured.csv
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The scenario of scenarios/search with the measured levels instead of its own load, and without goals.
{
    awk '/^load:/ { skip = 1; next } /^(what_if|goals|simulation):/ { skip = 1; next }
         /^[a-z]/ { skip = 0 } !skip { print }' "$source/scenarios/search/search.yaml" |
        sed -e "s|\[traces/[^]]*|[$source/scenarios/search/traces/$files|" -e "s|activities: |activities: $source/scenarios/search/|"
    echo "load:"
    echo "  points:"
    awk -F, '$4 == "arrival_rate_actual" && $5 ~ /^request:(login|location|keyword)$/ {
                 split($5, part, ":"); rate[$1, part[2]] = $6; if (!seen[$1]++) order[++n] = $1 }
             END { for (i = 1; i <= n; i++)
                       printf "    - {name: \"%s %%\", rates: {login: %s/s, location: %s/s, keyword: %s/s}}\n", order[i],
                              rate[order[i], "login"], rate[order[i], "location"], rate[order[i], "keyword"] }' "$measured"
    echo "simulation: {precision: 1 %, max_time: 5 min}"
} >"$work/levels.yaml"

status=0
"$loadcast" run "$work/levels.yaml" --quiet --json "$work/verdict.json" "$@" >/dev/null || status=$?
# 1: a level is overloaded, as it should be; 5: the precision was not reached everywhere.
case $status in 0 | 1 | 5) ;; *) exit "$status" ;; esac
"$compare" "$measured" "$work/verdict.json" "${ALLOWED_MISSES:-0}"
