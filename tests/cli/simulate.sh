#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# loadcast simulate: tables, JSON, LQN XML, exit statuses, and the same bytes for any number of threads.
set -eu
. "$SOURCE/tests/support/cli.sh"
command=simulate
models="$SOURCE/tests/data/lqn"
run 0 "$models/software-bottleneck.lqnx" --precision '5 %'
grep -q 'software bottleneck' out || fail "no bottleneck in the table"
grep -q 'task app at' out || fail "the bottleneck is not named"
run 0 "$models/open-mm1.lqnx" --precision '5 %' --json one.json --jobs 1
run 0 "$models/open-mm1.lqnx" --precision '5 %' --json two.json --jobs 2
untimed one.json >one
untimed two.json >two
cmp one two || fail "the result depends on the number of threads"
check "no schema in the JSON" "v['schema'] == 'loadcast.result/1'" one.json
run 0 "$models/closed-1.lqnx" --replications 3 --run-time 2000 --format lqnx
grep -q '<result-processor' out || fail "no results in the LQN XML"
run 0 "$models/closed-1.lqnx" --replications 3 --run-time 2000 --format p
grep -q '^V y' out || fail "no results in the parseable text"
grep -q '^server : serve 0.5$' out || fail "no bound of the throughput" # its mean demand is 2
cat >histogram.yaml <<'END'
loadcast: model/1
processors: {client: {scheduling: inf}, cpu: {}}
tasks:
  users: {processor: client, scheduling: ref, entries: {think: {calls: [serve]}}}
  server: {processor: cpu, entries: {serve: {demand: {deterministic: 1.5}, histogram: {minimum: 0, maximum: 2, bins: 2}}}}
END
run 0 histogram.yaml --replications 3 --run-time 100 --format p
grep -q '^D serve 1 1.5' out || fail "no histogram in the parseable text"
grep -q '^  1 2 1$' out || fail "not all services in the second bin of two"
# A group's line stands behind its tasks; a table has a row of entries where only an activity has a value; words that the
# tools take for something else are no names.
cat >group.lqn <<'END'
G "groups" 0.00001 100 1 0.5 -1
P 0 p VAR i p OT c 0.1 -1
U 0 g DP 0.6 OT g beside 0.4 OT -1
T 0 t users r cycle -1 VAR m 2 t inner f serve -1 OT g DP t other f spare -1 OT g beside -1
E 0
s cycle 1 -1  y cycle serve 1 -1  y cycle spare 1 -1
A serve first
s spare 0.5 -1
-1
A inner
s first 0.1  s second 0.2  M second 0.3
: first -> second; second[serve]
-1
END
run 0 group.lqn --replications 3 --run-time 2000 --format p
grep -A 1 '^E 0' out | grep -q '^inner :' && sed -n '/^E 0/,/^FQ/p' out | grep -q '^  serve 0' || fail "an empty table of entries"
sed -n '/^P OT_/,$p' out | tr -d '\n' | grep -q 'inner .*G DP_ 0\.[^G]*other .*G beside 0\.' || fail "no groups in the parseable text"
run 0 "$models/closed-1.lqnx" --replications 3 --run-time 2000 --format text
grep -q 'Phases and activities' out || fail "no phases in the text"
run 3 "$models/constructs.lqnx"
grep -q "nothing is taken that it could give back" err || fail "the unlock without a lock is not told"

sed 's/open-arrival-rate="[0-9.]*"/open-arrival-rate="1.25"/' "$models/open-mm1.lqnx" >overload.lqnx
run 3 overload.lqnx
grep -q 'no steady state' err || fail "the overload is not told"
run 2 "$models/closed-1.lqnx" --format tabel
run 3 missing.lqnx
run 5 "$models/web-shop.lqnx" --precision '0.01 %' --max-time '300 ms'
