#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Every kind of path that the pages of docs/ name, in a what-if and as the axis of a sweep. On common random numbers a
# change that does something makes other numbers than the base, and one that does nothing the same.
set -u
. "$SOURCE/tests/support/cli.sh"
command=run

cat >model.yaml <<'END_OF_FILE'
loadcast: model/1
processors:
  clients: {scheduling: inf}
  web: {scheduling: ps, multiplicity: 4}
  db: {multiplicity: 2}
  photo: {scheduling: ps, quantum: 1 ms, replicas: 2}
  share: {scheduling: cfs, quantum: 10 ms}
  audit: {}
  ticket: {}
groups: {gold: {processor: share, share: 0.6}, rest: {processor: share, share: 0.4}}
tasks:
  crowd: {processor: clients, scheduling: ref, multiplicity: 5, think_time: 1 s, entries: {ask: {calls: [home, vip, legacy]}}}
  staff: {processor: clients, scheduling: ref, multiplicity: 5, think_time: 500 ms, entries: {seek: {calls: [vip]}}}
  feed: {processor: clients, scheduling: open, arrivals: 500 ms, entries: {push: {calls: [home]}}}
  web:
    processor: web
    multiplicity: 16
    entries:
      home: {demand: 10 ms, calls: {read: 1, shot: 2}, phase2: {demand: 2 ms}}
      search: {start: parse}
      legacy: {demand: 2 ms, forwards: {read: 0.5}}
    activities:
      parse: {demand: {gamma: {shape: 2, scale: 3 ms}}}
      hit: {demand: 1 ms}
      miss: {demand: 5 ms, think_time: 1 ms, calls: {read: 2, print: 1}}
      found: {demand: 1 ms}
      done: {demand: 1 ms, replies: [search]}
    flow:
      - parse -> (0.3) hit + (0.5) miss + (0.2) found
      - hit + miss + found -> done
  db: {processor: db, multiplicity: 8, entries: {read: {demand: 5 ms, max_service_time: 20 ms}}}
  photo: {processor: photo, replicas: 2, multiplicity: 2, balance: random, entries: {shot: {demand: 20 ms}}}
  gold: {processor: share, group: gold, scheduling: hol, entries: {vip: {demand: 50 ms}}}
  plain: {processor: share, group: rest, entries: {std: {demand: 10 ms, open_rate: 20/s}}}
  audit: {processor: audit, queue_length: 3, entries: {log: {demand: 10 ms, open_rate: 50/s}}}
  ticket: {processor: ticket, entries: {print: {demand: 5 ms}}}
END_OF_FILE

