#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# What is decided depends on simulated work, not on the clock: a busy machine says the same, byte by byte, or status 5.
# And work goes into what is asked: goals that are clear need no more precision.
set -u
. "$SOURCE/tests/support/cli.sh"
cat >model.yaml <<'END'
loadcast: model/1
processors: {outside: {scheduling: inf}, host: {scheduling: inf}}
tasks:
  web: {processor: outside, scheduling: inf, entries: {web/page: {demand: 1 ms, calls: [db/query]}}}
  db: {processor: host, scheduling: inf, entries: {db/query: {demand: {mean: 10 ms, cv2: 2}}}}
  users: {processor: outside, scheduling: open, arrivals: {exponential: 1}, entries: {go: {calls: [web/page]}}}
END
"$LOADCAST" simulate model.yaml --quiet --traces t.jsonl --trace-count 100 >/dev/null || fail "simulate gave $?"
cat >s.yaml <<'END'
traces: [t.jsonl]
deployment: {services: {db: {concurrency: 1}, web: {kind: delay}}}
workloads: [{name: users, entry: web/page, rate: 20/s}]
what_if: [{name: twice, change: {db.concurrency: 2}}]
goals: {response_time: {users: {mean: 2 s}}}
simulation: {precision: 10 %}
END
decided() { # FILE: all but how long it took
    sed 's/"elapsed_s": *[0-9.e-]*//g' "$1"
}
"$LOADCAST" run s.yaml --quiet --jobs 2 --json idle.json >idle.txt
idle=$?
for i in 1 2; do
    nice -n 19 sh -c 'while :; do :; done' &
    spinning="${spinning:-} $!"
done
nice -n 19 "$LOADCAST" run s.yaml --quiet --jobs 1 --json busy.json >busy.txt
busy=$?
kill $spinning
[ $busy = $idle ] || fail "status $busy on a busy machine, $idle on an idle one"
cmp -s idle.txt busy.txt || fail "a busy machine says something else"
[ "$(decided idle.json)" = "$(decided busy.json)" ] || fail "a busy machine gives another JSON"

# The clock ends what is not done, says so, and decides nothing that is not clear.
sed 's/precision: 10 %/precision: 0.01 %, max_time: 100 ms/; s/mean: 2 s/mean: 13.5 ms/' s.yaml >short.yaml
"$LOADCAST" run short.yaml --quiet --json short.json >short.txt
[ $? = 5 ] || fail "the clock ended it, status $?"
grep -q 'The allowed time (simulation: max_time) ran out' short.txt || fail "nobody says that the clock ended it"
check "the JSON does not say that the clock ended it" "v['out_of_time'] is True" short.json

# But what no time would change is decided: a load that cannot be carried.
(cat short.yaml && echo 'load: {factors: [1, 20]}') >full.yaml
"$LOADCAST" run full.yaml --quiet --json full.json >full.txt
[ $? = 1 ] || fail "an overloaded level that the clock did not cut, status $?"
check "the JSON does not say that the clock ended it" "v['out_of_time'] is True and v['status'] == 1" full.json

# Near saturation, with a goal that is far away: no more is simulated than that takes, and the precision is said.
cat >hand.yaml <<'END'
loadcast: model/1
processors: {outside: {scheduling: inf}}
tasks:
  db: {processor: outside, multiplicity: 1, entries: {db/query: {demand: {mean: 10 ms, cv2: 5}}}}
END
cat >far.yaml <<'END'
model: hand.yaml
workloads: [{name: users, entry: db/query, rate: 50/s}]
goals: {response_time: {users: {mean: 2 s}}}
END
events() {
    "$PYTHON" -S -c "import json; print(json.load(open('$1'))['points'][0]['result']['events'])"
}
(cat far.yaml && echo 'simulation: {precision: 1 %}') >stated.yaml
"$LOADCAST" run far.yaml --quiet --json far.json >far.txt || fail "status $?"
"$LOADCAST" run stated.yaml --quiet --json stated.json >stated.txt || fail "status $?"
[ $((4 * $(events far.json))) -lt "$(events stated.json)" ] ||
    fail "$(events far.json) events for a clear goal, $(events stated.json) for a precision"
grep -q 'all goals are ten half-widths away' far.txt || fail "the precision is not said"
grep -q 'half-widths' stated.txt && fail "what was asked for is not simulated"
exit 0
