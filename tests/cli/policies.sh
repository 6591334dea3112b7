#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The ready scenarios about policies, what is wrong in one, and the same model in two formats.
set -u
. "$SOURCE/tests/support/cli.sh"

ready() { # STATUS SCENARIO
    run "$1" run "$SOURCE/scenarios/policies/$2.yaml"
}

ready 1 retry-storm
holds out "missed     failed requests of visitors"
ready 0 breaker
ready 1 overload
holds out "overloaded: photo is full, and 50"
holds out "met        p95 response of visitors"
ready 0 hedging
ready 0 autoscaling
ready 0 scale-up
holds out "replicas"
ready 0 functions
ready 0 failure
ready 1 outage
holds out "after the failure of photo (120 s to 150 s); the response time of visitors recovers last"
holds out "Does not recover from the failure of photo"

cat >model.yaml <<'END'
loadcast: model/1
name: all
processors: {host: {}, outside: {scheduling: inf}}
tasks:
  users: {processor: outside, scheduling: open, arrivals: 1, entries: {go: {calls: [page]}}}
  web:
    processor: host
    entries: {page: {demand: 0.1}}
    scaling: {min: 1, max: 3, target_load: 60 %, period: 10, cooldown: 20, down_delay: 30, start_up: {deterministic: 5}}
    failures: {up: 100, down: {uniform: {minimum: 1, maximum: 3}}, at: 30, for: 5, replicas: 2}
    slow_down: {at: 50, for: 7, speed: 40 %, replicas: 1}
    policies:
      - timeout: 2
        retries: {max: infinite, backoff: 0.1, factor: 3, jitter: equal, cap: 5, budget: 20 %, on: timeout}
        breaker: {window: 10, failure_ratio: 40 %, minimum: 5, open_time: 3, probes: 2}
      - {from: users, errors: ignore, bulkhead: 9, rate_limit: {rate: 50, burst: 10, overflow: wait},
         shed: {queue_length: 20, age: 4}, hedge: {after: 1, max: 2, losers: cancel}, cache: {hit_ratio: 0.5, hit_time: 0.01}}
END
"$LOADCAST" convert model.yaml -o all.json 2>err && "$LOADCAST" convert all.json -o again.yaml 2>err || cat err
"$LOADCAST" convert model.yaml -o once.yaml 2>err
cmp -s once.yaml again.yaml || { fail "YAML, JSON and YAML again differ"; diff once.yaml again.yaml; }
for word in "jitter: equal" "'on': timeout" "overflow: wait" "losers: cancel" "failure_ratio: 0.4" "start_up" "down_delay: 30" "for: 5" "speed: 0.4"; do
    holds once.yaml "$word"
done
"$LOADCAST" convert model.yaml -o all.lqnx 2>err
holds err "left out of task 'web': timeout, errors, retries, breaker, bulkhead, rate_limit, shed, hedge, cache, scaling, failures, slow_down"

cat >wrong.yaml <<'END'
model: model.yaml
deployment:
  services:
    web: {retries: {maximum: 3}, timeout: 2}
    users: {calls: {web: {brekaer: {window: 1 s}}}}
workloads: [{name: w, entry: page, rate: 1/s}]
END
"$LOADCAST" run wrong.yaml >out 2>err
[ $? -eq 3 ] || fail "wrong.yaml is not refused"
holds err "'maximum'"
holds err "did you mean 'breaker'?"

cat >melt.yaml <<'END'
model: model.yaml
deployment: {services: {photo: {timeout: 300 ms, retries: {max: infinite, backoff: 100 ms}}}}
workloads: [{name: visitors, entry: page, rate: 16/s}]
END
sed -i "s|model.yaml|$SOURCE/scenarios/policies/model.yaml|" melt.yaml
"$LOADCAST" run melt.yaml >out 2>err
[ $? -eq 1 ] || fail "melt.yaml is not overloaded"
holds out "overloaded: photo-host (processor) is full, and the queue of web grows without end,"
holds out "because retries multiply the requests of 'web' to 'photo' by "
holds out "'mode: transient' shows whether it recovers"
holds out "photo-host (processor) is overloaded at load × 1, because retries"
grep -q "time allowed" out && { fail "melt.yaml asks for more time"; cat out; }

# disturbed TEXT KEYS: a failure or slow-down that is wrong.
disturbed() {
    printf 'model: model.yaml\ndeployment: {services: {web: {%s}}}\nworkloads: [{name: w, entry: page, rate: 1/s}]\n' \
        "$2" >wrong.yaml
    "$LOADCAST" run wrong.yaml >out 2>err
    [ $? -eq 3 ] || fail "{$2} is not refused"
    holds err "$1"
}
disturbed "fails at a given time; ask for curves over time instead (mode: transient" "failures: {at: 30 s, for: 5 s}"
sed -i '/^    failures: {up/d; /^    slow_down/d' model.yaml
disturbed "failures lacks 'for'" "failures: {at: 30 s}"
disturbed "slow_down needs a 'speed' above 0 and below 100 %" "slow_down: {at: 30 s, for: 1 s}"
disturbed "'by'" "slow_down: {at: 30 s, for: 1 s, by: 50 %}"
