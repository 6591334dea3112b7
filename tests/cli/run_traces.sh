#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The verdict on recorded traces: of several releases; of traces taken under load, whose waiting is taken out.
set -eu
. "$SOURCE/tests/support/cli.sh"
traces=$SOURCE/scenarios/search/traces

# scenario LOAD-ASSUMPTION RELEASE FILES…: the search system at a load at which hardly anybody waits.
scenario() {
    sed -e "s|\[traces/[^]]*|[$3|" -e "s|release: r1.*|release: $2|" -e "s|assume_load: low|assume_load: $1|" \
        -e "s|activities: |&$SOURCE/scenarios/search/|" -e '/^what_if:/,$d' -e 's/^load:.*//' "$SOURCE/scenarios/search/search.yaml"
    echo "simulation: {precision: 5 %}"
}

# The time for which a request holds a thread of component $1, in ms, of v.json: threads in use ÷ requests a second.
held() {
    awk -v name="\"name\": \"$1\"" '/"tasks": \[/ { tasks = 1 } tasks && index($0, name) { on = 1 }
        on && /"(utilization|throughput)": \{/ { key = $1 }
        on && key != "" && /"mean":/ { sub(/.*: */, ""); sub(/,.*/, ""); value[key] = $0; key = "" }
        on && "\"utilization\":" in value && "\"throughput\":" in value {
            print 1000 * value["\"utilization\":"] / value["\"throughput\":"]; exit }' v.json
}

# Recorded at 20 % of the load that the system can serve; hold_mean_ms was metered inside it in the same run, from 20 to 120 s
# after its begin: the requests of that time are taken for a release of their own.
echo '{"activity": "metered", "release": "metered", "start": 1795315607526000128, "end": 1795315707526000128}' >metered.json
scenario measured metered "$SOURCE/tests/data/testbed/full-low.otlp.jsonl.gz" |
    sed "s|activities: [^ ]*|activities: metered.json|" >low.yaml
"$LOADCAST" run low.yaml --json v.json >out 2>err || fail "the traces taken under load give status $?: $(cat err)"
grep -q "waiting for threads of photo was taken out" out || fail "nothing is said of waiting: $(cat out)"
for component in auth cache profile photo stats worker; do
    metered=$(awk -F, -v c="$component" '$1 == 20 && $4 == "hold_mean_ms" && $5 == c { print $6 }' \
        "$SOURCE/tests/data/testbed/measured.csv")
    learned=$(held "$component")
    echo "$component: held for $learned ms, metered $metered ms"
    awk -v a="$learned" -v b="$metered" 'BEGIN { exit !(a > 0.95 * b && a < 1.05 * b) }' ||
        fail "$component is held for $learned ms, metered were $metered ms"
done

# The named release tells what happens: 3 jobs for a search by location, 3 to 5 for one by keyword; in r3 it is 5, and 5 to 7.
for release in r1:3.5 r3:5.5; do
    scenario low "${release%:*}" "$traces" >release.yaml
    "$LOADCAST" run release.yaml --verbose >out 2>err || fail "releases give status $?: $(cat err)"
    grep -q "times of releases ${release%:*}, r[12], r[23]: pooled in" out || fail "no word of pooling"
    jobs=$(awk 'NR > 1 && $1 == "worker" { print $(NF - 2) }' out | head -1)
    searches=$(awk 'NR > 1 && $1 == "photo" { print $(NF - 2) }' out | head -1)
    awk -v a="$jobs" -v b="$searches" -v c="${release#*:}" 'BEGIN { exit !(a / b > c - 0.1 && a / b < c + 0.1) }' ||
        fail "$release: $jobs jobs of $searches searches"
done
sed 's/release: r3/release: r4/' release.yaml >wrong.yaml
status=0
"$LOADCAST" run wrong.yaml >out 2>err || status=$?
[ $status = 3 ] || fail "a release that is not there gives status $status"
grep -q "no trace is of the release 'r4'; expected one of r1, r2, r3" err || fail "the wrong release is not explained: $(cat err)"
