#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Traces of a simulated run: formats, options, the same bytes again, nothing left behind.
set -u
. "$SOURCE/tests/support/cli.sh"
cat >model.yaml <<'END'
loadcast: model/1
processors: {c: {scheduling: inf}, p: {}, q: {}}
tasks:
  users: {processor: c, scheduling: ref, multiplicity: 3, think_time: 1 s, entries: {all: {calls: [web/page], deterministic: true}}}
  web:
    processor: p
    replicas: 2
    balance: random
    entries: {web/page: {demand: 10 ms, calls: [db/read, {to: mail/send, kind: async}], deterministic: true}}
  db: {processor: q, entries: {db/read: {demand: 5 ms}}}
  mail: {processor: q, entries: {mail/send: {demand: 5 ms}}}
END
command="simulate model.yaml --quiet --precision 20% --trace-count 50"
simulate() { # OPTIONS…
    # shellcheck disable=SC2086 # several words
    "$LOADCAST" $command "$@" >result
}
summary() { # FILE KEY
    "$LOADCAST" extract --summary --json - "$1" 2>/dev/null |
        "$PYTHON" -c "import json, sys; print(json.load(sys.stdin)['$2'])"
}

simulate --traces a.jsonl || fail "OTLP: status $?"
[ "$(wc -l <a.jsonl)" -eq 50 ] || fail "not a trace a line"
[ "$(summary a.jsonl spans)" -eq 250 ] || fail "not five spans a trace"
grep -q '"web-2"' a.jsonl || fail "the second replica is missing"
grep -q '"name":"page"' a.jsonl || fail "the operation's name"
simulate --traces b.jsonl && cmp -s a.jsonl b.jsonl || fail "not the same bytes again"
simulate --traces b.jsonl --seed 2 && ! cmp -s a.jsonl b.jsonl || fail "another seed gives the same bytes"
simulate --traces a.jsonl.gz && gzip -dc a.jsonl.gz | cmp -s - a.jsonl || fail "gzip"
simulate --traces a.json && [ "$(summary a.json spans)" -eq 250 ] || fail "Jaeger"
grep -q '"traceID"' a.json || fail "not Jaeger's form"
simulate --traces - --trace-format jaeger && cmp -s result a.json || fail "standard output"
simulate --traces c.jsonl --trace-servers-only && [ "$(summary c.jsonl spans)" -eq 150 ] || fail "servers only"
simulate --traces c.jsonl --trace-clock ms || fail "whole milliseconds"
grep -o 'UnixNano":"[0-9]*"' c.jsonl | grep -vq '000000"$' && fail "times finer than 1 ms"
simulate --traces c.jsonl --trace-sampling '30 %' && [ "$(grep -c '"doubleValue":0.29999\|"doubleValue":0.3' c.jsonl)" -eq 50 ] ||
    fail "sampling"

# Choices that do not stand for all requests: a limited rate, with and without the attribute that says so, and what was
# kept for its duration, whose model is too slow.
cat >open.yaml <<'END'
loadcast: model/1
processors: {c: {scheduling: inf}, p: {}}
tasks:
  users: {processor: c, scheduling: open, arrivals: 50 ms, entries: {all: {calls: [web/page], deterministic: true}}}
  web: {processor: p, multiplicity: infinite, entries: {web/page: {demand: 25 ms}}}
END
count=600
choose() { # FILE OPTIONS…: traces of the open model, and what fit says of them
    file=$1
    shift
    "$LOADCAST" simulate open.yaml --quiet --precision '20 %' --trace-count "$count" --traces "$file" "$@" >result || fail "$*: $?"
    "$LOADCAST" fit "$file" >fitted 2>said || fail "fit: $(cat said)"
}
choose limited.jsonl --trace-limit 5
grep -q "warning: a sampler of limited rate chose 600 of 600 traces" said || fail "no warning of a limited rate: $(cat said)"
flat fitted | grep -q "arrivals, web/page: 5.0./s" || fail "not 5 requests a second: $(cat fitted)"
flat fitted | grep -q "constant rate" && fail "a rate that is known to be limited is told as constant"
echo "services: {web: {concurrency: 1}}" >web.yaml
"$LOADCAST" fit limited.jsonl -d web.yaml --assume-load measured >fitted 2>said
grep -q "warning: the traces are a sample of the requests: the others kept threads and cores busy" said || fail "measured: $(cat said)"
sed 's/sampler\.type/sampler.kind/' limited.jsonl >silent.jsonl
"$LOADCAST" fit silent.jsonl >fitted 2>said
grep warning said | grep -qv "requests waited at 'web'" && fail "a warning of what may be a load generator: $(cat said)"
flat fitted | grep -q "constant rate, web: 5/s" || fail "the constant rate is not seen: $(cat fitted)"
flat fitted | grep -q "a sampler that lets so many through would look the same" || fail "no word of a sampler"
for form in jsonl json; do
    count=2000
    choose "slow.$form" --trace-slow '100 ms' --trace-sampling '20 %'
    grep -q "warning: 2000 of 2000 traces were kept for what happened in them (policies: chance [0-9]*, slow [0-9]*)" said ||
        fail "$form: no warning of policies: $(cat said)"
