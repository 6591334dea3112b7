#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The verdict on small models whose answers are known: exit statuses, the text, the JSON, the JUnit report.
set -u
. "$SOURCE/tests/support/cli.sh"
command=run

cat >model.yaml <<'END'
loadcast: model/1
processors: {web-host: {scheduling: inf}, db-host: {scheduling: inf}}
tasks:
  web:
    processor: web-host
    multiplicity: 50
    entries: {page: {phase1: {demand: 1 ms, deterministic: true, calls: [{to: query}]}}}
  db:
    processor: db-host
    entries: {query: {phase1: {demand: 100 ms}}}
END

# M/M/1 at 50 %: response 200 ms; full at twice the load; four times the load is overloaded.
cat >s.yaml <<'END'
name: small
model: model.yaml
workloads: [{name: users, entry: page, rate: 5/s}]
goals: {load: 0.7, response_time: {users: {mean: 300 ms, p95: 900 ms}}, throughput: {users: 4.8/s}}
simulation: {precision: 2 %}
END
run 0 s.yaml --json v.json --junit v.xml --json-summary summary.json
[ "$(head -1 out)" = "db saturates first, at load × 2.00 (10.0 requests/s); next is web at × 99.0. $(head -1 out | sed 's/.*Goals/Goals/')" ] ||
    fail "the first line is not the answer: $(head -1 out)"
holds out "Next: web at × 99.0."
# As Markdown: the answer, then tables.
"$LOADCAST" run s.yaml --markdown v.md >out 2>err || fail "no Markdown is written: $(cat err)"
[ "$(sed -n 3p v.md)" = "$(head -1 out)" ] || fail "the Markdown does not begin with the answer: $(head -4 v.md)"
grep -qx '| db | × 2.00 |  |' v.md || fail "the Markdown lacks what saturates: $(cat v.md)"
grep -qE '^\| mean response of users ≤ 300 ms \| × 1 \| met \| (19|20)[0-9]' v.md || fail "the Markdown lacks a goal: $(cat v.md)"
# As CSV, one figure a row: the figures of the JSON.
run 0 s.yaml --csv v.csv --json v.json
"$PYTHON" - <<'END_OF_PYTHON' || fail "the CSV is not the JSON: $(cat v.csv)"
import csv, json
rows, v = list(csv.DictReader(open('v.csv'))), json.load(open('v.json'))
assert rows and all(None not in r and None not in r.values() for r in rows)
of = lambda kind, quantity: [float(r['value']) for r in rows if (r['kind'], r['quantity']) == (kind, quantity)]
assert of('saturation', 'full at') == [l['factor'] for l in v['saturation']['limits']]
work = v['points'][0]['result']['workloads'][0]
assert abs(of('workload', 'mean')[0] - work['response_time']['mean']) < 1e-9
assert abs(of('workload', 'throughput')[0] - work['throughput']['mean']) < 1e-9
assert sum(r['met'] == 'met' for r in rows) == sum(g['met'] is True for g in v['points'][0]['goals'])
END_OF_PYTHON
holds out "met        load of every component ≤ 70.0 %"
holds out "met        p95 response of users ≤ 900 ms"
check "other schemas" "(v['schema'], v['points'][0]['result']['schema']) == ('loadcast.verdict/1', 'loadcast.result/1')"
check "the load of db" "[abs(g['value']['mean'] - 0.5) < 0.02 for g in v['points'][0]['goals'] if g.get('component') == 'db'] == [True]"
check "the factor of saturation" "abs(v['saturation']['factor'] - 2) < 0.001"
xmllint --noout v.xml || fail "the JUnit report is not well-formed"
holds v.xml 'tests="5" failures="0" errors="0"'
[ "$(grep -c '<testcase' v.xml)" -eq 5 ] || fail "the JUnit report has not five cases"

# Standard output is the JSON's alone.
run 0 s.yaml --quiet --json -
[ "$(head -c 1 out)" = "{" ] || fail "--json - does not begin with {"
[ ! -s err ] || fail "--quiet says something"

# What matters stands on top, and in a file of its own that is small whatever the names and however many the goals are.
check "the summary is on top" "list(v)[:2] == ['schema', 'summary'] and v['summary'] == json.load(open('summary.json'))['summary']"
check "the summary" "(lambda s: (s['goals_met'], s['missed'], s['saturation']['component'], s['saturation']['next']['component']) == (4, [], 'db', 'web'))(v['summary'])"
python3 - <<'END'
name = lambda i: '%02d of a name that is much too long to be read by anybody ' % i + 'é' * 200
open('names.yaml', 'w').write('model: model.yaml\nsimulation: {precision: 50 %}\nworkloads:\n' + ''.join(
    ' - {name: "%s", entry: page, rate: 0.02/s}\n' % name(i) for i in range(30)) + 'goals:\n  response_time:\n' + ''.join(
    '    "%s": {mean: 1 ms}\n' % name(i) for i in range(30)))
END
run 1 names.yaml --json-summary summary.json
[ "$(wc -c <summary.json)" -lt 10000 ] || fail "the summary has $(wc -c <summary.json) bytes"
check "counts are of all goals" "v['summary']['goals_missed'] == 30 and len(v['summary']['missed']) >= 5" summary.json

