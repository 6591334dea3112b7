#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A scenario as a model for others: its loads as a parameter (convert), or one level (run --model), in LQN XML and text.
set -u
. "$SOURCE/tests/support/cli.sh"

cat >model.yaml <<'MODEL'
loadcast: model/1
processors:
  host: {}
  store: {}
tasks:
  web:
    processor: host
    multiplicity: 8
    entries: {page: {demand: {gamma: {shape: 0.5, scale: 40 ms}}, calls: [{to: read}]}}
  db: {processor: store, entries: {read: {demand: 10 ms}}}
MODEL
cat >scenario.yaml <<'SCENARIO'
model: model.yaml
deployment: {services: {db: {concurrency: 2, cores: 2}}}
workloads:
  - {name: visitors, entry: page, rate: 10/s}
  - {name: robots, entry: page, rate: 5/s}
  - {name: staff, entry: page, users: 4, think_time: 1 s}
load: {factors: [1, 1.5]}
growth: {rate: 10 % / month, start: 2026-12-01, horizon: 2 months}
simulation: {replications: 2}
SCENARIO

for format in lqnx lqn; do
    run 0 convert scenario.yaml -o "model.$format"
    holds err "the gamma demand of 'page' is written as its mean and its squared variation 2"
    holds err "LQNS ends with a range error: it has no solution for 'web', a server of several threads that open and closed"
    holds "model.$format" '$load = [1, 1.5, 1.1, 1.21'
    run 0 simulate "model.$format" --precision 0.2 --format csv
    cp out "$format.csv"
    [ "$(wc -l <out)" = 5 ] || fail "the sweep of model.$format has other points than the scenario"
done
holds model.lqnx 'task name="db" scheduling="fcfs" multiplicity="2"'

sed '/^growth/d' scenario.yaml >levels.yaml
# A level is the same model as the scenario's at that factor, named or told as a number.
run 0 run levels.yaml --model level.yaml --at 1.5 --json verdict.json
run 0 convert level.yaml --to yaml
holds out 'multiplicity: 6'
run 0 run levels.yaml --model named.yaml --at '× 1.5' --json verdict.json
cmp -s level.yaml named.yaml || fail "a level by its name is another one than by its factor"

run 2 run levels.yaml --at 2
holds err '--model FILE is missing'
run 2 run levels.yaml --model x.lqnx --at sale
holds err "--at 'sale' is no level of the scenario; expected a factor above 0 or a name like '× 1'"