# PATH | VALUE | what else has to be told with it
cat >paths <<'END_OF_FILE'
web.concurrency|2
web.multiplicity|2
db.replicas|2
web.cores|2
web.speed|2
photo.quantum|9 ms
web.scheduling|fcfs
photo.balance|shared
audit.queue_length|0
audit.overflow|reject
crowd.priority|3
crowd.think_time|2 s
crowd.users|9
feed.rate|10/s
feed.arrivals|{deterministic: 300 ms}
web.kind|delay
web.demand|x 0.5
home.demand|{gamma: {shape: 2, scale: 3 ms}}
home.cv2|4
home.think_time|3 ms
home.phase2.demand|4 ms
search.demand|x 2
web.miss.demand|x 2
web.miss.think_time|9 ms
web.hit.probability|0.5
home.calls.read|2
home.sync_calls.shot|x 0.5
web.miss.calls.read|3
search.call_kind.print|async
legacy.forwards.read|10 %
log.open_rate|9/s
read.max_service_time|1 ms
gold.share|0.1
group:rest.share|0.2
processor:db.multiplicity|1
task:web.replicas|3
web.connections.db|1
web.network.db|+ 2 ms
db.timeout|12 ms
photo.retries.max|2|photo.timeout: 30 ms
photo.retries.backoff|5 ms|photo.timeout: 30 ms, photo.retries.max: 1
photo.retries.factor|9|photo.timeout: 30 ms, photo.retries.max: 3, photo.retries.backoff: 1 ms
photo.retries.cap|2 ms|photo.timeout: 30 ms, photo.retries.max: 3, photo.retries.backoff: 9 ms
photo.retries.jitter|full|photo.timeout: 30 ms, photo.retries.max: 1, photo.retries.backoff: 9 ms
photo.retries.budget|0.01|photo.timeout: 30 ms, photo.retries.max: 3
photo.retries.on|error|photo.timeout: 30 ms, photo.retries.max: 1
photo.errors|ignore|photo.timeout: 30 ms
photo.breaker.window|1 s|photo.breaker.open_time: 1 s, photo.timeout: 20 ms, photo.breaker.minimum: 2, photo.breaker.failure_ratio: 20 %, photo.breaker.probes: 2
photo.bulkhead|1
photo.rate_limit.rate|30/s|photo.rate_limit.burst: 2, photo.rate_limit.overflow: wait
photo.shed.queue_length|0
photo.shed.age|1 ms
photo.hedge.after|5 ms|photo.hedge.max: 2, photo.hedge.losers: cancel
photo.cache.hit_ratio|50 %|photo.cache.hit_time: 1 ms
web.calls.photo.timeout|20 ms
api.calls.web.timeout|10 ms
db.scaling.max|3|db.scaling.target_load: 10 %, db.scaling.period: 1 s, db.scaling.start_up: 1 s, db.scaling.cooldown: 2 s
db.scaling.keep_alive|1 s|db.scaling.max: 2, db.scaling.start_up: {uniform: {minimum: 1 s, maximum: 2 s}}
db.failures.up|1 s|db.failures.down: 100 ms
api.rate|+ 20 %
api.arrivals|{deterministic: 1 s}
api.arrivals.batch|{geometric: 3}
bursts.rate|9/s
bursts.arrivals.mmpp.times|[9 s, 3 s]
bursts.arrivals.mmpp|{rates: [0.5, 2, 9], generator: [[-1/s, 1/s, 0/s], [0/s, -1/s, 1/s], [1/s, 0/s, -1/s]]}
bursts.arrivals.batch|{1: 0.5, 3: 0.5}
people.users|x 2
people.think_time|{deterministic: 1 s}
people.mix.vip|0.9
people.mix|{home: 3, vip: 1}
visitors.session.steps.start.next.more|0.9
visitors.session.steps.start.think_time|x 3
visitors.session.steps.more.next|{more: 0.5}
visitors.session.start|more
END_OF_FILE

cat >base.yaml <<'END_OF_FILE'
model: model.yaml
workloads:
  - {name: api, entry: search, rate: 2/s}
  - {name: bursts, entry: search, rate: 2/s, arrivals: {mmpp: {rates: [0.5, 5], times: [9 s, 1 s]}}}
  - {name: people, users: 3, think_time: 2 s, mix: {home: 0.7, vip: 0.3}}
  - {name: visitors, rate: 0.5/s, session: {start: start, steps: {start: {entry: home, think_time: 1 s, next: {more: 0.5}}, more: {entry: search}}}}
cost: {web: {replica_hour: 0.1}}
simulation: {replications: 2, run_time: 8 s, warmup: 1 s}
END_OF_FILE

{
    cat base.yaml
    echo 'what_if:'
    awk -F'|' '{ printf "  - {name: \"%s\", change: {\"%s\": %s%s}}\n", $1, $1, $2, $3 == "" ? "" : ", " $3 }
        $3 != "" { printf "  - {name: \"without %s\", change: {%s}}\n", $1, $3 }' paths
} >what_if.yaml
# What comes with a path may need it: those that are wrong without are left out.
grep -v 'without .*\(breaker.window\|rate_limit.rate\|hedge.after\|hit_ratio\|scaling\|failures\|retries\.\)' what_if.yaml >s.yaml
run 0 s.yaml --json v.json
python='
def figures(p):
    r = dict(p["result"])
    for k in ("elapsed_s", "events"): r.pop(k)
    return json.dumps(r)
base = figures(v["points"][0])
idle = [p["change"] for p in v["points"][1:] if figures(p) == base]
if idle: print("no effect of", idle)
'
check "a change has no effect" "not idle"
python=