# The same question gets the same answer, on any number of threads; another seed another one.
run 0 s.yaml --jobs 1 --json a.json
run 0 s.yaml --jobs 2 --json b.json
untimed a.json >a
untimed b.json >b
cmp -s a b || fail "the result depends on the number of threads"
run 0 s.yaml --seed 2 --json b.json
untimed b.json >b
cmp -s a b && fail "the seed changes nothing"

# A goal is missed: status 1. Overload is recognised before anything is simulated.
cat >over.yaml <<'END'
model: model.yaml
workloads: [{name: users, entry: "web/page", rate: 5/s}]
load: {factors: [1, 4]}
what_if: [{name: two more, change: {db.concurrency: 3}}]
goals: {load: {db: 0.9}}
END
run 1 over.yaml --json v.json --junit v.xml
holds out "overloaded: db (size 1) would have to be busy 200.0 % of the time."
holds out "missed     load of db ≤ 90.0 %: at load × 4 db is overloaded; holds at load × 1"
holds out "What if: two more"
holds out "db saturates first, at load × 6.00"
check "the overload" "[abs(p['overload']['load'] - 2) < 0.001 for p in v['points'] if p['result'] is None][0]"
xmllint --noout v.xml || fail "the JUnit report of an overload is not well-formed"
holds v.xml '<failure message="db would be busy 200.0 % of the time, limit 100 %"/>'
holds v.xml 'limit 90.0 %"/>'

# The limit is the expected value itself, which so few replications do not decide. Status 5.
cat >tight.yaml <<'END'
model: model.yaml
workloads: [{name: users, entry: page, rate: 5/s}]
goals: {load: {db: 0.5}}
simulation: {replications: 10, run_time: 2000 s, warmup: 10 s}
END
run 5 tight.yaml --junit v.xml
holds out "undecided  load of db ≤ 50.0 %"
holds v.xml "<error "

# Customers who think: N = 10, Z = 0.9 s, D = 0.101 s: the knee is at (D + Z) / Dmax = 10.01 customers.
cat >closed.yaml <<'END'
model: model.yaml
workloads: [{name: people, entry: page, users: 10, think_time: 0.9 s}]
simulation: {precision: 2 %}
END
run 0 closed.yaml --json v.json
check "the knee" "abs(v['saturation']['factor'] - 1.001) < 0.001"
holds out "people 10 users"

# Levels of their own, and a mix.
cat >levels.yaml <<'END'
model: model.yaml
workloads:
  - {name: users, entry: page, rate: 1/s}
  - {name: both, mix: {page: 1, query: 3}, rate: 1/s}
load: {points: [{name: night, rates: {users: 1/s, both: 1/s}}, {name: day, rates: {users: 2/s, both: 4/s}}]}
simulation: {precision: 2 %}
END
run 0 levels.yaml --json v.json
holds out "load day: users 2.00/s, both 4.00/s"
holds out "of the load 'day'"
check "the saturation of named levels" "abs(v['saturation']['factor'] - 1.667) < 0.001"

# A model that brings its own sources: they are multiplied, and goals may be about them.
sed 's/entries: {page: {/entries: {page: {open_rate: 2\/s, /' model.yaml >own.yaml
cat >own-load.yaml <<'END'
model: own.yaml
load: {factors: [1, 2]}
goals: {response_time: {page: {mean: 1 s}}}
simulation: {precision: 5 %}
END
run 0 own-load.yaml
holds out "db saturates first, at load × 5.00"
sed 's/page: {mean/pgae: {mean/' own-load.yaml >wrong.yaml
run 3 wrong.yaml
holds err "wrong.yaml:3:38: there is no workload 'pgae'; expected one of page"

# A what-if on the same random numbers: M/M/1 at 90 %, then 5 % faster. The mean response goes from 0.1 / (1 − 0.9) = 1 s
# to (1 / 1.05) × 0.1 / (1 − 0.9 / 1.05) = 2/3 s. Five times is beyond doubt; a change of something else changes nothing.
cat >pair.yaml <<'END'
model: model.yaml
deployment: {services: {web: {kind: delay}}}
workloads: [{name: users, entry: page, rate: 9/s}]
what_if:
  - {name: faster, change: {db.demand: x 0.9523809523809523}}
  - {name: nothing, change: {web.cores: 1000000}}
simulation: {precision: 3 %}
END
run 0 pair.yaml --json v.json
# The difference is known better than two independent simulations tell it: their half-widths are 3 % of 1 s and of 2/3 s.
"$PYTHON" - <<'END_OF_PYTHON' || fail "pairs of runs"
import json
pairs = {(c['change'], c['quantity']): c for c in json.load(open('v.json'))['comparisons']}
faster = pairs['faster', 'response_time']
low, high = faster['simultaneous95']
assert low <= -1 / 3 <= high and faster['significant'] and high - low > 2 * faster['difference']['ci95'], faster
assert faster['difference']['ci95'] < 0.03, faster
load = pairs['faster', 'load']
assert -0.055 < load['difference']['mean'] < -0.03 and load['significant'], load
assert not pairs['faster', 'throughput']['significant']
same = pairs['nothing', 'response_time']
assert same['difference']['mean'] == 0 and not same['significant'], same
END_OF_PYTHON
holds out "on the same random numbers"