done
cat >chance.yaml <<'END'
traces: slow.jsonl
deployment: {services: {web: {concurrency: infinite}}}
workloads: [{name: all, entry: web/page, where: {tailsampling.policy: POLICY}, rate: 1/s}]
simulation: {replications: 2, run_time: 2000 s}
END
predicted() { # POLICY LOW HIGH: mean response time of its traces, in ms; that of the queue is 25 / (1 − 0.5) = 50
    sed "s/POLICY/$1/" chance.yaml >policy.yaml
    "$LOADCAST" run policy.yaml --json v.json >/dev/null 2>said || fail "$(cat said)"
    python='mean = 1000 * v["points"][0]["result"]["workloads"][0]["response_time"]["mean"]'
    check "mean response of policy $1" "$2 < mean < $3"
}
predicted '"*"' 65 200
predicted chance 44 56
grep warning said | grep -qv "requests waited at 'web'" && fail "a warning although the policy is asked for: $(cat said)"

simulate --traces c.jsonl --trace-without-jobs && [ "$(summary c.jsonl spans)" -eq 150 ] || fail "without jobs"
grep -q '"code":2' a.jsonl && fail "an error where nothing fails"

# Replicas that are started are new instances, and what is given up is an error.
cat >policies.yaml <<'END'
loadcast: model/1
processors: {c: {scheduling: inf}, p: {}}
tasks:
  users: {processor: c, scheduling: open, arrivals: 1 s, entries: {all: {calls: [web/page], deterministic: true}}}
  web: {processor: c, multiplicity: infinite, entries: {web/page: {calls: [db/read], deterministic: true}}}
  db:
    processor: p
    entries: {db/read: {demand: 100 ms}}
    policies: [{timeout: 150 ms}]
    scaling: {max: 3, keep_alive: 100 ms, start_up: {deterministic: 10 ms}}
END
for form in jsonl json; do
    "$LOADCAST" simulate policies.yaml --quiet --precision '20 %' --trace-count 100 --traces "p.$form" >result || fail "policies: $?"
done
grep -q '"db-50"' p.jsonl || fail "no fiftieth instance of a service with three replicas at the most"
grep -q '"status":{"code":2}' p.jsonl && grep -q '"key":"error","type":"bool","value":true' p.json || fail "no errors"
[ "$(summary p.jsonl spans)" -eq "$(summary p.json spans)" ] || fail "formats differ with policies"

# A cache is asked first, and says whether it had the answer.
sed 's/policies: .*/policies: [{cache: {hit_ratio: 100 %, hit_time: 2 ms}}]/; /scaling/d' policies.yaml >cache.yaml
for form in jsonl json; do
    "$LOADCAST" simulate cache.yaml --quiet --precision '20 %' --trace-count 100 --traces "c.$form" >result || fail "cache: $?"
    "$LOADCAST" fit "c.$form" >fitted 2>said || fail "$form: $(cat said)"
    flat fitted | grep -q "cache hits, web/page → db cache/GET: 100 % (cache.hit of 100 of 100 calls)" || fail "$form: $(cat fitted)"
done

refused 2 "there is no format 'zipkin'" --traces x --trace-format zipkin
refused 2 "--trace-clock: expected ns, us or ms" --traces x --trace-clock s
refused 2 "--trace-sampling: expected more than 0" --traces x --trace-sampling 0
refused 2 "--trace-limit and --trace-slow: expected finite" --traces x --trace-limit=-1
refused 2 "--trace-count: expected 1" --traces x --trace-count 0
refused 2 "cannot both go to standard output" --traces - --json -
refused 4 "cannot be written" --traces nowhere/x.jsonl

# A request at each whole second is a timetable, and no clock of seconds: times keep what they are.
cat >seconds.yaml <<'END'
loadcast: model/1
processors: {c: {scheduling: inf}}
tasks:
  u: {processor: c, scheduling: open, arrivals: {deterministic: 1}, entries: {go: {calls: [page]}}}
  web: {processor: c, scheduling: inf, entries: {page: {phase1: {demand: {deterministic: 10 ms}, deterministic: true, calls: [read]}}}}
  db: {processor: c, scheduling: inf, entries: {read: {demand: 3 ms}}}
END
"$LOADCAST" simulate seconds.yaml --quiet --traces seconds.jsonl --trace-count 100 >/dev/null || fail "simulate gave $?"
"$LOADCAST" fit seconds.jsonl -o learned.yaml >out || fail "fit gave $?"
grep -q "web.page_self_2.demand  *100  *5.000 ± [0-9.e-]* ms  deterministic" out ||
    fail "a constant is not constant: $(grep page_self_2 out)"
if ls -A | grep -q '\.tmp$'; then fail "something is left behind"; fi
