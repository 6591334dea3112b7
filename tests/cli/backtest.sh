#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A system whose pool of two nobody states, recorded at two loads: the model of the quiet one holds with the pool, and with
# nothing stated the call to it is named.
set -u
. "$SOURCE/tests/support/cli.sh"

model() { # RATE
    cat <<END_OF_MODEL
loadcast: model/1
time_unit: s
processors: {c: {scheduling: inf}}
tasks:
  users: {processor: c, scheduling: open, arrivals: $1, entries: {u: {calls: [page], deterministic: true}}}
  web: {processor: c, multiplicity: infinite, entries: {page: {demand: {gamma: {shape: 4, scale: 0.005}}, calls: [read], deterministic: true}}}
  db: {processor: c, multiplicity: 2, entries: {read: {demand: {exponential: 0.1}}}}
END_OF_MODEL
}
model 0.25 >quiet.yaml
model 0.066667 >busy.yaml
command=simulate
run 0 quiet.yaml --quiet --seed 3 --precision '20 %' --traces quiet.jsonl --trace-count 2000
run 0 busy.yaml --quiet --seed 4 --precision '20 %' --traces busy.jsonl --trace-count 3000
command=
python3 - <<'END_OF_PYTHON'
import re
text = open('busy.jsonl').read() # an hour after the quiet one
text = re.sub(r'("(?:start|end)TimeUnixNano": *")(\d+)"', lambda m: f'{m.group(1)}{int(m.group(2)) + 3600 * 10**9}"', text)
open('busy.jsonl', 'w').write(re.sub(r'("(?:traceId|spanId|parentSpanId)": *")([0-9a-f])', lambda m: m.group(1) + '%x' % (int(m.group(2), 16) ^ 8), text))
END_OF_PYTHON

run 0 backtest quiet.jsonl busy.jsonl --json v.json --report page.html
holds out "The model holds up to 3.9"
holds out "db/read answers later than predicted"
check "the levels" '[l["learned"] for l in v["levels"]] == [True, False] and [l["holds"] for l in v["levels"]] == [True, False]'
check "the call" 'any(f["quantity"] == "call_time" and f["of"] == "db/read" and f["caller"] == "web/page" and f["difference"] > 0.5 and not f["inside"] for f in v["levels"][1]["figures"])'
check "a recorded figure and its interval" 'all(f["recorded95"][0] is None or f["recorded95"][0] <= f["recorded"] for l in v["levels"] for f in l["figures"])'
# Little's law holds of what was recorded: requests at db = calls a second × time of a call.
python='f = {(f["quantity"], f["of"]): f["recorded"] for f in v["levels"][1]["figures"] if f["percentile"] is None}'
check "Little's law" 'abs(f["present", "db"] / (f["throughput", "db"] * f["call_time", "db/read"]) - 1) < 0.01'
python=
holds page.html "<svg"
run 1 backtest quiet.jsonl busy.jsonl --tolerance '10 %' --quiet

cat >stated.yaml <<'END_OF_SCENARIO'
traces: [quiet.jsonl, busy.jsonl]
deployment: {services: {db: {concurrency: 2}}}
workloads: [{name: all, entry: web/page, rate: 4/s}]
END_OF_SCENARIO
run 0 backtest stated.yaml --tolerance '10 %' --json v.json
holds out "The model holds at all loads that were measured, up to 3."
check "nearly all figures are inside" 'v["holds"] and v["inside"] >= v["figures"] - 2 and v["figures"] >= 8'

refused 5 "the traces are of one load" backtest quiet.jsonl
refused 2 "no scenario is named, and no traces" backtest
exit $failures
