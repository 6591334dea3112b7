#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Advice on models where it is known what helps.
set -u
. "$SOURCE/tests/support/cli.sh"
command=advise
python="c = {o['what']: o for o in v['changes']}" # what is said of a change, for check

# Threads of web are held for 5 ms of their processor and 95 ms of the service below: two of them are full at 20/s, when
# the processor works for a tenth of the time. A third one gives × 1.5, a faster web 100/99, not waiting × 20 until
# the processor is full at 200/s: × 10. The service below has no limit, and one of its own is no help.
cat >model.yaml <<'END_OF_FILE'
loadcast: model/1
time_unit: s
processors: {cpu: {scheduling: ps}, below: {scheduling: inf}}
tasks:
  web: {processor: cpu, multiplicity: 2, entries: {page: {demand: 5 ms, calls: {fetch: 1}}}}
  store: {processor: below, multiplicity: 50, entries: {fetch: {demand: 95 ms}}}
END_OF_FILE
cat >s.yaml <<'END_OF_FILE'
name: small
model: model.yaml
workloads: [{name: users, entry: page, rate: 5/s}]
load: {factors: [1, 2]}
goals: {response_time: {users: {mean: 120 ms}}}
simulation: {precision: 10 %}
END_OF_FILE
run 0 s.yaml --json v.json
accepted v.json
holds out "web saturates first, at load × 4.00."
holds out "A software bottleneck: its threads are full while its processor is busy 10 % of the time; they wait for others 95 % of the time, longest for store."
holds out "the bottleneck is elsewhere: cpu."
check "the limit" "v['limit']['component'] == 'web' and abs(v['limit']['factor'] - 4) < 1e-9"
check "a third thread" "abs(c['one more thread of web']['capacity'] - 1.5) < 1e-9"
check "a faster web" "abs(c['web 20 % faster']['capacity'] - 100 / 99) < 1e-9"
check "a core more" "abs(c['one more core of cpu']['capacity'] - 1) < 1e-9"
check "threads below" "abs(c['one more thread of store']['capacity'] - 1) < 1e-9"
check "not waiting" "abs(c['page does not wait for fetch']['capacity'] - 10) < 1e-9 and c['page does not wait for fetch']['next'] == 'cpu'"
check "half from a cache" "abs(c['half of the calls of fetch by page from a cache']['capacity'] - 100 / 52.5) < 1e-9"
check "not waiting shortens responses by 95 ms and the wait for threads" "c['page does not wait for fetch']['goal']['difference'] < -0.095"
check "the best first" "[o['capacity'] for o in v['changes']] == sorted((o['capacity'] for o in v['changes']), reverse=True)"

# The same advice whatever the number of threads; and what it says can be copied.
run 0 s.yaml --jobs 1 --json a.json
run 0 s.yaml --jobs 2 --json b.json
cmp -s a.json b.json || fail "the advice depends on the number of threads"
change=$(sed -n 's/.*page does not wait for fetch .*\({.*}\)$/\1/p' out)
{ cat s.yaml; echo "what_if: [{name: advised, change: $change}]"; } >w.yaml
"$LOADCAST" run w.yaml >out 2>err
[ $? -le 1 ] || { fail "the change cannot be copied"; cat w.yaml out err; }
holds out "cpu (processor) saturates first, at load × 40.0"

# A service that scales is full with the most replicas that it may have: one more of four is × 1.25, and there is no
# option to state another number of them. Retries are one that the traffic equations do not know. Failures are told as parts.
cat >t.yaml <<'END_OF_FILE'
model: model.yaml
deployment:
  services:
    store: {kind: delay}
    web: {replicas: 1, concurrency: 1, scaling: {min: 1, max: 4, target_load: 50 %, period: 10 s}, timeout: 1 s, retries: {max: 1}}
workloads: [{name: users, entry: page, rate: 10/s}]
goals: {error_rate: {users: 1 %}}
simulation: {precision: 20 %, replications: 10, warmup: 20 s, run_time: 50 s}
END_OF_FILE
run 0 t.yaml --json v.json
tr -s " \n" " " <out | grep -Eq "is failed requests of users ≤ 1.0 %: [0-9.]+ % now" || fail "failures are not told as parts: $(cat out)"
check "one more at the most" "abs(c['one more replica of web at the most']['capacity'] - 1.25) < 1e-9"
check "no other replica" "'one more replica of web' not in c"
check "no retries" "abs(c['no retries of calls of web']['capacity'] - 1) < 1e-9 and 'goal' in c['no retries of calls of web']"

# What is refused is no queue, but the component that refuses is full at its own rate.
sed 's/scaling:.*max: 1}}/shed: {queue_length: 3}}/; s/rate: 10/rate: 20/' t.yaml >u.yaml
run 0 u.yaml --json v.json
check "web is full at 10/s, half of the load" "v['limit'] == {'component': 'web', 'kind': 'task', 'factor': v['limit']['factor']} and abs(v['limit']['factor'] - 0.5) < 1e-9"
check "faster is not worse" "all(o['capacity'] >= 1 for o in v['changes'])"

# Both are full: one more of either alone is no help, both together are.
run 0 "$SOURCE/scenarios/capacity.yaml" --json v.json
check "both" "abs(c['one more thread of db and one more core of db-host']['capacity'] - 8 / 3 / (1 / 0.56)) < 1e-6"
check "the thread alone" "abs(c['one more thread of db']['capacity'] - 1) < 1e-9"

run 2
run 3 nothing.yaml
holds err "nothing.yaml: cannot be opened"
"$LOADCAST" advise --help | grep -q "example: loadcast advise" || fail "the help has no example"
