#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# What was measured of a geocoder over seven releases: its own time before each of its calls, 23 runs with five sets of calls.
# Turned into traces, the program must give the table back, tell the sets apart, and fit each on its own runs.
set -eu
. "$SOURCE/tests/support/cli.sh"
table=$SOURCE/tests/data/conflux/geocoder_dispatch_ms.csv
awk -f "$SOURCE/tests/data/conflux/traces.awk" "$table" >traces.json

# The times before calls are those of the table, to the microsecond, and so never fall within a run.
awk -F, 'NR > 1 { line = ""; for (i = 3; i <= NF; i++) if ($i != "") line = line sprintf(" %.0f", $i * 1000); print line }' \
    "$table" >expected
run 0 extract traces.json
grep '"operation_name":"geocode"' out | while read -r tree; do
    printf '%s\n' "$tree" | grep -o '"relative_ts":[0-9]*' | cut -d: -f2 | tr '\n' ' ' | sed 's/^/ /; s/ $//'
    echo
done >found
diff expected found >&2 || fail "times before calls are not those of the table"
awk '{ for (i = 2; i <= NF; i++) if ($i < $(i - 1)) exit 1 }' found || fail "a later call has less time before it"

# Five sets of calls, of 7, 7, 4, 3 and 2 runs; the times between their calls are fitted on these runs.
run 0 fit traces.json
[ "$(grep -c '%  self .*mysql/connect' out)" = 5 ] || fail "not five variants: $(sed -n 1,12p out)"
grep -q '8.7 %  self .*select_team.*select_subscription, mysql/ext_geocoder' out || fail "the first release is not told"
grep -q '13.0 %  self .*set_pub, mysql/select_user_1, mysql/ext_geocoder$' out || fail "the last release is not told"
variant=1
for runs in 7 7 4 3 2; do
    grep -q "^geocoder.geocode_${variant}_self_2.demand  *$runs " out || fail "variant $variant is not fitted on $runs runs"
    variant=$((variant + 1))
done

# With a cache and without, before the external call and before the first one: an exponential is rejected, two components
# are likelier by far (a difference of BIC of 10 is very strong evidence).
for column in 3 11; do
    awk -F, -v column=$column 'NR > 1 && $column != "" { print $column }' "$table" >column
    run 0 fit --samples column --bootstrap 99
    awk '$1 == "exponential" { bic = $5; p = $9 } $1 == "lognormal_mixture" { mixture = $5 }
         END { exit !(p <= 0.01 && mixture + 10 < bic) }' out || fail "column $column: $(grep 'expon\|mixture' out)"
done
