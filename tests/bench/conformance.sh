#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# How far loadcast and LQSIM agree: conformance.sh [-n N] [-k KEPT] [FOLDER|FILE…]
# Every LQN model below the folders, and N random ones of lqngen, are simulated by both; values that both tell are
# compared. A value agrees when it lies within 5 %, within 0.0001, or within both 95 % intervals taken together. One that
# does not, but stands in the table of docs/lqsim-differences.md, is counted apart. Prints the worst models and values
# first, then what only one of the two accepts, then the sums.
# KEPT is a folder for LQSIM's results, which are taken from there the next time. LQSIM, LQNGEN and LOADCAST name the
# programs (lqsim and lqngen of the PATH; build/release/loadcast); BLOCK is LQSIM's block length in units of the model
# (20000), of which it simulates ten; LIMIT bounds each simulation (120 seconds), PRECISION is ours (0.01).
set -eu
lqsim=${LQSIM:-lqsim} lqngen=${LQNGEN:-lqngen} block=${BLOCK:-20000} random=0 kept=
here=$(dirname "$0")/../..
loadcast=${LOADCAST:-$here/build/release/loadcast}
while getopts n:k: option; do
    case $option in
    n) random=$OPTARG ;;
    k) kept=$OPTARG ;;
    *) exit 2 ;;
    esac
done
shift $((OPTIND - 1))
for program in "$lqsim" "$loadcast" jq; do
    command -v "$program" >/dev/null || { echo "conformance.sh: there is no program '$program'" >&2; exit 2; }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
: "${kept:=$work/kept}"
mkdir -p "$kept"
kept=$(realpath "$kept")

# The first cell of each row that begins with a code span: patterns of "MODEL KIND NAME METRIC", * for any text and ? for
# a character, as regular expressions in a JSON array.
documented=$(grep '^| `' "$here/docs/lqsim-differences.md" | cut -d'|' -f2 | grep -o '`[^`]*`' | tr -d '`' |
    sed 's/[].+(){}^$[]/\\&/g; s/?/./g; s/\*/.*/g; s/.*/^&$/' | jq -R . | jq -sc .)

# Random models: every option of lqngen that makes another kind of model takes its turn; their periods have no common
# divisor with each other or with 2, 3 and 5, so that many combinations come.
generate() {
    i=0 made=0
    while [ $made -lt "$random" ]; do
        i=$((i + 1)) suffix=lqnx
        set -- --seed=$i --clients=$((1 + i % 2)) --layers=$((1 + i % 3)) --tasks=$((3 + i % 4)) --processors=$((2 + i % 5)) \
            --entries=$((1 + i % 2)) --outgoing-requests=1.5 --request-rate=1 --task-multiplicity=constant:$((1 + i % 3))
        [ $((i % 2)) = 0 ] && set -- "$@" --think-time=5
        [ $((i % 3)) = 0 ] && set -- "$@" --second-phase=0.5
        [ $((i % 5)) = 0 ] && set -- "$@" --infinite-server=0.3
        [ $((i % 7)) = 0 ] && set -- "$@" --processor-multiplicity=constant:2
        [ $((i % 11)) = 0 ] && set -- "$@" --group=0.5 --share=0.3
        [ $((i % 13)) = 0 ] && set -- "$@" --delay-server=0.3
        [ $((i % 17)) = 0 ] && set -- "$@" --long-names
        [ $((i % 19)) = 0 ] && set -- "$@" --service-time=0.2
        if [ $((i % 23)) = 0 ]; then set -- "$@" --total-customers=6; else set -- "$@" --customers=constant:$((1 + i % 4)); fi
        case $((i % 6)) in
        0) set -- "$@" --funnel ;;
        1) set -- "$@" --pyramid ;;
        2) set -- "$@" --fat ;;
        3) set -- "$@" --hour-glass ;;
        4) set -- "$@" --random ;;
        *) set -- "$@" --deterministic ;;
        esac
        case $((i % 4)) in
        0) set -- "$@" --breadth ;;
        1) set -- "$@" --depth ;;
        esac
        case $((i % 8)) in
        0) set -- "$@" --constant ;;
        1) set -- "$@" --gamma=0.5 ;;
        2) set -- "$@" --normal=0.2 ;;
        3) set -- "$@" --poisson ;;
        *) set -- "$@" --uniform=0.5 ;;
        esac
        case $((i % 9)) in
        0) set -- "$@" --spex-output && suffix=lqn ;;
        1) set -- "$@" --format=lqn && suffix=lqn ;;
        *) set -- "$@" --format=xml ;;
        esac
        if "$lqngen" "$@" "$work/random-$i.$suffix" >/dev/null 2>&1 && [ -s "$work/random-$i.$suffix" ]; then
            made=$((made + 1))
        else # some combinations crash it
            rm -f "$work/random-$i.$suffix"
        fi
    done
}

# What rows of the table are about, told behind the name of a model: " (phases)", " (graph)", " (cfs)".
kinds() {
    ! grep -q 'phase="2"' "$1" || printf ' (phases)'
    ! grep -q '<task-activities' "$1" || printf ' (graph)'
    ! grep -q 'scheduling="cfs"' "$1" || printf ' (cfs)'
}

