#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# How far loadcast and LQSIM agree: conformance.sh [-n N] [FOLDER|FILE…]
# Every LQN model below the folders, and N random ones of lqngen, are simulated by both; values that both tell are
# compared. A value agrees when it lies within 5 %, within 0.0001, or within both 95 % intervals taken together. Prints the worst models
# and values first, then what only one of the two accepts, then the sums. LQSIM, LQNGEN and LOADCAST name the programs
# (lqsim and lqngen of the PATH; build/release/loadcast); BLOCK is LQSIM's block length in units of the model (20000),
# of which it simulates ten. What LQSIM is known to tell wrong (docs/lqn-files.md) is left out.
set -eu
lqsim=${LQSIM:-lqsim} lqngen=${LQNGEN:-lqngen} block=${BLOCK:-20000} random=0
loadcast=${LOADCAST:-$(dirname "$0")/../../build/release/loadcast}
if [ "${1-}" = -n ]; then
    random=$2
    shift 2
fi
for program in "$lqsim" "$loadcast" jq; do
    command -v "$program" >/dev/null || { echo "conformance.sh: there is no program '$program'" >&2; exit 2; }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Random models: every option of lqngen that makes another kind of model takes its turn; their periods have no common
# divisor, so that all combinations come.
generate() {
    i=0
    while [ $i -lt "$random" ]; do
        i=$((i + 1))
        set -- --seed=$i --uniform=0.5 --clients=$((1 + i % 2)) --layers=$((1 + i % 3)) --tasks=$((3 + i % 4)) \
            --processors=$((2 + i % 5)) --entries=$((1 + i % 2)) --outgoing-requests=1.5 --customers=constant:$((1 + i % 4)) \
            --request-rate=1 --task-multiplicity=constant:$((1 + i % 3))
        [ $((i % 2)) = 0 ] && set -- "$@" --think-time=5
        [ $((i % 3)) = 0 ] && set -- "$@" --second-phase=0.5
        [ $((i % 5)) = 0 ] && set -- "$@" --infinite-server=0.3
        [ $((i % 7)) = 0 ] && set -- "$@" --processor-multiplicity=constant:2
        [ $((i % 11)) = 0 ] && set -- "$@" --group=0.5
        [ $((i % 13)) = 0 ] && set -- "$@" --delay-server=0.3
        case $((i % 6)) in
        0) set -- "$@" --funnel ;;
        1) set -- "$@" --pyramid ;;
        2) set -- "$@" --fat ;;
        3) set -- "$@" --hour-glass ;;
        4) set -- "$@" --random ;;
        *) set -- "$@" --deterministic ;;
        esac
        "$lqngen" "$@" --format=xml "$work/random-$i.lqnx" >/dev/null 2>&1 && [ -s "$work/random-$i.lqnx" ] ||
            echo "lqngen fails with $*" >&2
    done
}

# judge NAME A B GRAPHS: a line for each value, "agrees|differs difference NAME value A B"
judge() {
    "$loadcast" compare -q "$2" "$3" --json - 2>/dev/null | jq -r --arg name "$1" --argjson graphs "$4" '
        .figures[] | select(.a.mean != null and .b.mean != null)
        # See "Where LQSIM is not followed" in docs/lqn-files.md.
        | select((.kind == "activity" and (.metric == "processor_utilization" or .metric == "utilization")) | not)
        | select(($graphs and (.metric == "processor_utilization" or .kind == "processor")) | not)
        | select((.kind == "call" and (.name | test("async"))) | not)
        | select((.metric == "throughput_bound" or .metric == "cv2" or (.metric | test("variance"))) | not)
        | (if .a.mean == .b.mean then 0 elif .a.mean == 0 then 9.99 else ((.b.mean - .a.mean) / .a.mean | fabs) end) as $d
        | (if $d <= 0.05 or ((.b.mean - .a.mean) | fabs) < 1e-4 or ((.b.mean - .a.mean) | fabs) <=
              (((.a.ci95 // 0) * (.a.ci95 // 0) + (.b.ci95 // 0) * (.b.ci95 // 0)) | sqrt) then "agrees" else "differs" end)
          + "\t\($d)\t\($name)\t\(.kind) \(.name) \(.metric)\t\(.a.mean)\t\(.b.mean)"'
}

# LQSIM's noise on standard error has nothing to do with the model.
simulate() { # FILE NAME
    theirs=0 ours=0
    timeout "${LIMIT:-120}" "$lqsim" -B"10,$block" -S1 -P stop-on-message-loss=false -x -o "$work/a.lqxo" "$1" >/dev/null 2>"$work/a.err" ||
        theirs=$?
    "$loadcast" simulate -q --precision 0.01 --max-time "${LIMIT:-120} s" --format lqnx "$1" >"$work/b.lqxo" 2>"$work/b.err" || ours=$?
    [ $ours = 5 ] && ours=0 # in the time allowed less precisely
    if [ $theirs = 0 ] && [ -s "$work/a.lqxo" ] && [ $ours = 0 ]; then
        graphs=false
        grep -q '<task-activities' "$work/a.lqxo" && graphs=true
        judge "$2" "$work/a.lqxo" "$work/b.lqxo" $graphs >>"$work/values"
    elif [ $theirs = 0 ] && [ $ours != 0 ]; then
        echo "$2: only LQSIM accepts it: $(head -1 "$work/b.err")" >>"$work/verdicts"
    elif [ $theirs != 0 ] && [ $ours = 0 ]; then
        echo "$2: only loadcast accepts it: $(grep -m1 -E 'error|fatal' "$work/a.err" || echo "status $theirs")" >>"$work/verdicts"
    else
        echo "$2: neither accepts it" >>"$work/neither"
    fi
    rm -f "$work"/a.lqxo "$work"/b.lqxo
}

: >"$work/values"
: >"$work/verdicts"
: >"$work/neither"
generate
for place in "$@" "$work"; do
    find "$place" -type f \( -name '*.lqnx' -o -name '*.xml' -o -name '*.lqn' -o -name '*.in' -o -name '*.xlqn' \) | sort
done >"$work/files"
while read -r file; do
    simulate "$file" "$(basename "$file")"
done <"$work/files"

awk -F'\t' '{ n[$3]++; bad[$3] += $1 == "differs"; if ($1 == "differs" && $2 > worst[$3]) worst[$3] = $2 }
    END { for (m in n) printf "%6.2f %%  %d of %d  worst %.1f %%  %s\n", 100 * (n[m] - bad[m]) / n[m], n[m] - bad[m], n[m], 100 * worst[m], m }' \
    "$work/values" | sort -n | head -n "${ROWS:-40}"
echo
grep '^differs' "$work/values" | sort -t"$(printf '\t')" -k2,2gr | head -n "${ROWS:-40}" |
    awk -F'\t' '{ printf "%9.1f %%  %-24s %s: LQSIM %g, loadcast %g\n", 100 * $2, $3, $4, $5, $6 }'
echo
cat "$work/verdicts"
awk -F'\t' '{ n++; good += $1 == "agrees" } END { printf "%d of %d values agree: %.2f %%\n", good, n, n ? 100 * good / n : 0 }' "$work/values"
echo "$(wc -l <"$work/files") models; $(wc -l <"$work/verdicts") that only one accepts, $(wc -l <"$work/neither") that neither does"
