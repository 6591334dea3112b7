#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# What stands under `deployment` beside plain numbers: distributions, and policies of a workload's own calls.
set -u
. "$SOURCE/tests/support/cli.sh"
command=run

cat >model.yaml <<'END2'
loadcast: model/1
time_unit: s
processors: {cpu: {scheduling: inf}}
tasks: {t: {processor: cpu, multiplicity: 10, entries: {e: {demand: {deterministic: {value: 200 ms}}}}}}
END2

# scenario DEPLOYMENT-OF-T WORKLOAD'S-CALLS
scenario() {
    cat <<END2
model: model.yaml
deployment:
  services:
    t: {$1}
    visitors: {calls: {$2}}
workloads: [{name: visitors, entry: e, rate: 2/s}]
simulation: {replications: 4, run_time: 200 s, warmup: 20 s}
END2
}

# Every attempt is given up after 100 ms, and there are two.
scenario "" "t: {timeout: 100 ms, retries: {max: 1}}" >late.yaml
run 0 late.yaml --json v.json
"$PYTHON" -c "
import json, sys
r = json.load(open('v.json'))['points'][0]['result']
p = r['policies'][0]
w = r['workloads'][0]
sys.exit(not (p['from'] == 'visitors' and p['to'] == 't' and p['retries']['mean'] == 1 and w['failed']['mean'] == 1
              and abs(w['response_time']['mean'] - 0.2) < 1e-9))" || { fail "the workload's own timeout"; cat v.json; }
scenario "" "tt: {timeout: 100 ms}" >wrong.yaml
run 3 wrong.yaml
holds err "wrong.yaml:5:"

# A map says what the quoted text says.
scale="min: 1, max: 3, target_load: 10 %, period: 5 s"
scenario "scaling: {$scale, start_up: {gamma: {shape: 2, scale: 3 s}}}, failures: {up: {mean: 50 s, cv2: 0.5}, down: {hyperexponential: [{p: 0.5, mean: 1 s}, {p: 0.5, mean: 9 s}]}}" "t: {timeout: 9 s}" >map.yaml
scenario "scaling: {$scale, start_up: '{gamma: {shape: 2, scale: 3 s}}'}, failures: {up: '{mean: 50 s, cv2: 0.5}', down: '{hyperexponential: [{p: 0.5, mean: 1 s}, {p: 0.5, mean: 9 s}]}'}" "t: {timeout: 9 s}" >quoted.yaml
for name in map quoted; do
    run 0 $name.yaml --json $name.json
    untimed $name.json scenario >$name.plain
done
cmp -s map.plain quoted.plain || fail "a map is another distribution than its text"
sed 's/gamma: {shape/gamma: {shpe/' map.yaml >wrong.yaml
run 3 wrong.yaml
holds err "gamma has no key 'shpe'; did you mean 'shape'?"
scenario "scaling: {max: 0}" "t: {timeout: 9 s}" >wrong.yaml
run 3 wrong.yaml
holds err "'t.scaling.max' would become 0; expected a whole number from 1"
