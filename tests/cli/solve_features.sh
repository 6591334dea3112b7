# SPDX-License-Identifier: GPL-3.0-or-later
# loadcast solve: what has no analytic treatment is refused by a line that names it, and replicas.
. "$SOURCE/tests/support/cli.sh"

model() { # SOURCE [CPU [WEB [DEMAND [STORE]]]]: further keys
    cat > model.yaml <<YAML
loadcast: model/1
processors: {u: {scheduling: inf}, cpu: {speed: 1$2}, disk: {scheduling: inf}}
tasks:
  users: {processor: u, $1, entries: {go: {calls: [page]}}}
  web: {processor: cpu$3, entries: {page: {demand: ${4:-60 ms}, calls: [read]}}}
  store: {processor: disk, multiplicity: 9$5, entries: {read: {demand: 5 ms}}}
YAML
}
unsolved() { # WHAT, and a model
    what=$1
    shift
    model "$@"
    refused 3 "$what" solve model.yaml
    holds err 'no analytic treatment; simulate the model instead'
    [ ! -s out ] || fail "$what: solved all the same"
}
open='scheduling: open, arrivals: 120 ms'
unsolved "entry 'page': a time without a finite variance" "$open" '' '' '{lomax: {shape: 1.5, scale: 9 ms}}'
unsolved "'users': a time between arrivals without" 'scheduling: open, arrivals: {lomax: {shape: 1.5, scale: 60 ms}}'
unsolved "'users': a load pattern" "$open, pattern: {batch: 3}"
unsolved "'users': a load pattern" 'scheduling: open, pattern: {mmpp: {rates: [1/s, 8/s], times: [1 s, 1 s]}}'
unsolved "'users': demands of a Pareto distribution" 'scheduling: burst, multiplicity: 3, think_time: 1 s'
unsolved "processor 'cpu': the shortest remaining time" "$open" ', scheduling: srpt'
unsolved "'web': a balancer" "$open" ', replicas: 2' ', replicas: 2, balance: least'
unsolved "'web': a balancer" "$open" ', replicas: 2' ', replicas: 2, balance: power_of_two'
unsolved "'web': retries of requests that a full queue" "$open" '' \
    ', queue_length: 3, overflow: reject, policies: [{retries: {max: 1}}]'
unsolved "'web': a limited queue of arrivals other" "scheduling: open, arrivals: {mean: 120 ms, cv2: 2}" '' \
    ', queue_length: 3, overflow: reject'
unsolved "'web': replicas that come and go" "$open" '' ', failures: {up: 10 s, down: 1 s}'
unsolved "'web': replicas that come and go" "$open" '' ', scaling: {min: 1, max: 3, target_load: 50 %, period: 1 s}'
for policy in 'timeout: 1 s' 'timeout: 1 s, retries: {max: 2}' 'bulkhead: 1' 'rate_limit: {rate: 1/s}' \
    'shed: {age: 1 s}' 'hedge: {after: 1 s}' \
    'timeout: 1 s, breaker: {window: 1 s, open_time: 1 s}'; do
    unsolved "'store': a policy of the calls to it" "$open" '' '' '' ", policies: [{$policy}]"
done

# Replicas: at random each is one alone with half of the requests; two single threads at one queue are two servers.
response() { # FILE, and a model
    file=$1
    shift
    model "$@"
    "$LOADCAST" solve model.yaml --json "$file" > /dev/null 2> err || fail "$*: $(cat err)"
}
python='r = lambda f: json.load(open(f))["workloads"][0]["response_time"]["mean"]
near = lambda a, b, part: abs(r(a) - r(b)) < part * r(b)'
half='scheduling: open, arrivals: 60 ms'
copies=', replicas: 2'
for threads in 1 4 infinite; do
    response one.json "$open" '' ", multiplicity: $threads"
    response random.json "$half" "$copies" "$copies, multiplicity: $threads, balance: random"
    check "$threads threads: two replicas at random are not two alone" 'near("random.json", "one.json", 1e-4)' one.json
done
response shared.json "$half" "$copies" "$copies, multiplicity: 1, balance: shared"
response two.json "$half" ', multiplicity: 2' ', multiplicity: 2'
check 'two threads at one queue are not two servers' 'near("shared.json", "two.json", 1e-4)' two.json

# In turn: E2/M/1 at the load 1/2 has σ = (3 − √5)/2; the solver's is the approximation of Kraemer and Langenbach-Belz.
model "$half" "$copies" "$copies, multiplicity: infinite, balance: round_robin"
sed 's/, calls: \[read\]//' model.yaml > turn.yaml
"$LOADCAST" solve turn.yaml --json turn.json > /dev/null 2> err || fail "in turn: $(cat err)"
check 'in turn' 'abs(r("turn.json") / (60e-3 / (1 - (3 - 5 ** .5) / 2)) - 1) < 0.04' turn.json

# A quantum that no slice exceeds is order of arrival; one that slices exceed ten times in the mean, ideal sharing.
response fcfs.json "$open" ', scheduling: fcfs' ', multiplicity: infinite'
response long.json "$open" ', scheduling: ps, quantum: 1000 s' ', multiplicity: infinite'
check 'a quantum of 1000 s is not order of arrival' 'near("long.json", "fcfs.json", 1e-6)' long.json
response share.json "$open" ', scheduling: ps' ', multiplicity: infinite' '{deterministic: 60 ms}'
response short.json "$open" ', scheduling: ps, quantum: 1 ms' ', multiplicity: infinite' '{deterministic: 60 ms}'
check 'a quantum of 1 ms is not sharing' 'near("short.json", "share.json", 1e-9)' short.json

# Threads that waiting further down keeps busy 1.8 times over, by the traffic equations 0.1: said before any event.
cat > model.yaml <<'YAML'
loadcast: model/1
processors: {u: {scheduling: inf}, cpu: {scheduling: inf}}
tasks:
  users: {processor: u, scheduling: open, arrivals: 60 ms, entries: {go: {calls: [page]}}}
  batch: {processor: u, scheduling: ref, multiplicity: 20, entries: {jobs: {calls: [read]}}}
  web: {processor: cpu, multiplicity: 1, entries: {page: {demand: 1 ms, calls: [read]}}}
  store: {processor: cpu, multiplicity: 1, entries: {read: {demand: 5 ms}}}
YAML
"$LOADCAST" simulate model.yaml --max-time '1 s' > out 2> err || [ $? -lt 6 ] || fail 'simulate'
head -1 err | grep -q "note: by the solver, .*keep the threads of task 'web' busy 1\.[5-9]" || fail "not named: $(cat err)"

# The same of a load of a scenario.
cat > web.yaml <<'YAML'
loadcast: model/1
processors: {cpu: {scheduling: inf}}
tasks:
  web: {processor: cpu, multiplicity: 1, entries: {page: {demand: 1 ms, calls: [read]}}}
  store: {processor: cpu, multiplicity: 1, entries: {read: {demand: 5 ms}}}
YAML
cat > run.yaml <<'YAML'
model: web.yaml
workloads: [{name: users, entry: page, rate: 16/s}, {name: batch, entry: read, users: 20}]
load: {factors: [1]}
simulation: {precision: 20 %, max_time: 1 s}
YAML
"$LOADCAST" run run.yaml > out 2> err || [ $? -lt 6 ] || fail 'run'
head -1 err | grep -q "note: load × 1: by the solver, .*keep the threads of task 'web' busy 1\.[5-9]" ||
    fail "not named: $(cat err)"