# judge NAME A B: a line for each value, "agrees|documented|differs difference NAME value A B"
judge() {
    "$loadcast" compare -q "$2" "$3" --json - 2>/dev/null | jq -r --arg name "$1" --arg kinds "$(kinds "$2")" --argjson documented "$documented" '
        .figures[] | select(.a.mean != null and .b.mean != null)
        | "\(.kind) \(.name) \(.metric)" as $value
        | ((.b.mean - .a.mean) | fabs) as $apart
        | (if $apart == 0 then 0 elif .a.mean == 0 then 9.99 else $apart / (.a.mean | fabs) end) as $d
        | (if $d <= 0.05 or $apart < 1e-4 or $apart <= ((.a.ci95 // 0) * (.a.ci95 // 0) + (.b.ci95 // 0) * (.b.ci95 // 0) | sqrt)
              then "agrees"
           elif any($documented[]; . as $pattern | "\($name)\($kinds) \($value)" | test($pattern)) then "documented"
           else "differs" end)
          + "\t\($d)\t\($name)\t\($value)\t\(.a.mean)\t\(.b.mean)"'
}

# The same of two reports: LQSIM writes nothing else of a model that has one. They have no intervals.
judge_reports() {
    awk -F', *' -v name="$1" 'FNR == 1 { for (i = 1; i <= NF; i++) column[FILENAME, $i] = i; if (NR == 1) for (i = 2; i <= NF; i++) title[i] = $i; next }
        NR == FNR { for (i = 2; i in title; i++) theirs[FNR, title[i]] = $i; next }
        { for (i = 2; i in title; i++) {
            if (!((FILENAME, title[i]) in column)) continue # an expression, which either prints in its own way
            a = theirs[FNR, title[i]]; b = $column[FILENAME, title[i]]
            if (a == "" || a == "nan" || b == "nan") continue
            apart = b > a ? b - a : a - b; d = apart == 0 ? 0 : a == 0 ? 9.99 : apart / (a < 0 ? -a : a)
            print (d <= 0.05 || apart < 1e-4 ? "agrees" : "differs") "\t" d "\t" name "\treport " title[i] " of point " FNR - 1 "\t" a "\t" b } }' "$2" "$3"
}

# LQSIM's result of FILE, made at most once: $theirs. Its noise on standard error has nothing to do with the model.
reference() {
    theirs="$kept/$(cksum <"$1" | cut -d' ' -f1)-$(basename "$1")"
    [ -e "$theirs.status" ] && return
    status=0
    timeout "${LIMIT:-120}" "$lqsim" -B"10,$block" -S1 -P stop-on-message-loss=false -x -o "$theirs.lqxo" "$1" >/dev/null 2>"$theirs.err" ||
        status=$?
    [ -s "$theirs.lqxo" ] || status=1
    echo $status >"$theirs.status"
}

simulate() { # FILE NAME
    ours=0 format=lqnx
    reference "$1"
    case $(head -c 1 "$theirs.lqxo" 2>/dev/null) in '$') format=csv ;; esac
    "$loadcast" simulate -q --precision "${PRECISION:-0.01}" --max-time "${LIMIT:-120} s" --format $format "$1" >"$work/b.lqxo" 2>"$work/b.err" || ours=$?
    [ $ours = 5 ] && ours=0 # in the time allowed less precisely
    if [ "$(cat "$theirs.status")" = 0 ] && [ $ours = 0 ] && [ $format = csv ]; then
        judge_reports "$2" "$theirs.lqxo" "$work/b.lqxo" >>"$work/values"
    elif [ "$(cat "$theirs.status")" = 0 ] && [ $ours = 0 ]; then
        judge "$2" "$theirs.lqxo" "$work/b.lqxo" >>"$work/values"
    elif [ $ours != 0 ] && [ "$(cat "$theirs.status")" = 0 ]; then
        echo "$2: only LQSIM accepts it: $(head -1 "$work/b.err")" >>"$work/verdicts"
    elif [ $ours = 0 ]; then
        echo "$2: only loadcast accepts it: $(grep -m1 -E 'error|fatal' "$theirs.err" || echo "status $(cat "$theirs.status")")" >>"$work/verdicts"
    else
        echo "$2: neither accepts it" >>"$work/neither"
    fi
}

: >"$work/values"
: >"$work/verdicts"
: >"$work/neither"
generate
for place in "$@" "$work"; do # whole paths: LQSIM puts them behind its folder of a sweep's results
    find "$(realpath "$place")" -type f \( -name '*.lqnx' -o -name '*.xml' -o -name '*.lqn' -o -name '*.in' -o -name '*.xlqn' \) | sort
done >"$work/files"
while read -r file; do
    simulate "$file" "$(basename "$file")" </dev/null # what reads its input takes none of the list
done <"$work/files"

awk -F'\t' '{ n[$3]++; bad[$3] += $1 == "differs"; told[$3] += $1 == "documented"; if ($1 == "differs" && $2 > worst[$3]) worst[$3] = $2 }
    END { for (m in n) printf "%6.2f %%  %d of %d  %d documented  worst %.1f %%  %s\n",
              100 * (n[m] - bad[m]) / n[m], n[m] - bad[m] - told[m], n[m], told[m], 100 * worst[m], m }' \
    "$work/values" | sort -n | head -n "${ROWS:-40}"
echo
grep '^differs' "$work/values" | sort -t"$(printf '\t')" -k2,2gr | head -n "${ROWS:-40}" |
    awk -F'\t' '{ printf "%9.1f %%  %-24s %s: LQSIM %g, loadcast %g\n", 100 * $2, $3, $4, $5, $6 }'
echo
cat "$work/verdicts"
awk -F'\t' '{ n++; good += $1 == "agrees"; told += $1 == "documented" }
    END { printf "%d of %d values agree, %d more are documented: %.2f %%\n", good, n, told, n ? 100 * (good + told) / n : 0 }' "$work/values"
echo "$(wc -l <"$work/files") models; $(wc -l <"$work/verdicts") that only one accepts, $(wc -l <"$work/neither") that neither does"
