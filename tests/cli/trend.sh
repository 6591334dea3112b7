#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# What the history says of releases: the facts of a thesis' tables, and lines whose end is known.
set -u
. "$SOURCE/tests/support/cli.sh"
rm -f ./*.db* ./*.json ./*.csv
"$LOADCAST" history import -q h.db "$SOURCE/tests/data/conflux/scenarios.csv" --column scenario=activity \
    --column row_in_release=run --column run= --column nonblocking_s=non_blocked_process_time \
    --column total_process_s=total_process_time || fail "import"
awk -F, -v OFS=, 'NR == 1 { print "row", $0 } NR > 1 { print NR - 1, $0 }' \
    "$SOURCE/tests/data/conflux/geocoder_dispatch_ms.csv" >geocoder.csv
"$LOADCAST" history import -q g.db geocoder.csv --column row=run --column run= --unit ms || fail "import"
command=trend

run 0 --history h.db
# Reads fall at 3.0.2, the calls of an API come at 5.4.0, and release 4.10.0 waits for others less than all the rest.
holds out "1: db_reads fell from 248 to 116 (-53 %) at 3.0.2"
holds out "3: api_calls rose from 10.6 to 110 (+944 %) at 5.4.0"
holds out "4: api_calls rose from 20.7 to 111 (+435 %) at 5.4.0"
holds out "2: blocked_share was 37.7 % at 4.10.0 alone: 79.9 % before, 78.1 % after"
grep -qE '^2: db_reads +██▆▃▁▂▁ +1853 +531 ' out || { fail "a line with a sparkline"; cat out; }
[ "$(grep -c '1: async_calls' out)" = 1 ] || fail "what never changes"
run 0 --history g.db --measure connect
holds out "connect fell from 81.2 ms to 31.2 ms (-62 %) at 4.0.4"
[ "$(grep -c ' at [0-9.]*$' out)" = 1 ] || { fail "one change of connect"; cat out; }

# For programs; JSON and text agree.
run 0 --history h.db --activity 2 --measure blocked_share --json - --csv t.csv
mv out v.json
check "one series, its outlier, and a value" "len(v['series']) == 1 and len(v['series'][0]['points']) == 23 and
    [(c['release'], c['this_release_only']) for c in v['series'][0]['changes']] == [('4.10.0', True), ('4.21.0', False), ('5.4.0', False)] and
    abs(v['series'][0]['points'][0]['value'] - (1 - 9.746 / 44.982)) < 1e-12"
[ "$(grep -c ^ t.csv)" = 24 ] || fail "CSV has a row a value"
grep -qE '^4.10.0,1,2,,,blocked_share,,1,0.38[0-9]+,0.79[0-9]+,0.37[0-9]+,[0-9.e-]+$' t.csv || fail "CSV tells a change"
run 0 --history h.db --activity 2 --measure blocked_share --min-size 5
! grep -q alone out || fail "--min-size"
run 0 --history h.db --activity 1 --measure db_reads --min-change '60 %' # -53 % is one without it
! grep -q '1: db_reads fell' out || fail "--min-change"
refused 2 "--min-change: expected a part of the mean" --history h.db --min-change -1

# A load that rises by 3 points a release reaches 80 % three releases after 71 %, and a capacity falls to 1; with noise the
# interval is Fieller's, and holds the truth.
python3 - >p.json <<'END'
import json
runs = []
for r in range(8):
    noise = [0.004, -0.006, 0.003, 0.005, -0.007, 0.001, 0.004, -0.004][r]
    loads = [{'label': '×1', 'factor': 1, 'component': name, 'kind': kind, 'load': load, 'interval95': [load - 0.01, None],
              'utilization': 4 * load} for name, kind, load in
             [('worker', 'task', 0.5 + 0.03 * r), ('web', 'task', 0.5 + 0.03 * r + noise), ('db', 'processor', 0.3)]]
    runs.append({'release': 'v%d' % (7 + r), 'run': '1', 'time': '2026-11-%02dT02:00:00Z' % (1 + r), 'program': '0.1.0',
                 'options': '', 'measures': [], 'parameters': [], 'loads': loads, 'status': 0, 'summary': {'answer': 'fine'},
                 'limits': [{'component': 'worker', 'kind': 'task', 'factor': 2 - 0.1 * r, 'interval95': [1, 3]}]})
json.dump({'schema': 'loadcast.history/1', 'runs': runs}, open('/dev/stdout', 'w'))
END
"$LOADCAST" history import -q p.db p.json || fail "import of predictions"
run 0 --history p.db
holds out "8 runs of 8 releases, v7 to v14"
holds out "worker passes 80.0 % at load ×1 in 3 releases [3, 3] (+4.2 % [+4.2, +4.2] a release since v7)"
holds out "capacity of worker falls to × 1.00 in 3 releases [3, 3]"
grep -qE '^load of db \(processor\) at ×1 +(▅)+ +30.0 % +30.0 % +level' out || { fail "a level load"; cat out; }
run 0 --history p.db --service web --json v.json
check "Fieller's interval" "(lambda l: 2.4 < l['interval95'][0] < 3 < l['interval95'][1] < 3.7)(v['series'][0]['limit'])"
run 0 --history p.db --limit '60 %'
! grep -q 'worker passes' out || fail "what was passed before is not ahead"

refused 3 "expected a measure other than nothing" --history h.db --measure nothing
refused 3 "none.db: cannot be opened" --history none.db
refused 2 "no history is named; expected --history FILE"
refused 2 "--level: expected a part between 0 and 1" --history h.db --level 2
