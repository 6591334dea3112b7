#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Predicts the load levels at which the search system was measured, from the requests recorded one at a time, and prints
# predicted against measured as Markdown. Each level is simulated as it was measured: 120 s from an empty system, the first
# 20 s dropped, again and again; the prediction is the mean over these windows. The arrival rates are those that were
# measured, so that the prediction is not blamed for the randomness of arrivals. Exit status 1 when a prediction lies
# outside its bounds.
#
# usage: validate.sh LOADCAST COMPARE alone|pooled [WINDOWS [PRECISION]]
# alone: from the requests to release r1, which is the one that was measured; pooled: service times of r2 and r3 too, where
# they do not differ. WINDOWS: how many (300). PRECISION, such as '2 %': predicts the steady state too, in a table of its
# own.
# ALLOWED_MISSES in the environment: how many predictions may lie outside their bounds (0 unless given).
set -eu
loadcast=$1
compare=$2
case $3 in
alone) files=full-seq-r1.otlp.jsonl.gz ;;
pooled) files='*.jsonl.gz' ;;
*) echo "validate.sh: '$3' is neither 'alone' nor 'pooled'" >&2; exit 2 ;;
esac
windows=${4:-300} precision=${5:-}
source=$(cd "$(dirname "$0")/../.." && pwd)
measured=$source/tests/data/testbed/measured.csv attempts=$source/tests/data/testbed/attempts.csv
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
} >"$work/levels.yaml"

# predict NAME 'SIMULATION': the verdict is $work/NAME.json. Status 1: a level is overloaded, as it should be; 5: the
# precision was not reached everywhere.
predict()
{
    { cat "$work/levels.yaml"; echo "simulation: {$2, max_time: 10 min}"; } >"$work/$1.yaml"
    status=0
    "$loadcast" run "$work/$1.yaml" --quiet --json "$work/$1.json" >/dev/null || status=$?
    case $status in 0 | 1 | 5) ;; *) exit "$status" ;; esac
}

predict windows "replications: $windows, run_time: 100 s, warmup: 20 s"
[ -z "$precision" ] || predict steady "precision: $precision"
"$compare" "$measured" "$attempts" "$work/windows.json" "${ALLOWED_MISSES:-0}" ${precision:+"$work/steady.json"}