# As axes: each once with one value, side by side with the same as a what-if.
{
    cat base.yaml
    echo 'sweep:'
    awk -F'|' '$3 == "" && $1 !~ /kind|call_kind|connections|processor:|task:|group:|home.demand|web.demand|web.multi|people.mix$|mmpp|more.next|arrivals.batch/ {
        printf "  \"%s\": [%s]\n", $1, $2 }' paths
} >s.yaml
run 0 s.yaml --json swept.json
sed -e 's/^sweep:/what_if: [{name: all, change: {/' -e 's/^\(  ".*\): \[\(.*\)\]$/\1: \2,/' s.yaml >w.yaml
echo '}}]' >>w.yaml
run 0 w.yaml --json v.json
python='
def figures(p):
    r = dict(p["result"])
    r.pop("elapsed_s")
    return json.dumps(r)
'
check "a sweep differs from the what-if of the same changes" \
    "figures(v['points'][1]) == figures(json.load(open('swept.json'))['points'][1])"
python=

# A rate counts requests, whatever makes them come together.
cat >s.yaml <<'END_OF_FILE'
model: model.yaml
workloads: [{name: w, entry: print, rate: 20/s, arrivals: {batch: 5}}]
load: {factors: [1, 2], points: [{name: night, rates: {w: 10/s}}]}
what_if:
  - {name: absolute, change: {w.rate: 40/s}}
  - {name: relative, change: {w.rate: x 1.5}}
  - {name: more, change: {w.rate: + 2/s}}
  - {name: larger, change: {w.arrivals.batch: 10}}
simulation: {replications: 4, run_time: 200 s, warmup: 0 s}
END_OF_FILE
run 0 s.yaml --json v.json
python='
rates = [w["throughput"]["mean"] for p in v["points"] for w in p["result"]["workloads"] if w["name"] == "w"]
wanted = [20, 40, 30, 22, 20, 40, 80, 60, 44, 40, 10, 40, 15, 12, 10]
'
check "rates" "all(abs(r / w - 1) < 0.1 for r, w in zip(rates, wanted)) and len(rates) == 15"
python=

# wrong TEXT PATH VALUE [WORD]: said where the change stands, or the word in it
wrong() {
    { cat base.yaml; printf 'what_if: [{name: x, change: {"%s": %s}}]\n' "$2" "$3"; } >s.yaml
    refused 3 "$1" s.yaml
    column=$(awk -v word="${4-}" 'NR == 9 { print word != "" ? index($0, word) : 30 }' s.yaml)
    grep -q "^loadcast: s.yaml:9:$column: " err || fail "'$2: $3' is not told where it stands: $(cat err)"
}
wrong "workload 'api' has no 'rat'; did you mean 'rate'?" api.rat 3/s
wrong "workload 'api' has a rate, no users" api.users 3
wrong "its arrivals do not think" api.think_time '3 s'
wrong "what the workload asks for stays" api.entry home
wrong "changes what workload 'people' asks for" people.mix '{home: 1, read: 2}'
wrong "'api.rate' would become -1; expected more than 0" api.rate '"- 3/s"'
wrong "no family of distributions 'gama'; did you mean 'gamma'?" api.arrivals '{gama: {shape: 1, scale: 2 s}}' gama
wrong "no family of distributions 'gama'; did you mean 'gamma'?" home.demand '{gama: {shape: 1, scale: 2 s}}' gama
wrong "changes with time, so that there is no steady state" api.arrivals '{steps: [[0 s, 1], [5 s, 2]]}'
wrong "goes into a list" bursts.arrivals.mmpp.rates.1 3
wrong "has no value that 'x 2' could change" people.mix 'x 2'
wrong "expected 'web.concurrency'" deployment.services.web.concurrency 3
wrong "there is no such price" cost.db.replica_hour 3
wrong "nothing under 'simulation' can be changed so" simulation.run_time 3
wrong "the cost of 'web' has no key 'replica_our'; did you mean 'replica_hour'?" cost.web.replica_our 3
{ cat base.yaml; echo 'what_if: [{name: x, change: {home.call_kind.read: async}}]'; } >s.yaml
refused 3 "s.yaml:9:11: with the change 'x': model.yaml:" s.yaml
