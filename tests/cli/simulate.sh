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
