#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# What `run` says about wrong inputs and options, and with which status.
set -u
. "$SOURCE/tests/support/cli.sh"
command=run

cat >model.yaml <<'END'
loadcast: model/1
processors: {web-host: {scheduling: inf}}
tasks:
  web:
    processor: web-host
    entries: {page: {phase1: {demand: 100 ms}}, picture: {phase1: {demand: 50 ms}}}
END

refused 2 "no scenario is named, and no traces"
refused 2 "one scenario at a time, or only traces" a.yaml b.yaml
refused 2 "did you mean '--junit'?" --junt x a.yaml
refused 2 "is not a time" --max-time 5 a.yaml
refused 3 "nowhere.yaml" nowhere.yaml
refused 3 "model.yaml:1:1: expected a scenario, found a model" model.yaml
[ "$(grep -c ^ err)" = 1 ] || { fail "one line for a model"; cat err; }

# Several errors in one run, each with its place.
cat >wrong.yaml <<'END'
model: model.yaml
wrkloads: []
workloads:
  - {name: users, entry: page, rate: 5}
load: {factors: [1, two]}
END
refused 3 "wrong.yaml:2:1: a scenario has no key 'wrkloads'; did you mean 'workloads'?" wrong.yaml
refused 3 "wrong.yaml:4:38: 'rate' is '5'; expected a rate with its unit" wrong.yaml
refused 3 "wrong.yaml:5:21: a load factor is 'two'; expected a fraction" wrong.yaml

# scenario TEXT: a scenario on the model with this text.
scenario() {
    printf 'model: model.yaml\n%s\n' "$1" >s.yaml
}
scenario 'workloads: [{name: users, entry: pge, rate: 5/s}]'
refused 3 "s.yaml:2:34: the model has no entry 'pge'; did you mean 'page'?" s.yaml
scenario 'workloads: [{name: users, entry: frontend, rate: 5/s}]'
refused 3 "the model has no entry 'frontend'; expected one of page, picture" s.yaml
scenario 'workloads: [{name: web, entry: page, rate: 5/s}]'
refused 3 "workload 'web' has the name of a part of the system" s.yaml
scenario 'workloads: [{name: users, entry: page, rate: 5/s, where: {a: b}}]'
refused 3 "'where' tells requests of traces apart" s.yaml
scenario 'workloads: [{name: users, entry: page, rate: 5/s}]
goals: {load: {wb: 0.5}}'
refused 3 "s.yaml:3:16: there is no component 'wb'; did you mean 'web'?" s.yaml
scenario 'workloads: [{name: users, entry: page, rate: 5/s}]
deployment: {services: {wbe: {concurrency: 2}}}'
refused 3 "s.yaml:3:" s.yaml
scenario 'workloads: [{name: users, entry: page, rate: 5/s}]
growth: {rate: 10 % / month}'
refused 3 "s.yaml:3:9: 'growth' lacks 'start', the date of the load as it stands" s.yaml
scenario 'workloads: [{name: users, entry: page, rate: 5/s}]
what_if: [{name: more, change: {web.concurency: 2}}]'
refused 3 "s.yaml:3:33:" s.yaml

scenario 'workloads: [{name: users, entry: page, rate: 5/s}]
cost: {wb: {replica_hour: 1}}'
refused 3 "s.yaml:3:8: there is no component 'wb'; did you mean 'web'?" s.yaml
scenario 'workloads: [{name: users, entry: page, rate: 5/s}]
sweep: {web.concurency: [1, 2]}'
refused 3 "s.yaml:3:9: 'web' has no 'concurency'; did you mean 'concurrency'?" s.yaml

# On traces: names that match nothing are answered with those that exist.
cat >t.yaml <<END
traces: $SOURCE/scenarios/search/traces/full-seq-r1.otlp.jsonl.gz
workloads:
  - {name: a, entry: "gateway/GET /logn", rate: 1/s}
  - {name: b, entry: "nobody/GET /x/y/z", rate: 1/s}
  - {name: c, entry: "gateway/GET /search/:type", where: {url.path: "/nowhere*"}, rate: 1/s}
END
refused 3 "t.yaml:3:22: no request of the traces enters at 'gateway/GET /logn'; did you mean 'gateway/GET /login'?" \
    t.yaml
refused 3 "they enter at gateway/GET /login, gateway/GET /search/:type" t.yaml
refused 3 "t.yaml:5:5: workload 'c': no request to 'gateway/GET /search/:type' has 'url.path' like '/nowhere*'" \
    t.yaml

# An output that cannot be written.
scenario 'workloads: [{name: users, entry: page, rate: 5/s}]
simulation: {replications: 2}'
refused 4 "nofolder" s.yaml --json nofolder/x.json
